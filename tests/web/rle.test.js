import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { boxOf, countsOf, decode, encode, runsOf } from "../../web/static/web/rle.js";

// Written by pycocotools: counts, area and bounding box of masks of several shapes.
const FIXTURES = JSON.parse(readFileSync(new URL("rle_fixtures.json", import.meta.url), "utf8"));

for (const { name, height, width, counts, area, box } of FIXTURES) {
  test(`${name}: encoding what was decoded gives pycocotools' counts again`, () => {
    const bitmap = decode(counts, height, width);
    assert.equal(bitmap.reduce((sum, pixel) => sum + pixel, 0), area);
    assert.equal(encode(bitmap, height, width), counts);
    assert.equal(countsOf(runsOf(counts)), counts);
  });

  test(`${name}: its box is read from the runs`, () => {
    assert.deepEqual(boxOf(runsOf(counts), height), box);
  });
}

test("a pixel is found at its row and column", () => {
  const bitmap = new Uint8Array(5 * 7);
  bitmap[3 * 7 + 2] = 1; // y 3, x 2
  assert.deepEqual(decode(encode(bitmap, 5, 7), 5, 7), bitmap);
  assert.deepEqual(boxOf(runsOf(encode(bitmap, 5, 7)), 5), { x: 2, y: 3, width: 1, height: 1 });
});

test("counts of another size are refused", () => {
  assert.throws(() => decode(encode(new Uint8Array(12), 3, 4), 4, 4), /do not add up/);
  assert.throws(() => runsOf("\u0001"), /not COCO/);
});
