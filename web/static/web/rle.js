/**
 * COCO compressed RLE, the one form of a mask on the wire. Runs go down each column, columns from
 * left to right, the first run is background. A bitmap is a Uint8Array of height * width, row-major, 0 or 1.
 */

const CHAR_ZERO = 48;

/**
 * Run lengths behind compressed counts, background first.
 * Throws when the text is not compressed RLE.
 * @param {string} counts
 */
export function runsOf(counts) {
  /** @type {number[]} */
  const runs = [];
  let value = 0;
  let shift = 0;
  for (let i = 0; i < counts.length; i++) {
    const digit = counts.charCodeAt(i) - CHAR_ZERO;
    if (digit < 0 || digit > 63) throw new RangeError("the mask is not COCO compressed RLE");
    value |= (digit & 0x1f) << shift;
    shift += 5;
    if (digit & 0x20) continue;
    if (digit & 0x10 && shift < 32) value |= -1 << shift;
    runs.push(runs.length > 2 ? value + /** @type {number} */ (runs[runs.length - 2]) : value);
    value = 0;
    shift = 0;
  }
  return runs;
}

/** Compressed counts of run lengths, equal to what pycocotools writes. @param {readonly number[]} runs */
export function countsOf(runs) {
  let counts = "";
  for (let i = 0; i < runs.length; i++) {
    let value = /** @type {number} */ (runs[i]);
    if (i > 2) value -= /** @type {number} */ (runs[i - 2]);
    let more = true;
    while (more) {
      let digit = value & 0x1f;
      value >>= 5;
      more = digit & 0x10 ? value !== -1 : value !== 0;
      if (more) digit |= 0x20;
      counts += String.fromCharCode(digit + CHAR_ZERO);
    }
  }
  return counts;
}

/**
 * The smallest box around the object: x, y of its top-left pixel, its width and height; null when there is no object.
 * @typedef {{x: number, y: number, width: number, height: number}} PixelBox
 *
 * @param {readonly number[]} runs
 * @param {number} height Of the video.
 * @returns {PixelBox | null}
 */
export function boxOf(runs, height) {
  let at = 0;
  let [left, right, top, bottom] = [Infinity, -1, height, -1];
  for (let i = 0; i < runs.length; i++) {
    const run = /** @type {number} */ (runs[i]);
    if (i % 2 === 1 && run > 0) {
      const [from, last] = [at, at + run - 1];
      const [fromX, lastX] = [Math.floor(from / height), Math.floor(last / height)];
      left = Math.min(left, fromX);
      right = Math.max(right, lastX);
      top = fromX === lastX ? Math.min(top, from % height) : 0;
      bottom = fromX === lastX ? Math.max(bottom, last % height) : height - 1;
    }
    at += run;
  }
  if (right < 0) return null;
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** @param {readonly number[]} runs @param {number} height @param {number} width */
function bitmapOf(runs, height, width) {
  const bitmap = new Uint8Array(width * height);
  let at = 0;
  for (let i = 0; i < runs.length; i++) {
    const end = at + /** @type {number} */ (runs[i]);
    if (i % 2 === 1) {
      for (let p = at; p < end; ) {
        const x = Math.floor(p / height);
        const columnEnd = Math.min((x + 1) * height, end);
        let index = (p - x * height) * width + x;
        for (; p < columnEnd; p++, index += width) bitmap[index] = 1;
      }
    }
    at = end;
  }
  return bitmap;
}

/**
 * The bitmap behind compressed counts.
 * Throws when the counts do not describe exactly height x width pixels.
 * @param {string} counts
 * @param {number} height
 * @param {number} width
 */
export function decode(counts, height, width) {
  const runs = runsOf(counts);
  if (runs.reduce((sum, run) => sum + run, 0) !== height * width || runs.some((run) => run < 0)) {
    throw new RangeError(`the mask's runs do not add up to ${height} x ${width} pixels`);
  }
  return bitmapOf(runs, height, width);
}

/**
 * Compressed counts of a bitmap; non-zero is object.
 * @param {Uint8Array} bitmap
 * @param {number} height
 * @param {number} width
 */
export function encode(bitmap, height, width) {
  /** @type {number[]} */
  const runs = [];
  let run = 0;
  let inside = false;
  for (let x = 0; x < width; x++) {
    for (let y = 0, p = x; y < height; y++, p += width) {
      if ((bitmap[p] !== 0) === inside) {
        run++;
      } else {
        runs.push(run);
        run = 1;
        inside = !inside;
      }
    }
  }
  runs.push(run);
  return countsOf(runs);
}
