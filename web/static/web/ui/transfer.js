/** One file on its way to the server: hashed, sent in pieces, paused, resumed, tried again. */

/** @import {Upload, VideoMetadata} from "../types.js" */
import { ApiError } from "../api.js";
import { sendChunk } from "./chunk.js";
import { messageOf } from "./dialogs.js";
import { hashFile } from "./hash.js";
import { api } from "./page_api.js";
import { forget, keyOf, remember } from "./upload_memory.js";

const PIECE = 8 * 1024 * 1024; // bytes
const RETRY_FIRST = 1000; // ms
const RETRY_MOST = 30_000; // ms
const REFUSED = "upload_refused";
const SPEED_WINDOW = 5000; // ms over which the speed is averaged

/** @typedef {"waiting" | "hashing" | "sending" | "retrying" | "paused" | "done" | "failed"} TransferState */

export class Transfer {
  /** @type {TransferState} */
  state = "waiting";
  message = "";
  hashed = 0; // bytes
  sent = 0; // bytes the server has, and those on their way
  /** @type {number | null} */
  video = null;
  /** @type {Upload["id"] | null} */
  #id;
  #sha256 = "";
  #abort = new AbortController();
  /** @type {{at: number, sent: number}[]} */
  #samples = [];

  /**
   * @param {string} slug
   * @param {File} file
   * @param {Partial<VideoMetadata>} metadata
   * @param {{id: Upload["id"] | null, onChange: (transfer: Transfer) => void}} options `id` of an upload begun earlier
   */
  constructor(slug, file, metadata, { id, onChange }) {
    this.slug = slug;
    this.file = file;
    this.key = keyOf(file);
    this.metadata = metadata;
    this.#id = id;
    this.onChange = onChange;
  }

  /** Bytes per second lately, 0 while it is not known. */
  get speed() {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at === first.at) return 0;
    return Math.max(0, ((last.sent - first.sent) * 1000) / (last.at - first.at));
  }

  get isOver() {
    return this.state === "done" || this.state === "failed";
  }

  /** Sends until it is there, paused or refused. */
  async run() {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    let delay = RETRY_FIRST;
    while (!signal.aborted && !this.isOver) {
      const before = this.sent;
      try {
        await this.#attempt(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(await this.#mayTryAgain(error))) return this.#fail(error);
      }
      delay = this.sent > before ? RETRY_FIRST : Math.min(delay * 2, RETRY_MOST);
      await pause(delay, signal);
    }
  }

  pause() {
    this.#abort.abort();
    this.#set("paused");
  }

  /** Stops, and takes back what the server has of it. */
  async cancel() {
    this.#abort.abort();
    forget(this.slug, this.key);
    if (this.#id !== null && this.state !== "done") await api.uploads.cancel(this.#id).catch(() => undefined);
  }

  /** @param {AbortSignal} signal */
  async #attempt(signal) {
    let upload = await this.#begin(signal);
    this.#samples = [];
    while (upload.state === "receiving") {
      this.#progress(upload.offset);
      const { offset } = upload;
      const piece = this.file.slice(offset, offset + PIECE);
      upload = await sendChunk(upload.id, offset, piece, { signal, onProgress: (bytes) => this.#progress(offset + bytes) });
    }
    if (upload.state === "refused") throw new ApiError(422, REFUSED, upload.error ?? "The file was refused.");
    forget(this.slug, this.key);
    this.sent = this.file.size;
    this.video = upload.video;
    this.#set("done");
  }

  /** @param {AbortSignal} signal @returns {Promise<Upload>} */
  async #begin(signal) {
    if (this.#id !== null) {
      const upload = await api.uploads.get(this.#id);
      this.#set("sending");
      return upload;
    }
    if (!this.#sha256) {
      this.#set("hashing");
      this.#sha256 = await hashFile(this.file, { signal, onProgress: (bytes) => { this.hashed = bytes; this.onChange(this); } });
    }
    const { name, size } = this.file;
    const upload = await api.uploads.create(this.slug, { filename: name, size, sha256: this.#sha256, metadata: this.metadata });
    this.#id = upload.id;
    remember(this.slug, { key: this.key, id: upload.id, name, size });
    this.#set("sending");
    return upload;
  }

  /** @param {unknown} error */
  async #mayTryAgain(error) {
    if (!(error instanceof ApiError)) return false;
    if (error.status === 404 && this.#id !== null) { // The server has dropped it: begin anew.
      forget(this.slug, this.key);
      this.#id = null;
      return true;
    }
    if (error.code === "wrong_offset") return true; // The next attempt asks where the server is.
    if (!error.isTransient) return false;
    this.#set("retrying", error.message);
    return true;
  }

  /** @param {unknown} error */
  #fail(error) {
    if (error instanceof ApiError && error.code === REFUSED) { // The server is done with it: another try begins anew.
      forget(this.slug, this.key);
      this.#id = null;
    }
    this.#set("failed", messageOf(error));
  }

  /** @param {number} sent */
  #progress(sent) {
    const now = performance.now();
    this.sent = sent;
    this.#samples = [...this.#samples.filter(({ at }) => now - at < SPEED_WINDOW), { at: now, sent }];
    this.onChange(this);
  }

  /** @param {TransferState} state */
  #set(state, message = "") {
    this.state = state;
    this.message = message;
    this.onChange(this);
  }
}

/** Waits, or less long when the network comes back. @param {number} delay ms @param {AbortSignal} signal */
function pause(delay, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve(undefined);
    };
    const timer = setTimeout(done, delay);
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}
