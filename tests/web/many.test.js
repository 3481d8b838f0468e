import assert from "node:assert/strict";
import { test } from "node:test";

import { forMany } from "../../web/static/web/ui/many.js";

test("what fails stops nothing else, and is told of", async () => {
  /** @type {number[]} */
  const done = [];
  /** @type {number[]} */
  const told = [];
  const act = async (/** @type {number} */ item) => {
    await Promise.resolve();
    if (item % 5 === 0) throw new Error(`not ${item}`);
    done.push(item);
  };
  const errors = await forMany([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], act, (count) => told.push(count));
  assert.deepEqual(done.sort((a, b) => a - b), [1, 2, 3, 4, 6, 7, 8, 9]);
  assert.deepEqual(errors.map(String), ["Error: not 5", "Error: not 10"]);
  assert.deepEqual(told, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("no more than a few are under way at a time", async () => {
  let most = 0;
  let now = 0;
  await forMany([...Array(20).keys()], async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
  }, () => undefined);
  assert.equal(most, 4);
});
