import assert from "node:assert/strict";
import test from "node:test";
import { overlapOf } from "../../web/static/web/review/difference.js";
import { countsOf } from "../../web/static/web/rle.js";

test("the overlap of two masks is their intersection over their union", () => {
  const first = countsOf([2, 4, 10]); // pixels 2 to 5 of 16
  const second = countsOf([4, 4, 8]); // 4 to 7
  assert.equal(overlapOf(first, second), 2 / 6);
  assert.equal(overlapOf(second, first), 2 / 6);
  assert.equal(overlapOf(first, first), 1);
});

test("masks of several runs, and of none, are compared pixel by pixel", () => {
  const comb = countsOf([0, 1, 1, 1, 1, 1, 1]); // 0, 2, 4
  const full = countsOf([0, 6]);
  const empty = countsOf([6]);
  assert.equal(overlapOf(comb, full), 3 / 6);
  assert.equal(overlapOf(comb, empty), 0);
  assert.equal(overlapOf(empty, empty), 1);
});
