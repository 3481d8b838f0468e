/** Where comments are pinned, drawn above the frame; and pointing at a new place. */

/** @import {ScreenPoint, Thread} from "../types.js" */
import { screenPoint, videoPoint, Viewport } from "../viewport.js";

/**
 * What both pages' canvases have in common.
 * @typedef {object} ThreadStage
 * @property {HTMLCanvasElement} canvas
 * @property {Viewport} viewport
 * @property {() => void} redraw
 * @property {((context: CanvasRenderingContext2D, viewport: Viewport) => void) | null} above Draws above all layers.
 */

/** A point has x0 = x1 and y0 = y1; float pixels of the working video. @typedef {{x0: number, y0: number, x1: number, y1: number}} Place */
/** @typedef {{place: Place, sign: string, current: boolean}} Pin */

const BUBBLE = "#dfe4ff";
const CURRENT = "#8f9dff";
const INK = "#0b0c0e";
const DRAG_FROM = 5; // CSS pixels; less is a point

/** @param {Thread} thread @returns {Place | null} */
export function placeOf({ x0, y0, x1, y1 }) {
  return x0 === null || y0 === null || x1 === null || y1 === null ? null : { x0, y0, x1, y1 };
}

/** A speech bubble at a point or at the corner of a region: no other mark looks like it. @param {CanvasRenderingContext2D} context @param {Viewport} viewport @param {readonly Pin[]} pins */
export function drawPins(context, viewport, pins) {
  for (const { place, sign, current } of pins) {
    const from = viewport.toScreen(videoPoint(place.x0, place.y0));
    const to = viewport.toScreen(videoPoint(place.x1, place.y1));
    context.save();
    context.strokeStyle = current ? CURRENT : BUBBLE;
    context.lineWidth = 1.5;
    if (to.x > from.x || to.y > from.y) drawRegion(context, from, to);
    drawBubble(context, from.x, from.y, sign, current);
    context.restore();
  }
}

/** @param {CanvasRenderingContext2D} context @param {ScreenPoint} from @param {ScreenPoint} to */
function drawRegion(context, from, to) {
  const color = context.strokeStyle;
  for (const [style, width, dash] of /** @type {[typeof color, number, number[]][]} */ ([[INK, 3.5, []], [color, 1.5, [5, 4]]])) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
  }
  context.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {string} sign @param {boolean} current */
function drawBubble(context, x, y, sign, current) {
  context.translate(x, y);
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(3, -8);
  context.roundRect(-2, -26, 22, 18, 5);
  context.moveTo(9, -8);
  context.lineTo(0, 0);
  context.fillStyle = current ? CURRENT : BUBBLE;
  context.fill();
  context.strokeStyle = INK;
  context.stroke();
  context.fillStyle = INK;
  context.font = "700 11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(sign, 9, -16.5);
}

/**
 * Takes the next click or drag on the frame before its tool does; Escape ends it.
 * @param {ThreadStage} stage @param {(place: Place | null) => void} done Null when it was given up.
 * @returns {() => void} gives it up
 */
export function pointAt(stage, done) {
  const { canvas } = stage; // of two, the one that it began on
  const ended = new AbortController();
  /** @type {PointerEvent | null} */
  let pressed = null;
  const end = (/** @type {Place | null} */ place) => {
    ended.abort();
    canvas.classList.remove("pointing");
    done(place);
  };
  const options = { capture: true, signal: ended.signal };
  const take = (/** @type {"pointerdown" | "pointermove" | "pointerup"} */ type, /** @type {(event: PointerEvent) => void} */ act) => canvas.addEventListener(type, (event) => {
    event.stopImmediatePropagation();
    event.preventDefault();
    act(event);
  }, options);
  canvas.classList.add("pointing");
  take("pointerdown", (event) => {
    if (event.button === 0) pressed = event;
  });
  take("pointermove", () => undefined);
  take("pointerup", (event) => {
    const place = pressed && placeBetween(stage.viewport, pressed, event);
    pressed = null;
    if (place) end(place);
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopImmediatePropagation();
    end(null);
  }, options);
  return () => end(null);
}

/** Null where it began outside the frame. @param {Viewport} viewport @param {PointerEvent} from @param {PointerEvent} to @returns {Place | null} */
function placeBetween(viewport, from, to) {
  const start = viewport.toVideo(screenPoint(from.offsetX, from.offsetY));
  if (!viewport.holds(start)) return null;
  const isPoint = Math.hypot(to.offsetX - from.offsetX, to.offsetY - from.offsetY) < DRAG_FROM;
  const stop = isPoint ? start : viewport.clamp(viewport.toVideo(screenPoint(to.offsetX, to.offsetY)));
  const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;
  return {
    x0: round(Math.min(start.x, stop.x)),
    y0: round(Math.min(start.y, stop.y)),
    x1: round(Math.max(start.x, stop.x)),
    y1: round(Math.max(start.y, stop.y)),
  };
}
