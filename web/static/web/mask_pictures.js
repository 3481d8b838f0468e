import { contoursOf, pathOf } from "./contours.js";
import { runsOf } from "./rle.js";

/** @import {PixelBox} from "./rle.js" */

const BUDGET = 64 * 1024 * 1024; // bytes, estimated
const BYTES_PER_NUMBER = 12; // of a path: coordinate and verb
const BYTES_LEAST = 256; // of a picture

/** What is drawn of one mask: its outline in video pixels. @typedef {{box: PixelBox, path: Path2D, bytes: number}} MaskPicture */

/** Pictures of masks, made when first asked for, within a budget of bytes; the least lately drawn go first. */
export class MaskPictures {
  /** @type {Map<string, MaskPicture | null>} By counts, in the order they were last drawn. */
  #pictures = new Map();
  #bytes = 0;

  /** @param {number} height Of the video. */
  constructor(height) {
    this.height = height;
  }

  /** The picture of a mask; null when it holds no object. @param {string} counts */
  get(counts) {
    const known = this.#pictures.get(counts);
    if (known !== undefined) {
      this.#pictures.delete(counts);
      this.#pictures.set(counts, known);
      return known;
    }
    const picture = pictureOf(counts, this.height);
    this.#pictures.set(counts, picture);
    this.#bytes += bytesOf(counts, picture);
    this.#evict();
    return picture;
  }

  #evict() {
    for (const [counts, picture] of this.#pictures) {
      if (this.#bytes <= BUDGET || this.#pictures.size === 1) return;
      this.#pictures.delete(counts);
      this.#bytes -= bytesOf(counts, picture);
    }
  }
}

/** @param {string} counts @param {MaskPicture | null} picture */
function bytesOf(counts, picture) {
  return BYTES_LEAST + counts.length + (picture?.bytes ?? 0);
}

/** @param {string} counts @param {number} height @returns {MaskPicture | null} */
function pictureOf(counts, height) {
  const found = contoursOf(runsOf(counts), height);
  if (!found) return null;
  const numbers = found.contours.reduce((sum, contour) => sum + contour.length, 0);
  return { box: found.box, path: pathOf(found.contours), bytes: numbers * BYTES_PER_NUMBER };
}
