import { contoursOf, pathOf } from "./contours.js";
import { isHatched, swatchOf } from "./palette.js";
import { boxOf, cropOf, runsOf } from "./rle.js";

/** @import {PixelBox} from "./rle.js" */

const BUDGET = 128 * 1024 * 1024; // bytes of pixels
const FILL_ALPHA = 92; // of 255
const HATCH_ALPHA = 168; // of 255

/**
 * What is drawn of one mask: its pixels in its colour and hatch, and its outline, both in video pixels.
 * @typedef {{box: PixelBox, fill: ImageBitmap, outline: Path2D}} MaskPicture
 */

/** Pictures of masks, made when first asked for, within a budget of bytes; the least lately drawn go first. */
export class MaskPictures {
  /** @type {Map<string, MaskPicture | null>} In the order they were last drawn. */
  #pictures = new Map();
  #bytes = 0;

  /** @param {number} height Of the video. */
  constructor(height) {
    this.height = height;
  }

  /** The picture of a mask; null when it holds no object. @param {string} counts @param {number} color */
  get(counts, color) {
    const key = `${color}:${counts}`;
    const known = this.#pictures.get(key);
    if (known !== undefined) {
      this.#pictures.delete(key);
      this.#pictures.set(key, known);
      return known;
    }
    const picture = pictureOf(counts, this.height, color);
    this.#pictures.set(key, picture);
    this.#bytes += bytesOf(picture);
    this.#evict();
    return picture;
  }

  #evict() {
    for (const [key, picture] of this.#pictures) {
      if (this.#bytes <= BUDGET || this.#pictures.size === 1) return;
      this.#pictures.delete(key);
      this.#bytes -= bytesOf(picture);
      picture?.fill.close();
    }
  }
}

/** @param {MaskPicture | null} picture */
function bytesOf(picture) {
  return picture ? picture.box.width * picture.box.height * 4 : 0;
}

/** @param {string} counts @param {number} height @param {number} color @returns {MaskPicture | null} */
function pictureOf(counts, height, color) {
  const runs = runsOf(counts);
  const box = boxOf(runs, height);
  if (!box) return null;
  const bitmap = cropOf(runs, height, box);
  return { box, fill: fillOf(bitmap, box, color), outline: pathOf(contoursOf(bitmap, box)) };
}

/** @param {Uint8Array} bitmap @param {PixelBox} box @param {number} color */
function fillOf(bitmap, box, color) {
  const { rgb, hatch } = swatchOf(color);
  const image = new ImageData(box.width, box.height);
  const pixels = new Uint32Array(image.data.buffer);
  const base = rgb[0] | (rgb[1] << 8) | (rgb[2] << 16);
  const [plain, strong] = [(base | (FILL_ALPHA << 24)) >>> 0, (base | (HATCH_ALPHA << 24)) >>> 0];
  for (let y = 0, p = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++, p++) {
      if (bitmap[p]) pixels[p] = isHatched(hatch, box.x + x, box.y + y) ? strong : plain;
    }
  }
  const canvas = new OffscreenCanvas(box.width, box.height);
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(image, 0, 0);
  return canvas.transferToImageBitmap();
}
