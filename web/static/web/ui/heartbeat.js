/** Keeps a session's hold while its page is open. */

/** @import {SessionApi} from "../api.js" */
import { ApiError } from "../api.js";
import { csrfToken } from "./csrf.js";

const BEAT = 10_000; // ms

/**
 * Beats until `stop`, or until the hold is lost.
 * @param {SessionApi} session
 * @param {{lost: () => void, reached: (reached: boolean) => void}} listener `reached`: whether the server answers
 * @returns {{stop: () => void}}
 */
export function keepHold(session, { lost, reached }) {
  let stopped = false;
  async function beat() {
    if (stopped) return;
    try {
      await session.heartbeat();
      reached(true);
    } catch (error) {
      if (error instanceof ApiError && !error.isTransient) {
        stop();
        lost();
      } else {
        reached(false);
      }
    }
  }
  const timer = setInterval(beat, BEAT);
  const stop = () => {
    stopped = true;
    clearInterval(timer);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) void beat(); });
  return { stop };
}

/** Lets a session go while its page goes away; nobody waits for the answer. @param {SessionApi} session */
export function letGo(session) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  void fetch(`${session.url}/close`, { method: "POST", body: "{}", headers, keepalive: true }).catch(() => undefined);
}
