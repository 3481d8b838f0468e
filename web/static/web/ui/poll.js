/** Looking again while something is under way. */

import { ApiError } from "../api.js";
import { messageOf, toast, toastError } from "./dialogs.js";
import { fill } from "./dom.js";
import { failedState } from "./parts.js";

const FIRST_WAIT = 1000; // ms after a failure, doubled by each one that follows
const LONGEST_WAIT = 30_000; // ms
const REFUSALS = new Set([401, 403, 404]); // asking again would not help
const FAILURES_TOLD = 2; // one after the other, before what is shown is called old
const HIDDEN_FACTOR = 6; // a page nobody sees asks this much less often

/**
 * Calls `look` once, then again after the wait it gave back. Failures make the next look later; a refusal ends it.
 * Until the first success `place` is busy, and says what failed.
 * @param {() => Promise<number | null>} look gives ms until the next look, or null to rest until `poke`
 * @param {HTMLElement} place what `look` fills
 * @returns {{poke: () => void}} `poke` looks at once
 */
export function poll(look, place) {
  let timer = 0;
  let failures = 0;
  let turn = 0;
  let seen = false;
  async function run() {
    clearTimeout(timer);
    const mine = ++turn;
    /** @type {number | null} */
    let wait;
    try {
      wait = await look();
      failures = 0;
      seen = true;
      place.setAttribute("aria-busy", "false");
    } catch (error) {
      if (!seen) {
        fill(place, failedState(error, run));
        place.setAttribute("aria-busy", "false");
      }
      if (error instanceof ApiError && REFUSALS.has(error.status)) return seen ? toastError(error) : undefined;
      failures += 1;
      if (seen && failures === FAILURES_TOLD) toast(`${messageOf(error)} What this page shows may be old; it asks again by itself.`);
      wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures);
    }
    if (mine === turn && wait !== null) timer = setTimeout(run, document.hidden ? wait * HIDDEN_FACTOR : wait);
    return undefined;
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && timer) void run(); });
  void run();
  return { poke: () => void run() };
}
