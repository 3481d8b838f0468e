import { swatchOf } from "../palette.js";
import { Stroke } from "./stroke.js";

/**
 * @import {VideoPoint} from "../types.js"
 * @import {Tool} from "../editor/stage.js"
 * @import {Size} from "../viewport.js"
 */

const ALPHA = 130; // of 255, of the mask while it is painted

/**
 * @typedef {object} BrushListener
 * @property {() => boolean} mayPaint Says why when not.
 * @property {() => string | null} counts The mask that is painted on.
 * @property {() => number} color
 * @property {() => number} radius Video pixels.
 * @property {(painting: boolean) => void} onPaint The selected masklet's own mask is hidden while it is painted on.
 * @property {(counts: string) => void} place
 */

/** Paints on, or rubs out of, the selected masklet's present mask; the right button does the other. @implements {Tool} */
export class BrushTool {
  cursor = "none";
  /** @type {Stroke | null} */
  #stroke = null;
  /** @type {0 | 1} */
  #value = 1;
  /** @type {VideoPoint | null} */
  #last = null;

  /** @param {Size} size Of the video. @param {boolean} erases @param {BrushListener} listener */
  constructor(size, erases, listener) {
    this.size = size;
    this.erases = erases;
    this.listener = listener;
    this.preview = new OffscreenCanvas(size.width, size.height);
  }

  /** @type {Tool["down"]} */
  down({ point, button }) {
    if ((button !== 0 && button !== 2) || !this.listener.mayPaint()) return false;
    this.#value = this.erases === (button === 0) ? 0 : 1;
    this.#stroke = new Stroke(this.size, this.listener.counts());
    this.#show({ x: 0, y: 0, ...this.size });
    this.listener.onPaint(true);
    this.#paint(point, point);
    return true;
  }

  /** @type {NonNullable<Tool["move"]>} */
  move({ point }) {
    this.#paint(this.#last ?? point, point);
  }

  up() {
    const stroke = this.#stroke;
    if (stroke?.changed) this.listener.place(stroke.counts());
    this.cancel();
  }

  cancel() {
    this.#stroke = this.#last = null;
    this.listener.onPaint(false);
  }

  /** @type {NonNullable<Tool["draw"]>} */
  draw(context, viewport, hover) {
    if (this.#stroke) {
      const { width, height } = this.size;
      context.imageSmoothingEnabled = false;
      context.drawImage(this.preview, viewport.left, viewport.top, width * viewport.scale, height * viewport.scale);
    }
    if (!hover) return;
    const radius = this.listener.radius() * viewport.scale;
    ring(context, hover.x, hover.y, radius, 3, "rgb(0 0 0 / 60%)", []);
    ring(context, hover.x, hover.y, radius, 1.5, "#fff", this.erases ? [4, 3] : []);
    context.fillStyle = "#fff";
    context.fillRect(hover.x - 4, hover.y - 0.5, 8, 1);
    if (!this.erases) context.fillRect(hover.x - 0.5, hover.y - 4, 1, 8);
  }

  /** @param {VideoPoint} from @param {VideoPoint} to */
  #paint(from, to) {
    this.#last = to;
    const touched = this.#stroke?.paint(from, to, this.listener.radius(), this.#value);
    if (touched) this.#show(touched);
  }

  /** @param {{x: number, y: number, width: number, height: number}} box */
  #show(box) {
    const { rgb } = swatchOf(this.listener.color());
    const color = (rgb[0] | (rgb[1] << 8) | (rgb[2] << 16) | (ALPHA << 24)) >>> 0;
    const bitmap = /** @type {Stroke} */ (this.#stroke).bitmap;
    const image = new ImageData(box.width, box.height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let y = 0, p = 0; y < box.height; y++) {
      let source = (box.y + y) * this.size.width + box.x;
      for (let x = 0; x < box.width; x++, p++, source++) if (bitmap[source]) pixels[p] = color;
    }
    /** @type {OffscreenCanvasRenderingContext2D} */ (this.preview.getContext("2d")).putImageData(image, box.x, box.y);
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius @param {number} width @param {string} style @param {number[]} dash */
function ring(context, x, y, radius, width, style, dash) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.beginPath();
  context.arc(x, y, Math.max(radius, 1), 0, Math.PI * 2);
  context.stroke();
  context.setLineDash([]);
}
