/** The canvas of the review: frame, masklet and marks, with zoom and pan. */

import { drawFrame, drawMissingFrame } from "../layers/frame.js";
import { drawMasks } from "../layers/masks.js";
import { drawMarks } from "../layers/prompts.js";
import { MaskPictures } from "../mask_pictures.js";
import { h } from "../ui/dom.js";
import { drawDifference } from "./difference.js";
import { screenPoint, Viewport } from "../viewport.js";

/** @import {ReviewMark, Video, VideoPoint} from "../types.js" */
/** @import {Overlay, ShownMask} from "../layers/masks.js" */

const ZOOM_PER_PIXEL = 0.0015; // of the wheel
const DRAG_FROM = 3; // CSS pixels; less is a click

/**
 * @typedef {object} Scene
 * @property {CanvasImageSource | null} frame
 * @property {readonly ShownMask[]} masks
 * @property {readonly [string | null, string | null]} [difference] counts of two masks, where they are told apart instead
 * @property {Overlay} overlay
 * @property {{mark: ReviewMark, number: number}[]} marks
 * @property {boolean} placing a click pins a mark
 */

export class Stage {
  /** @type {Scene} */
  #scene = { frame: null, masks: [], overlay: "full", marks: [], placing: false };
  #dirty = false;
  #drawing = 0;
  /** Draws above all layers of the scene. @type {((context: CanvasRenderingContext2D, viewport: Viewport) => void) | null} */
  above = null;
  /** @type {{x: number, y: number, moved: boolean} | null} */
  #press = null;

  /**
   * @param {Video} video
   * @param {(point: VideoPoint) => void} onPlace a click on the frame while placing
   * @param {(viewport: Viewport) => void} [onLook] the person zoomed or moved the frame
   */
  constructor(video, onPlace, onLook = () => undefined) {
    this.onPlace = onPlace;
    this.onLook = onLook;
    this.pictures = new MaskPictures(video.height);
    this.canvas = h("canvas", { class: "stage-canvas", "aria-label": "The frame with the masklet", role: "img" });
    this.element = h("div", { class: "stage" }, h("div", { class: "stage-room" }, this.canvas));
    this.viewport = Viewport.fit(video, { width: 640, height: 360 });
    this.#listen();
    this.resizing = new ResizeObserver(() => this.#resize());
    this.resizing.observe(this.element);
  }

  /** @param {Scene} scene */
  show(scene) {
    this.#scene = scene;
    this.canvas.classList.toggle("placing", scene.placing);
    this.redraw();
  }

  /** Draws no more: its frames may be released. */
  end() {
    this.resizing.disconnect();
    this.#dirty = true;
    cancelAnimationFrame(this.#drawing);
  }

  fit() {
    this.#look(Viewport.fit(this.viewport.video, this.viewport.canvas));
  }

  /** @param {number} factor */
  zoom(factor) {
    this.#look(this.viewport.zoomed(factor, this.viewport.centre));
  }

  #resize() {
    const size = { width: this.element.clientWidth, height: this.element.clientHeight };
    if (size.width === 0 || size.height === 0) return; // hidden for now
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(size.width * ratio);
    this.canvas.height = Math.round(size.height * ratio);
    this.match(this.viewport.resized(size));
  }

  /** Shows the same part of the frame as another stage of equal size. @param {Viewport} viewport */
  match(viewport) {
    this.viewport = viewport;
    this.redraw();
  }

  /** @param {Viewport} viewport */
  #look(viewport) {
    this.match(viewport);
    this.onLook(viewport);
  }

  #listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#press = { x: event.offsetX, y: event.offsetY, moved: false };
    });
    canvas.addEventListener("pointermove", (event) => this.#drag(event));
    canvas.addEventListener("pointerup", (event) => {
      if (this.#press && !this.#press.moved && event.button === 0) this.#click(event);
      this.#press = null;
    });
    canvas.addEventListener("pointercancel", () => { this.#press = null; });
    canvas.addEventListener("dblclick", () => { if (!this.#scene.placing) this.fit(); });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.#look(this.viewport.zoomed(Math.exp(-event.deltaY * ZOOM_PER_PIXEL), screenPoint(event.offsetX, event.offsetY)));
    }, { passive: false });
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    const press = this.#press;
    if (!press) return;
    press.moved ||= Math.hypot(event.offsetX - press.x, event.offsetY - press.y) >= DRAG_FROM;
    if (press.moved) this.#look(this.viewport.panned(event.movementX, event.movementY));
  }

  /** @param {PointerEvent} event */
  #click(event) {
    const point = this.viewport.toVideo(screenPoint(event.offsetX, event.offsetY));
    if (this.#scene.placing && this.viewport.holds(point)) this.onPlace(point);
  }

  redraw() {
    if (this.#dirty) return;
    this.#dirty = true;
    this.#drawing = requestAnimationFrame(() => {
      this.#dirty = false;
      this.#draw();
    });
  }

  #draw() {
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    const { frame, masks, difference, overlay, marks } = this.#scene;
    const ratio = devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.viewport.canvas.width, this.viewport.canvas.height);
    if (frame) drawFrame(context, this.viewport, frame);
    else drawMissingFrame(context, this.viewport);
    if (frame) drawMasks(context, this.viewport, this.pictures, masks, overlay);
    if (frame && difference && overlay !== "off") drawDifference(context, this.viewport, this.pictures, difference);
    drawMarks(context, this.viewport, marks);
    this.above?.(context, this.viewport);
  }
}
