/** Counts which frame was on the screen for how long while somebody looked, and tells the server. */

import { ApiError, request } from "./api.js";
import { csrfToken } from "./ui/csrf.js";

const IDLE = 15_000; // ms after a key or a movement from which nobody is taken to look any more
const SEND = 10_000; // ms between tellings
const SIGNS = /** @type {const} */ (["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]);

/**
 * What is on the screen.
 * @typedef {object} Look
 * @property {string} session The session's address.
 * @property {number | null} masklet The one that is worked on or judged.
 * @property {number | null} frame Null while its picture is not there.
 * @property {boolean} playing Play is a sign of the person by itself.
 */

/** @typedef {{session: string, masklet: number | null, active: number, shown: Map<number, number>}} Counted */
/** @typedef {{masklet: number | null, active_ms: number, shown: Record<string, number>}} Told */

/**
 * Time counts while the page is visible and the person gave a sign of themselves (a key, a pointer, play)
 * within the last 15 s.
 */
export class Attention {
  /** @type {Look | null} */
  #look = null;
  /** @type {Map<string, Counted>} */
  #counted = new Map();
  #since = performance.now();
  #sign = performance.now();
  #timer = setInterval(() => void this.flush(), SEND);

  constructor() {
    for (const sign of SIGNS) addEventListener(sign, this.#onSign, { capture: true, passive: true });
    document.addEventListener("visibilitychange", this.#onVisibility);
    addEventListener("pagehide", this.#onLeave);
  }

  /** What is on the screen from now on. @param {Look} look */
  look(look) {
    this.#settle();
    this.#look = look;
  }

  /** Tells the server all that was counted; resolves when it knows, or cannot be told now. */
  async flush() {
    this.#settle();
    await Promise.all(this.#taken().map(([counted, body]) => this.#send(counted, body)));
  }

  /** Ends the counting, and tells the rest of it while the page goes away. */
  stop() {
    this.#onLeave();
    this.#look = null;
    clearInterval(this.#timer);
    for (const sign of SIGNS) removeEventListener(sign, this.#onSign, { capture: true });
    document.removeEventListener("visibilitychange", this.#onVisibility);
    removeEventListener("pagehide", this.#onLeave);
  }

  #onSign = () => {
    this.#settle();
    this.#sign = performance.now();
  };

  #onVisibility = () => {
    // What has passed by now belongs to the page as it was before.
    this.#settle(document.hidden);
    if (document.hidden) this.#onLeave();
  };

  #onLeave = () => {
    this.#settle();
    for (const [{ session }, body] of this.#taken()) {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
      void fetch(`${session}/attention`, { method: "POST", body: JSON.stringify(body), headers, keepalive: true }).catch(() => undefined);
    }
  };

  /** Counts the time since the last settling for what was on the screen. @param {boolean} visible Whether the page was. */
  #settle(visible = !document.hidden) {
    const now = performance.now();
    if (this.#look?.playing) this.#sign = now;
    const ms = Math.min(now, this.#sign + IDLE) - this.#since;
    this.#since = now;
    if (!this.#look || !visible || ms <= 0) return;
    const counted = this.#of(this.#look);
    counted.active += ms;
    if (this.#look.frame !== null) counted.shown.set(this.#look.frame, (counted.shown.get(this.#look.frame) ?? 0) + ms);
  }

  /** @param {Look | Counted} look @returns {Counted} */
  #of({ session, masklet }) {
    const key = `${session} ${masklet}`;
    const counted = this.#counted.get(key) ?? { session, masklet, active: 0, shown: new Map() };
    this.#counted.set(key, counted);
    return counted;
  }

  /** Takes whole milliseconds out of what was counted. @returns {[Counted, Told][]} */
  #taken() {
    /** @type {[Counted, Told][]} */
    const found = [];
    for (const counted of this.#counted.values()) {
      /** @type {Told} */
      const body = { masklet: counted.masklet, active_ms: Math.floor(counted.active), shown: {} };
      counted.active -= body.active_ms;
      for (const [frame, ms] of counted.shown) {
        const whole = Math.floor(ms);
        if (whole > 0) body.shown[frame] = whole;
        counted.shown.set(frame, ms - whole);
      }
      if (body.active_ms > 0 || Object.keys(body.shown).length > 0) found.push([counted, body]);
    }
    return found;
  }

  /** @param {Counted} counted @param {Told} body */
  async #send(counted, body) {
    try {
      await request("POST", `${counted.session}/attention`, body);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!error.isTransient) return; // the session is over: there is nowhere to count it
      const again = this.#of(counted);
      again.active += body.active_ms;
      for (const [frame, ms] of Object.entries(body.shown)) again.shown.set(Number(frame), (again.shown.get(Number(frame)) ?? 0) + ms);
    }
  }
}
