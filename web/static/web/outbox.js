import { ApiError } from "./api.js";

const RETRY_FIRST = 500; // ms
const RETRY_MOST = 8000; // ms

/**
 * One act on its way to the server. `send` is called again with nothing changed when no answer came,
 * so it must carry a client_id. It reads the version it is made on when it is first called.
 * @template T
 * @typedef {object} Act
 * @property {string} label What a person did, for the saved state: "point", "undo".
 * @property {number | null} masklet Acts that wait on a masklet are dropped with the one that was refused as stale.
 * @property {() => Promise<T>} send
 * @property {(answer: T) => void} done
 * @property {(error: ApiError) => void} failed
 */

/** @typedef {{mode: "idle" | "sending" | "offline", waiting: number}} OutboxState */

/** Acts in the order they were made, one at a time: each builds on the version the one before it left. */
export class Outbox {
  /** @type {Act<any>[]} */
  #acts = [];
  #working = false;
  /** @type {OutboxState} */
  #state = { mode: "idle", waiting: 0 };
  /** @type {(() => void) | null} */
  #wake = null;

  /** @param {(state: OutboxState) => void} onState */
  constructor(onState) {
    this.onState = onState;
  }

  get isEmpty() {
    return this.#acts.length === 0;
  }

  /** @template T @param {Act<T>} act */
  add(act) {
    this.#acts.push(act);
    this.#say(this.#state.mode === "offline" ? "offline" : "sending");
    if (!this.#working) void this.#work();
  }

  /** Takes back acts that have not been sent. @param {number} masklet */
  dropFor(masklet) {
    const kept = this.#acts.filter((act, i) => i === 0 || act.masklet !== masklet);
    const dropped = this.#acts.filter((act) => !kept.includes(act));
    this.#acts = kept;
    const error = new ApiError(409, "stale_version", "Not sent: the masklet was changed elsewhere.");
    for (const act of dropped) act.failed(error);
  }

  /** Tries at once what waits for the server. */
  retryNow() {
    this.#wake?.();
  }

  async #work() {
    this.#working = true;
    for (let act = this.#acts[0]; act; act = this.#acts[0]) {
      await this.#deliver(act);
      this.#acts.shift();
      this.#say(this.#acts.length ? "sending" : "idle");
    }
    this.#working = false;
  }

  /** @param {Act<any>} act */
  async #deliver(act) {
    for (let delay = RETRY_FIRST; ; delay = Math.min(delay * 2, RETRY_MOST)) {
      try {
        const answer = await act.send();
        act.done(answer);
        return;
      } catch (caught) {
        const error = apiErrorOf(caught);
        if (!error.isTransient) {
          act.failed(error);
          return;
        }
      }
      this.#say("offline");
      await this.#pause(delay);
    }
  }

  /** @param {number} delay ms */
  #pause(delay) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve(undefined);
      };
      const timer = setTimeout(done, delay);
      this.#wake = done;
    });
  }

  /** @param {OutboxState["mode"]} mode */
  #say(mode) {
    this.#state = { mode, waiting: this.#acts.length };
    this.onState(this.#state);
  }
}

/** A fault of the page must not hold up the acts behind it. @param {unknown} caught */
function apiErrorOf(caught) {
  if (caught instanceof ApiError) return caught;
  reportError(caught);
  return new ApiError(400, "page_fault", "The page failed at this. Reload it if it happens again.");
}
