/** Looking again while something is under way. */

const HIDDEN_FACTOR = 6; // a page nobody sees asks this much less often

/**
 * Calls `look` once, then again after the wait it gave back. Failures make the next look later, never stop it.
 * @param {() => Promise<number | null>} look gives ms until the next look, or null to rest until `poke`
 * @returns {{poke: () => void}} `poke` looks at once
 */
export function poll(look) {
  let timer = 0;
  let failures = 0;
  let turn = 0;
  async function run() {
    clearTimeout(timer);
    const mine = ++turn;
    /** @type {number | null} */
    let wait;
    try {
      wait = await look();
      failures = 0;
    } catch {
      failures += 1;
      wait = Math.min(30_000, 1000 * 2 ** failures);
    }
    if (mine === turn && wait !== null) timer = setTimeout(run, document.hidden ? wait * HIDDEN_FACTOR : wait);
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && timer) void run(); });
  void run();
  return { poke: () => void run() };
}
