import assert from "node:assert/strict";
import { test } from "node:test";

import { contoursOf } from "../../web/static/web/contours.js";

const bitmapOf = (...rows) => Uint8Array.from(rows.join(""), (pixel) => (pixel === "#" ? 1 : 0));

/** Twice the area that a contour encloses, positive for outer borders. */
const doubleArea = (contour) => {
  let sum = 0;
  for (let i = 0; i < contour.length; i += 2) {
    const j = (i + 2) % contour.length;
    sum += contour[i] * contour[j + 1] - contour[j] * contour[i + 1];
  }
  return sum;
};

test("a rectangle has one contour through its four corners", () => {
  const [contour, ...rest] = contoursOf(bitmapOf("###", "###"), { x: 10, y: 20, width: 3, height: 2 });
  assert.deepEqual(rest, []);
  assert.deepEqual(new Set([[13, 20], [13, 22], [10, 22], [10, 20]].map(String)), new Set([0, 2, 4, 6].map((i) => String(contour.slice(i, i + 2)))));
});

test("holes and parts have contours of their own, whose areas add up to the object's", () => {
  const bitmap = bitmapOf("####.#", "#..#..", "#.##.#", "####.#");
  const contours = contoursOf(bitmap, { x: 0, y: 0, width: 6, height: 4 });
  const area = contours.reduce((sum, contour) => sum + doubleArea(contour), 0) / 2;
  assert.equal(area, bitmap.reduce((sum, pixel) => sum + pixel, 0));
  assert.equal(contours.length, 4);
});

test("every border is followed on random bitmaps", () => {
  let seed = 3;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let round = 0; round < 50; round++) {
    const bitmap = Uint8Array.from({ length: 9 * 8 }, () => (random() > 0.5 ? 1 : 0));
    const contours = contoursOf(bitmap, { x: 0, y: 0, width: 9, height: 8 });
    const area = contours.reduce((sum, contour) => sum + doubleArea(contour), 0) / 2;
    assert.equal(area, bitmap.reduce((sum, pixel) => sum + pixel, 0));
  }
});
