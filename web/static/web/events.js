/** @import {SessionEvent} from "./types.js" */

const RETRY_FIRST = 500; // ms
const RETRY_MOST = 10_000; // ms
const SILENCE_MOST = 40_000; // ms; the server speaks every 15 s
const EVENT_TYPES = new Set(["change", "masks", "propagation", "masklet", "session", "click_failed", "thread", "reset"]);

/** @typedef {{id: string, event: string, data: string}} Message */

/** Messages of a text/event-stream, fed in pieces of any length. */
export class MessageParser {
  #rest = "";
  /** @type {string[]} */
  #data = [];
  #event = "";
  #id = "";

  /** The messages that this piece completes. @param {string} piece @returns {Message[]} */
  feed(piece) {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#take(line) ?? []);
  }

  /** @param {string} line @returns {Message | null} */
  #take(line) {
    if (line === "") return this.#finish();
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id") this.#id = value;
    return null;
  }

  #finish() {
    const message = this.#data.length ? { id: this.#id, event: this.#event, data: this.#data.join("\n") } : null;
    this.#data = [];
    this.#event = "";
    return message;
  }
}

/**
 * @typedef {object} StreamListener
 * @property {(event: SessionEvent) => void} event
 * @property {(connected: boolean) => void} connection
 * @property {(status: number) => void} refused The server answered, but with no stream: the session is closed or not ours.
 */

/**
 * The session's events, resumed after a lost connection from the last one that came.
 *
 * Read with fetch: an EventSource can send no Last-Event-ID on its first connection, and so would
 * miss what happened between the snapshot and the stream; nor does it tell a silent line from a dead one.
 */
export class EventStream {
  #stopped = false;
  #abort = new AbortController();

  /** @param {string} url @param {string} lastEventId @param {StreamListener} listener */
  constructor(url, lastEventId, listener) {
    this.url = url;
    this.lastEventId = lastEventId;
    this.listener = listener;
    void this.#run();
  }

  stop() {
    this.#stopped = true;
    this.#abort.abort();
  }

  async #run() {
    let delay = RETRY_FIRST;
    while (!this.#stopped) {
      const status = await this.#connect();
      if (this.#stopped) return;
      this.listener.connection(false);
      if (status >= 400 && status < 500 && status !== 429) {
        this.listener.refused(status);
        return;
      }
      delay = status === 200 ? RETRY_FIRST : Math.min(delay * 2, RETRY_MOST);
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }

  /** Reads until the connection ends; the status it was answered with, 0 for none. */
  async #connect() {
    this.#abort = new AbortController();
    const headers = { Accept: "text/event-stream", "Last-Event-ID": this.lastEventId };
    let status = 0;
    try {
      const init = { headers, signal: this.#abort.signal, credentials: /** @type {const} */ ("same-origin") };
      const response = await fetch(this.url, { ...init, cache: "no-store" });
      status = response.status;
      if (!response.ok || !response.body) return status;
      this.listener.connection(true);
      await this.#read(response.body);
    } catch {
      // Lost, or cut for its silence: #run tries again.
    }
    return status;
  }

  /** @param {ReadableStream<Uint8Array>} body */
  async #read(body) {
    const parser = new MessageParser();
    const reader = body.getReader();
    const text = new TextDecoder();
    for (;;) {
      const watchdog = setTimeout(() => this.#abort.abort(), SILENCE_MOST);
      const { done, value } = await reader.read().finally(() => clearTimeout(watchdog));
      if (done || this.#stopped) return;
      for (const message of parser.feed(text.decode(value, { stream: true }))) this.#deliver(message);
    }
  }

  /** @param {Message} message */
  #deliver(message) {
    if (message.id) this.lastEventId = message.id;
    if (!EVENT_TYPES.has(message.event)) return;
    const event = { type: message.event, id: message.id, data: JSON.parse(message.data) };
    this.listener.event(/** @type {SessionEvent} */ (event));
  }
}
