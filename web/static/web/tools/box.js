import { drawBox } from "../layers/prompts.js";

/**
 * @import {BoxPrompt, VideoPoint} from "../types.js"
 * @import {Tool} from "../editor/stage.js"
 * @import {Viewport} from "../viewport.js"
 */

const LEAST = 4; // CSS pixels

/** Drag from corner to corner. @implements {Tool} */
export class BoxTool {
  cursor = "crosshair";
  /** @type {VideoPoint | null} */
  #from = null;
  /** @type {VideoPoint | null} */
  #to = null;

  /** @param {{viewport: () => Viewport, place: (box: BoxPrompt) => void}} listener */
  constructor(listener) {
    this.listener = listener;
  }

  /** @type {Tool["down"]} */
  down({ point, button }) {
    if (button !== 0) return false;
    this.#from = this.#to = this.listener.viewport().clamp(point);
    return true;
  }

  /** @type {NonNullable<Tool["move"]>} */
  move({ point }) {
    this.#to = this.listener.viewport().clamp(point);
  }

  up() {
    const [from, to, viewport] = [this.#from, this.#to, this.listener.viewport()];
    this.cancel();
    if (!from || !to) return;
    const [width, height] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
    if (Math.min(width, height) * viewport.scale < LEAST) return;
    const [x0, y0] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
    this.listener.place({ kind: "box", x0, y0, x1: x0 + width, y1: y0 + height });
  }

  cancel() {
    this.#from = this.#to = null;
  }

  /** @type {NonNullable<Tool["draw"]>} */
  draw(context, viewport, hover) {
    if (this.#from && this.#to) drawBox(context, viewport.toScreen(this.#from), viewport.toScreen(this.#to), true);
    else if (hover) drawCross(context, viewport, hover);
  }
}

/** Lines through the cursor, to see where the box would begin. @param {CanvasRenderingContext2D} context @param {Viewport} viewport @param {{x: number, y: number}} at */
function drawCross(context, viewport, at) {
  context.strokeStyle = "rgb(255 255 255 / 35%)";
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, Math.round(at.y) + 0.5);
  context.lineTo(viewport.canvas.width, Math.round(at.y) + 0.5);
  context.moveTo(Math.round(at.x) + 0.5, 0);
  context.lineTo(Math.round(at.x) + 0.5, viewport.canvas.height);
  context.stroke();
}
