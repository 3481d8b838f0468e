import { decode, encode } from "../rle.js";

/** @import {Size} from "../viewport.js" */

/** A mask while it is painted on: pixels, and the smallest rectangle that has changed. */
export class Stroke {
  /** @param {Size} size Of the video. @param {string | null} counts The mask painted on; null is an empty one. */
  constructor(size, counts) {
    this.size = size;
    this.bitmap = counts === null ? new Uint8Array(size.height * size.width) : decode(counts, size.height, size.width);
    this.changed = false;
  }

  /**
   * Paints a line with a round brush; the rows and columns it touched, null when it fell beside the frame.
   * @param {{x: number, y: number}} from Video pixels. @param {{x: number, y: number}} to @param {number} radius Video pixels. @param {0 | 1} value
   * @returns {{x: number, y: number, width: number, height: number} | null}
   */
  paint(from, to, radius, value) {
    const { height, width } = this.size;
    const left = Math.max(Math.floor(Math.min(from.x, to.x) - radius), 0);
    const right = Math.min(Math.ceil(Math.max(from.x, to.x) + radius), width);
    const top = Math.max(Math.floor(Math.min(from.y, to.y) - radius), 0);
    const bottom = Math.min(Math.ceil(Math.max(from.y, to.y) + radius), height);
    if (left >= right || top >= bottom) return null;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        if (distanceTo(from, to, x + 0.5, y + 0.5) > radius) continue;
        const p = y * width + x;
        if (this.bitmap[p] === value) continue;
        this.bitmap[p] = value;
        this.changed = true;
      }
    }
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  counts() {
    return encode(this.bitmap, this.size.height, this.size.width);
  }
}

/** From a point to the nearest point of a line segment. @param {{x: number, y: number}} from @param {{x: number, y: number}} to @param {number} x @param {number} y */
function distanceTo(from, to, x, y) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const share = length ? Math.min(Math.max(((x - from.x) * dx + (y - from.y) * dy) / length, 0), 1) : 0;
  return Math.hypot(x - from.x - share * dx, y - from.y - share * dy);
}
