/**
 * Outlines of a bitmap, along the borders of its pixels.
 * @import {PixelBox} from "./rle.js"
 */

/** A closed line through pixel corners: x0, y0, x1, y1, ... of its bends. @typedef {number[]} Contour */

// Directions as steps between corners, turning right: east, south, west, north.
const STEP_X = /** @type {const} */ ([1, 0, -1, 0]);
const STEP_Y = /** @type {const} */ ([0, 1, 0, -1]);

/**
 * Every border of the object, outer ones and those of holes, each followed with the object on its right.
 * Corners are in pixels of the video.
 * @param {Uint8Array} bitmap Row-major, of the box.
 * @param {PixelBox} box
 */
export function contoursOf(bitmap, box) {
  const { width, height } = box;
  const seen = new Uint8Array(width * height); // pixels whose upper border has been followed
  /** @type {Contour[]} */
  const contours = [];
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      if (!bitmap[p] || seen[p] || (y > 0 && bitmap[p - width])) continue;
      contours.push(follow(bitmap, box, seen, x, y));
    }
  }
  return contours;
}

/** @param {Uint8Array} bitmap @param {PixelBox} box @param {Uint8Array} seen @param {number} startX @param {number} startY */
function follow(bitmap, { x: left, y: top, width, height }, seen, startX, startY) {
  const at = (/** @type {number} */ x, /** @type {number} */ y) => x >= 0 && y >= 0 && x < width && y < height && bitmap[y * width + x] === 1;
  /** @type {Contour} */
  const contour = [];
  let [x, y, heading] = [startX, startY, 0];
  do {
    if (heading === 0) seen[y * width + x] = 1;
    x += /** @type {number} */ (STEP_X[heading]);
    y += /** @type {number} */ (STEP_Y[heading]);
    // The pixels ahead of the corner, left and right of the line.
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

/** @param {readonly Contour[]} contours */
export function pathOf(contours) {
  const path = new Path2D();
  for (const contour of contours) {
    path.moveTo(/** @type {number} */ (contour[0]), /** @type {number} */ (contour[1]));
    for (let i = 2; i < contour.length; i += 2) path.lineTo(/** @type {number} */ (contour[i]), /** @type {number} */ (contour[i + 1]));
    path.closePath();
  }
  return path;
}
