/** The same act on many things, a few at a time. */

const AT_ONCE = 4;

/**
 * Goes on where one fails.
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<unknown>} act
 * @param {(done: number) => void} tell how many are through
 * @returns {Promise<unknown[]>} what failed
 */
export async function forMany(items, act, tell) {
  /** @type {unknown[]} */
  const errors = [];
  const left = [...items];
  let done = 0;
  const go = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await act(item).catch((error) => errors.push(error));
      tell(++done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, go));
  return errors;
}
