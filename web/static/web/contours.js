import { boxOf } from "./rle.js";

/**
 * Outlines of a mask, along the borders of its pixels, read from its runs.
 * @import {PixelBox} from "./rle.js"
 */

/** A closed line through pixel corners: x0, y0, x1, y1, ... of its bends. @typedef {number[]} Contour */

// Directions as steps between corners, turning right: east, south, west, north.
const STEP_X = /** @type {const} */ ([1, 0, -1, 0]);
const STEP_Y = /** @type {const} */ ([0, 1, 0, -1]);

/**
 * Every border of the object, outer ones and those of holes, each followed with the object on its right.
 * Corners are in pixels of the video. Costs as much as the border is long, not as the object is large.
 * @param {readonly number[]} runs
 * @param {number} height Of the video.
 * @returns {{box: PixelBox, contours: Contour[]} | null} null when there is no object.
 */
export function contoursOf(runs, height) {
  const box = boxOf(runs, height);
  if (!box) return null;
  const { columns, tops } = columnsOf(runs, height, box);
  const seen = new Uint8Array(columns.length); // pixels whose upper border has been followed
  /** @type {Contour[]} */
  const contours = [];
  for (const top of tops) {
    if (!seen[top]) contours.push(follow(columns, box, seen, Math.floor(top / box.height), top % box.height));
  }
  return { box, contours };
}

/**
 * The object's pixels inside its box, column after column, and those that have background above them.
 * @param {readonly number[]} runs @param {number} height @param {PixelBox} box
 */
function columnsOf(runs, height, box) {
  const columns = new Uint8Array(box.width * box.height);
  /** @type {number[]} */
  const tops = [];
  let at = 0;
  for (let i = 0; i < runs.length; i++) {
    const end = at + /** @type {number} */ (runs[i]);
    for (let from = at; i % 2 === 1 && from < end; ) {
      const x = Math.floor(from / height);
      const to = Math.min((x + 1) * height, end);
      const start = (x - box.x) * box.height - box.y - x * height;
      columns.fill(1, start + from, start + to);
      tops.push(start + from);
      from = to;
    }
    at = end;
  }
  return { columns, tops };
}

/** @param {Uint8Array} columns @param {PixelBox} box @param {Uint8Array} seen @param {number} startX @param {number} startY */
function follow(columns, { x: left, y: top, width, height }, seen, startX, startY) {
  const at = (/** @type {number} */ x, /** @type {number} */ y) => x >= 0 && y >= 0 && x < width && y < height && columns[x * height + y] === 1;
  /** @type {Contour} */
  const contour = [];
  let [x, y, heading] = [startX, startY, 0];
  do {
    if (heading === 0) seen[x * height + y] = 1;
    x += /** @type {number} */ (STEP_X[heading]);
    y += /** @type {number} */ (STEP_Y[heading]);
    // The pixels ahead of the corner, right and left of the line.
    const aheadX = x + (heading === 0 || heading === 3 ? 0 : -1);
    const aheadY = y + (heading === 0 || heading === 1 ? 0 : -1);
    const [leftX, leftY] = [aheadX + (heading === 1 ? 1 : heading === 3 ? -1 : 0), aheadY + (heading === 0 ? -1 : heading === 2 ? 1 : 0)];
    const turn = !at(aheadX, aheadY) ? 1 : at(leftX, leftY) ? 3 : 0;
    if (turn) {
      contour.push(left + x, top + y);
      heading = (heading + turn) % 4;
    }
  } while (x !== startX || y !== startY || heading !== 0);
  return contour;
}

/** Outer borders and holes turn opposite ways, so the path may be filled by either rule. @param {readonly Contour[]} contours */
export function pathOf(contours) {
  const path = new Path2D();
  for (const contour of contours) {
    path.moveTo(/** @type {number} */ (contour[0]), /** @type {number} */ (contour[1]));
    for (let i = 2; i < contour.length; i += 2) path.lineTo(/** @type {number} */ (contour[i]), /** @type {number} */ (contour[i + 1]));
    path.closePath();
  }
  return path;
}
