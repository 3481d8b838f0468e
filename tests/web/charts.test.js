import assert from "node:assert/strict";
import { test } from "node:test";

import { roundUp, sayNumber } from "../../web/static/web/charts.js";

test("an axis ends at a round number that holds every value", () => {
  assert.deepEqual([0, 0.2, 1, 7, 12, 37.8, 100, 1200].map(roundUp), [1, 0.2, 1, 8, 15, 40, 100, 1500]);
});

test("numbers are said with as many digits as they carry", () => {
  assert.deepEqual([null, undefined, 3, 4.5, 23.25, 1234567, 0, 0.00417].map(sayNumber), ["–", "–", "3", "4.50", "23.3", "1,234,567", "0", "0.0042"]);
});
