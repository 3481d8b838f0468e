/** Where a mask differs from gold: what is missing and what is too much, told apart by pattern as by colour. */

import { decode } from "../rle.js";

/** @typedef {{missing: number, extra: number}} Counts pixels */

const MISSING = /** @type {const} */ ([86, 180, 233]); // sky blue, bars that rise to the right
const EXTRA = /** @type {const} */ ([230, 159, 0]); // orange, level bars
const AGREED = /** @type {const} */ ([240, 240, 240]);
const SOLID_ALPHA = 235;
const BETWEEN_ALPHA = 105;
const AGREED_ALPHA = 46;
const LINE_ALPHA = 235;
const LINES_ACROSS = 480; // widths of gold's outline over the frame's longer side
const BARS_ACROSS = 90; // of a hatch, over the frame's longer side

/**
 * Draws the difference over a whole frame and counts it.
 * @param {HTMLCanvasElement} canvas becomes as large as the video
 * @param {{height: number, width: number}} video
 * @param {string | null} mask counts
 * @param {string | null} gold counts
 * @returns {Counts}
 */
export function drawDifference(canvas, { height, width }, mask, gold) {
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const picture = context.createImageData(width, height);
  const mine = bitmap(mask, height, width);
  const truth = bitmap(gold, height, width);
  const period = Math.max(Math.round(Math.max(width, height) / BARS_ACROSS), 4);
  const line = Math.max(Math.round(Math.max(width, height) / LINES_ACROSS), 1);
  const isInside = (/** @type {number} */ x, /** @type {number} */ y) => x >= 0 && y >= 0 && x < width && y < height && truth[y * width + x];
  const isOutline = (/** @type {number} */ x, /** @type {number} */ y) => !(isInside(x - line, y) && isInside(x + line, y) && isInside(x, y - line) && isInside(x, y + line));
  const found = { missing: 0, extra: 0 };
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (!mine[at] && !truth[at]) continue;
      if (mine[at] && truth[at]) paint(picture.data, at, AGREED, isOutline(x, y) ? LINE_ALPHA : AGREED_ALPHA);
      else if (truth[at]) {
        found.missing += 1;
        paint(picture.data, at, MISSING, (x + y) % period < period / 2 ? SOLID_ALPHA : BETWEEN_ALPHA);
      } else {
        found.extra += 1;
        paint(picture.data, at, EXTRA, y % period < period / 2 ? SOLID_ALPHA : BETWEEN_ALPHA);
      }
    }
  }
  context.putImageData(picture, 0, 0);
  return found;
}

/** @param {string | null} counts @param {number} height @param {number} width */
function bitmap(counts, height, width) {
  return counts === null ? new Uint8Array(height * width) : decode(counts, height, width);
}

/** @param {Uint8ClampedArray} data @param {number} at @param {readonly [number, number, number]} color @param {number} alpha */
function paint(data, at, color, alpha) {
  data[at * 4] = color[0];
  data[at * 4 + 1] = color[1];
  data[at * 4 + 2] = color[2];
  data[at * 4 + 3] = alpha;
}
