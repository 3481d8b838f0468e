import { h } from "../ui/dom.js";
import { drawFrame, drawMissingFrame } from "../layers/frame.js";
import { drawMasks } from "../layers/masks.js";
import { drawMarks, drawPrompts } from "../layers/prompts.js";
import { screenPoint, Viewport } from "../viewport.js";

/**
 * @import {MaskPictures} from "../mask_pictures.js"
 * @import {Overlay, ShownMask} from "../layers/masks.js"
 * @import {ShownPrompt} from "../layers/prompts.js"
 * @import {ReviewMark, ScreenPoint, VideoPoint} from "../types.js"
 * @import {Size} from "../viewport.js"
 */

const ZOOM_PER_PIXEL = 0.0016; // of the wheel
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * What is on the frame now.
 * @typedef {object} Scene
 * @property {ImageBitmap | null} frame
 * @property {{image: CanvasImageSource, x: number, width: number, height: number} | null} placeholder Drawn until the frame is there.
 * @property {readonly ShownMask[]} masks
 * @property {Overlay} overlay
 * @property {readonly ShownPrompt[]} prompts
 * @property {readonly {mark: ReviewMark, number: number}[]} marks
 */

/**
 * What the pointer does to the frame. `at` is where it is on the canvas, `point` on the video.
 * @typedef {{at: ScreenPoint, point: VideoPoint, button: number, event: PointerEvent}} Touch
 * @typedef {object} Tool
 * @property {string} cursor CSS.
 * @property {(touch: Touch) => boolean} down Whether it takes the drag that begins here.
 * @property {(touch: Touch) => void} [move] While it has the drag.
 * @property {(touch: Touch) => void} [up]
 * @property {() => void} [cancel]
 * @property {(context: CanvasRenderingContext2D, viewport: Viewport, hover: ScreenPoint | null) => void} [draw] Above all layers.
 */

/** The canvas: layers in their order, zoom and pan, and the tool in hand. */
export class Stage {
  #dirty = false;
  #panning = false;
  #dragging = false;
  /** @type {ScreenPoint | null} */
  #hover = null;
  /** Draws above all layers of the scene. @type {((context: CanvasRenderingContext2D, viewport: Viewport) => void) | null} */
  above = null;

  /** @param {Size} video @param {MaskPictures} pictures @param {() => Scene} scene @param {() => Tool} tool */
  constructor(video, pictures, scene, tool) {
    this.pictures = pictures;
    this.scene = scene;
    this.tool = tool;
    this.canvas = h("canvas", { class: "stage-canvas", tabindex: 0, role: "application", "aria-label": "Frame with masks. Left click marks the object, right click what is not." });
    this.element = h("div", { class: "stage-room" }, this.canvas);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { alpha: false }));
    this.viewport = Viewport.fit(video, { height: 1, width: 1 });
    new ResizeObserver(() => this.#resize()).observe(this.element);
    this.#listen();
  }

  /** Draws with the next painted frame. */
  redraw() {
    if (this.#dirty) return;
    this.#dirty = true;
    requestAnimationFrame((now) => this.#dirty && this.draw(now));
  }

  fit() {
    this.look(Viewport.fit(this.viewport.video, this.viewport.canvas));
  }

  actualSize() {
    this.look(this.viewport.actualSize(this.#hover ?? this.viewport.centre));
  }

  /** @param {number} factor */
  zoom(factor) {
    this.look(this.viewport.zoomed(factor, this.viewport.centre));
  }

  /** @param {Viewport} viewport */
  look(viewport) {
    this.viewport = viewport;
    this.redraw();
    this.element.dispatchEvent(new CustomEvent("viewport"));
  }

  /** Gives up the drag that is under way; whether there was one. */
  cancel() {
    const was = this.#dragging;
    if (was) this.tool().cancel?.();
    this.#dragging = false;
    this.redraw();
    return was;
  }

  #listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", () => this.cancel());
    canvas.addEventListener("pointerleave", () => {
      this.#hover = null;
      this.redraw();
    });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("auxclick", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      this.look(this.viewport.zoomed(Math.exp(-event.deltaY * lines * ZOOM_PER_PIXEL), screenPoint(event.offsetX, event.offsetY)));
    }, { passive: false });
  }

  /** @param {PointerEvent} event @returns {Touch} */
  #touch(event) {
    const at = screenPoint(event.offsetX, event.offsetY);
    return { at, point: this.viewport.toVideo(at), button: event.button, event };
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.canvas.focus({ preventScroll: true });
    this.element.dispatchEvent(new CustomEvent("touch"));
    if (event.button === 1 || (event.button === 0 && event.shiftKey)) this.#panning = true;
    else if (!this.#dragging) this.#dragging = this.tool().down(this.#touch(event));
    if (this.#panning || this.#dragging) this.canvas.setPointerCapture(event.pointerId);
    this.#showCursor();
    this.redraw();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    this.#hover = screenPoint(event.offsetX, event.offsetY);
    if (this.#panning) this.look(this.viewport.panned(event.movementX, event.movementY));
    else if (this.#dragging) this.tool().move?.(this.#touch(event));
    this.#showCursor();
    this.redraw();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (this.#panning) this.#panning = false;
    else if (this.#dragging) this.tool().up?.(this.#touch(event));
    this.#dragging = false;
    this.#showCursor();
    this.redraw();
  }

  #showCursor() {
    this.canvas.style.cursor = this.#panning ? "grabbing" : this.tool().cursor;
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.look(this.viewport.resized({ height, width }));
  }

  /** Draws at once: for callers that are in an animation frame already, so that none is lost. @param {number} now ms */
  draw(now) {
    this.#dirty = false;
    const { viewport } = this;
    const { context } = this;
    const ratio = devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = "#0b0c0e";
    context.fillRect(0, 0, viewport.canvas.width, viewport.canvas.height);
    const scene = this.scene();
    this.#drawPicture(context, scene);
    drawMasks(context, viewport, this.pictures, scene.masks, scene.overlay);
    drawPrompts(context, viewport, scene.prompts, STILL.matches ? 0 : now);
    drawMarks(context, viewport, scene.marks);
    this.above?.(context, viewport);
    this.tool().draw?.(context, viewport, this.#hover);
    if (!STILL.matches && scene.prompts.some((prompt) => prompt.waiting)) this.redraw();
  }

  /** @param {CanvasRenderingContext2D} context @param {Scene} scene */
  #drawPicture(context, { frame, placeholder }) {
    if (frame) return drawFrame(context, this.viewport, frame);
    drawMissingFrame(context, this.viewport);
    if (!placeholder) return;
    const { left, top, scale, video } = this.viewport;
    const { image, x, width, height } = placeholder;
    context.drawImage(image, x, 0, width, height, left, top, video.width * scale, video.height * scale);
  }
}
