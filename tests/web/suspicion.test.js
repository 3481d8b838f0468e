import assert from "node:assert/strict";
import { test } from "node:test";

import { nextWorstFrame, suspicionOf } from "../../web/static/web/selectors.js";

const mask = (frame_index, suspicion) => ({ masklet: 1, frame_index, state: "predicted", human: suspicion === null, counts: "", area: 1, score: 1, suspicion, change: 1 });
const MASKS = [mask(0, null), mask(4, 0.3), mask(8, 0.9), mask(12, 0.05), mask(16, 0.9), mask(20, 0)];

test("the worst frame comes first, then the next worst, then the worst again", () => {
  assert.equal(nextWorstFrame(MASKS, 0), 8);
  assert.equal(nextWorstFrame(MASKS, 8), 16);
  assert.equal(nextWorstFrame(MASKS, 16), 4);
  assert.equal(nextWorstFrame(MASKS, 4), 8);
});

test("from a frame that is not suspicious one goes to the worst", () => {
  assert.equal(nextWorstFrame(MASKS, 20), 8);
  assert.equal(nextWorstFrame(MASKS, 12), 8);
});

test("there is nowhere to go where nothing is suspicious", () => {
  assert.equal(nextWorstFrame([mask(0, null), mask(4, 0.09)], 0), null);
  assert.equal(nextWorstFrame([], 0), null);
});

test("a little suspicion, a person's mask and no mask are not shown", () => {
  assert.deepEqual([mask(0, 0.09), mask(0, null), null, undefined].map(suspicionOf), [0, 0, 0, 0]);
  assert.equal(suspicionOf(mask(0, 0.1)), 0.1);
});
