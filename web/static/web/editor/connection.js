import { ApiError } from "../api.js";
import { EventStream } from "../events.js";

/**
 * @import {SessionApi} from "../api.js"
 * @import {SessionEvent, Snapshot} from "../types.js"
 */

const HEARTBEAT = 10_000; // ms

/**
 * @typedef {object} ConnectionListener
 * @property {(event: SessionEvent) => void} event
 * @property {(connected: boolean) => void} connected
 * @property {(snapshot: Snapshot) => void} snapshot
 * @property {() => void} lost The session is ours no longer.
 * @property {() => void} signedOut
 */

/** Keeps the hold on the video and the stream of its events. */
export class Connection {
  /** @type {EventStream | null} */
  #stream = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #refreshing = false;
  #stopped = false;

  /** @param {SessionApi} api @param {ConnectionListener} listener */
  constructor(api, listener) {
    this.api = api;
    this.listener = listener;
  }

  /** @param {string} lastEventId Of the snapshot that is shown. */
  start(lastEventId) {
    this.#listen(lastEventId);
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT);
    document.addEventListener("visibilitychange", this.#onVisible);
  }

  stop() {
    this.#stopped = true;
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#onVisible);
    this.#stream?.stop();
  }

  /** Fetches what stands, in place of what the page believes. */
  async refresh() {
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      const snapshot = await this.api.snapshot();
      if (this.#stopped) return;
      this.listener.snapshot(snapshot);
      this.#listen(snapshot.last_event_id);
    } catch (error) {
      this.#failed(error);
    }
    this.#refreshing = false;
  }

  /** @param {string} lastEventId */
  #listen(lastEventId) {
    this.#stream?.stop();
    this.#stream = new EventStream(this.api.eventsUrl, lastEventId, {
      event: (event) => {
        if (event.type === "reset") void this.refresh();
        else this.listener.event(event);
      },
      connection: this.listener.connected,
      refused: (status) => this.#failed(new ApiError(status, "refused", "")),
    });
  }

  // Browsers slow down the timers of hidden pages.
  #onVisible = () => {
    if (!document.hidden) void this.#beat();
  };

  async #beat() {
    try {
      await this.api.heartbeat();
    } catch (error) {
      if (!(error instanceof ApiError && error.isTransient)) this.#failed(error);
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.isTransient || this.#stopped) return; // an answer that comes late is about a hold that is gone
    this.stop();
    if (error.status === 401) this.listener.signedOut();
    else this.listener.lost();
  }
}
