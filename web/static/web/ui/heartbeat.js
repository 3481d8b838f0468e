/** Keeps a session's hold while its page is open. */

/** @import {SessionApi} from "../api.js" */
import { ApiError } from "../api.js";

const BEAT = 10_000; // ms

/**
 * Beats until `stop`, or until the hold is lost.
 * @param {SessionApi} session
 * @param {{lost: (message: string) => void, reached: (reached: boolean) => void}} listener `reached`: whether the server answers
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
      if (error instanceof ApiError && !error.isTransient && error.status !== 429) {
        stop();
        lost(error.message);
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
