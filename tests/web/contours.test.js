import assert from "node:assert/strict";
import { test } from "node:test";

import { contoursOf } from "../../web/static/web/contours.js";
import { encode, runsOf } from "../../web/static/web/rle.js";

const bitmapOf = (...rows) => Uint8Array.from(rows.join(""), (pixel) => (pixel === "#" ? 1 : 0));
const found = (bitmap, height, width) => contoursOf(runsOf(encode(bitmap, height, width)), height);
const areaOf = (bitmap) => bitmap.reduce((sum, pixel) => sum + pixel, 0);

/** Twice the area that a contour encloses, positive for outer borders. */
const doubleArea = (contour) => {
  let sum = 0;
  for (let i = 0; i < contour.length; i += 2) {
    const j = (i + 2) % contour.length;
    sum += contour[i] * contour[j + 1] - contour[j] * contour[i + 1];
  }
  return sum;
};
const enclosed = (contours) => contours.reduce((sum, contour) => sum + doubleArea(contour), 0) / 2;

test("a rectangle has one contour through its four corners", () => {
  const { contours, box } = found(bitmapOf(".....", ".###.", ".###.", "....."), 4, 5);
  assert.deepEqual(box, { x: 1, y: 1, width: 3, height: 2 });
  assert.equal(contours.length, 1);
  const corners = [0, 2, 4, 6].map((i) => String(contours[0].slice(i, i + 2)));
  assert.deepEqual(new Set(corners), new Set(["4,1", "4,3", "1,3", "1,1"]));
});

test("holes and parts have contours of their own, whose areas add up to the object's", () => {
  const bitmap = bitmapOf("####.#", "#..#..", "#.##.#", "####.#");
  const { contours } = found(bitmap, 4, 6);
  assert.equal(enclosed(contours), areaOf(bitmap));
  assert.equal(contours.length, 4);
});

test("every border is followed on random bitmaps", () => {
  let seed = 3;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let round = 0; round < 50; round++) {
    const bitmap = Uint8Array.from({ length: 9 * 8 }, () => (random() > 0.5 ? 1 : 0));
    assert.equal(enclosed(found(bitmap, 8, 9).contours), areaOf(bitmap));
  }
});

test("an object over whole columns keeps to its box", () => {
  const bitmap = bitmapOf(".##.", ".##.", ".##.");
  const { contours } = found(bitmap, 3, 4);
  assert.equal(enclosed(contours), 6);
});

test("no object has no contours", () => {
  assert.equal(found(new Uint8Array(12), 3, 4), null);
});
