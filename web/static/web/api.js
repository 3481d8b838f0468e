import { csrfToken } from "./ui/csrf.js";

/**
 * The way to the server, and the calls of a session (docs/api.md).
 * @import {
 *   Change, Masklet, NewPrompt, Propagation, PropagationRequest, Session, Snapshot, VerdictRequest,
 * } from "./types.js"
 */

const TIMEOUT = 20_000; // ms
const TRY_AGAIN = new Set([429, 502, 503, 504]);

/** An answer that is not a success. Programs switch on `code`; `message` is a sentence for people. */
export class ApiError extends Error {
  /** @param {number} status 0 when no answer came. @param {string} code @param {string} message @param {Record<string, any>} data */
  constructor(status, code, message, data = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.data = data;
  }

  /** Whether the same request may succeed when it is sent again: no answer came, a part was missing, or it was too soon. */
  get isTransient() {
    return this.status === 0 || TRY_AGAIN.has(this.status);
  }
}

/** @param {string} method @param {object | undefined} data @returns {RequestInit} */
function requestInit(method, data) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (data) headers["Content-Type"] = "application/json";
  return { method, body: data ? JSON.stringify(data) : null, credentials: "same-origin", headers, signal: AbortSignal.timeout(TIMEOUT) };
}

/** @param {Response} response */
async function errorOf(response) {
  /** @type {Record<string, any>} */
  let data = {};
  try {
    data = await response.json();
  } catch {
    // A proxy's own page, not ours: the status alone speaks.
  }
  const message = data.message ?? `The server answered ${response.status}. Try again.`;
  return new ApiError(response.status, data.code ?? `http_${response.status}`, message, data);
}

/**
 * The answer's JSON, null when it has none.
 * Throws ApiError: status 0 and code `offline` when no answer came.
 * @param {string} method
 * @param {string} url
 * @param {object} [data] Sent as JSON.
 * @returns {Promise<any>}
 */
export async function request(method, url, data) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, requestInit(method, data));
  } catch {
    throw new ApiError(0, "offline", "The server cannot be reached.");
  }
  if (!response.ok) throw await errorOf(response);
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw new ApiError(0, "offline", "The server's answer broke off.");
  }
}

/** A name for an act, made by the page, so that it is sent again without happening twice. */
export function newClientId() {
  return crypto.randomUUID ? crypto.randomUUID() : uuidOf(crypto.getRandomValues(new Uint8Array(16)));
}

/** Browsers keep randomUUID from plain-http pages of other machines. @param {Uint8Array} bytes */
function uuidOf(bytes) {
  bytes[6] = (/** @type {number} */ (bytes[6]) & 0x0f) | 0x40;
  bytes[8] = (/** @type {number} */ (bytes[8]) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** @typedef {{base_version: number, client_id?: string}} Base */
/** @typedef {{frames: number[]} | {first: number, last: number}} Frames */
/** @typedef {{id: number, base_version: number}[]} Based */

/** @typedef {number | string} Id */

/** Opens an annotator's session on a video, or takes up one's own. @param {Id} video @returns {Promise<Snapshot>} */
export const openAnnotate = (video) => request("POST", `/api/videos/${video}/sessions`, {});

/** Opens a reviewer's session on a submitted masklet, or takes up one's own. @param {Id} masklet @returns {Promise<Snapshot>} */
export const openVerify = (masklet) => request("POST", `/api/masklets/${masklet}/sessions`, {});

/** A session that is open already. @param {Id} session @returns {Promise<Snapshot>} */
export const openSession = (session) => request("GET", `/api/sessions/${session}`);

/** What may be asked of one session. Each call throws ApiError. */
export class SessionApi {
  /** @param {Session["id"]} id */
  constructor(id) {
    this.url = `/api/sessions/${id}`;
    this.eventsUrl = `${this.url}/events`;
  }

  /** @returns {Promise<Snapshot>} */
  snapshot = () => request("GET", this.url);

  /** @returns {Promise<{lease_until: string}>} */
  heartbeat = () => this.#post("heartbeat", {});

  /** @returns {Promise<null>} */
  close = () => this.#post("close", {});

  /** @param {{name?: string, client_id?: string}} data @returns {Promise<Masklet>} */
  createMasklet = (data) => this.#post("masklets", data);

  /** @param {number} masklet @param {Base & {name?: string, color?: number}} data @returns {Promise<Masklet>} */
  changeMasklet = (masklet, data) => request("PATCH", `${this.url}/masklets/${masklet}`, data);

  /** @param {number} masklet @param {Base} data @returns {Promise<Masklet>} */
  deleteMasklet = (masklet, data) => request("DELETE", `${this.url}/masklets/${masklet}`, data);

  /** @param {number} masklet @returns {Promise<Masklet>} */
  restoreMasklet = (masklet) => this.#post(`masklets/${masklet}/restore`, {});

  /** @param {number} masklet @param {Base & {frame_index: number, prompts: NewPrompt[]}} data @returns {Promise<Change>} */
  addPrompts = (masklet, data) => this.#post(`masklets/${masklet}/prompts`, data);

  /** @param {number} masklet @param {number} prompt @param {Base} data @returns {Promise<Change>} */
  removePrompt = (masklet, prompt, data) => this.#post(`masklets/${masklet}/prompts/${prompt}/remove`, data);

  /** @param {number} masklet @param {"accept" | "absent" | "clear"} verb @param {Base & Frames} data @returns {Promise<Change>} */
  mark = (masklet, verb, data) => this.#post(`masklets/${masklet}/${verb}`, data);

  /** @param {number} masklet @param {"undo" | "redo"} verb @param {Base} data @returns {Promise<Change>} */
  step = (masklet, verb, data) => this.#post(`masklets/${masklet}/${verb}`, data);

  /** @param {PropagationRequest & {client_id?: string}} data @returns {Promise<Propagation>} */
  propagate = (data) => this.#post("propagations", data);

  /** @param {number} propagation @returns {Promise<Propagation>} */
  stop = (propagation) => this.#post(`propagations/${propagation}/stop`, {});

  /** @param {{masklets: Based, client_id?: string}} data @returns {Promise<{masklets: Masklet[]}>} */
  submit = (data) => this.#post("submit", data);

  /** Ends a selection: the ids of the masklets that go on to be tracked. @returns {Promise<{masklets: number[]}>} */
  selection = () => this.#post("selection", {});

  /** @param {{left: boolean, note: string}} data @returns {Promise<null>} */
  exhaustivity = (data) => this.#post("exhaustivity", data);

  /** @param {VerdictRequest & {client_id?: string}} data @returns {Promise<Masklet>} */
  verdict = (data) => this.#post("verdict", data);

  /** @param {string} path @param {object} data */
  #post(path, data) {
    return request("POST", `${this.url}/${path}`, data);
  }
}
