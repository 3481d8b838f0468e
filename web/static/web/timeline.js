import { h } from "./ui/dom.js";
import { TimelineGeometry } from "./timeline_geometry.js";
import { drawLane, drawLaneLabel, laneWords } from "./timeline_lanes.js";

/**
 * @import {FrameState, Video} from "./types.js"
 * @import {AnyLane, StateColors} from "./timeline_lanes.js"
 */

const GUTTER = 132; // CSS pixels, for the lanes' names
const RULER = 18; // CSS pixels
const STRIP = 38; // CSS pixels
const LANE = 20; // CSS pixels
const RIGHT_PAD = 12; // CSS pixels
const TICK_ROOM = 64; // CSS pixels between labels
const ZOOM_PER_PIXEL = 0.002; // of the wheel

/**
 * @typedef {object} TimelineListener
 * @property {(frameIndex: number) => void} seek
 * @property {(masklet: number) => void} select
 */

/** Ruler, filmstrip and lanes, one for each masklet; drag anywhere on it scrubs. */
export class Timeline {
  /** @type {readonly AnyLane[]} */
  #lanes = [];
  #frame = 0;
  #selected = -1;
  #dirty = false;
  #dragging = false;
  /** @type {ImageBitmap | null} */
  #strip = null;

  /** @param {Video} video @param {TimelineListener} listener */
  constructor(video, listener) {
    this.video = video;
    this.listener = listener;
    this.geometry = new TimelineGeometry(video.annotated_count, video.stride, GUTTER, 1);
    this.head = h("canvas", { class: "timeline-head", role: "slider", tabindex: 0, "aria-label": "Frame" });
    this.body = h("canvas", { class: "timeline-body", "aria-hidden": "true" });
    this.scroller = h("div", { class: "timeline-scroll" }, this.body);
    this.element = h("div", { class: "timeline" }, this.head, this.scroller);
    for (const canvas of [this.head, this.body]) this.#listen(canvas);
    new ResizeObserver(() => this.#resize()).observe(this.element);
    void this.#loadStrip();
  }

  /** Draws at once: to be called in an animation frame. @param {number} frameIndex @param {readonly AnyLane[]} lanes */
  show(frameIndex, lanes) {
    if (frameIndex !== this.#frame && !this.#dragging) this.geometry = this.geometry.revealing(frameIndex);
    this.#frame = frameIndex;
    this.#lanes = lanes;
    const last = (this.video.annotated_count - 1) * this.video.stride;
    for (const [name, value] of [["min", 0], ["max", last], ["now", frameIndex], ["text", `frame ${frameIndex} of ${last}`]]) {
      this.head.setAttribute(`aria-value${name}`, String(value));
    }
    this.#reveal();
    this.#draw();
  }

  /** Scrolls the selected lane into view when it has changed. */
  #reveal() {
    const selected = this.#lanes.findIndex((lane) => lane.selected);
    if (selected === this.#selected || selected < 0) return;
    this.#selected = selected;
    const { scrollTop, clientHeight } = this.scroller;
    if (selected * LANE < scrollTop) this.scroller.scrollTop = selected * LANE;
    else if ((selected + 1) * LANE > scrollTop + clientHeight) this.scroller.scrollTop = (selected + 1) * LANE - clientHeight;
  }

  async #loadStrip() {
    const response = await fetch(this.video.urls.filmstrip, { credentials: "same-origin" });
    if (!response.ok) return;
    this.#strip = await createImageBitmap(await response.blob());
    this.#redraw();
  }

  /** The thumbnail nearest to a frame, as a place in the filmstrip. @param {number} frameIndex */
  thumbnail(frameIndex) {
    const { frame_indices: indices, width, height } = this.video.filmstrip;
    if (!this.#strip || indices.length === 0) return null;
    let best = 0;
    indices.forEach((other, i) => {
      if (Math.abs(other - frameIndex) < Math.abs(/** @type {number} */ (indices[best]) - frameIndex)) best = i;
    });
    return { image: this.#strip, x: best * width, width, height };
  }

  /** @param {HTMLCanvasElement} canvas */
  #listen(canvas) {
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const lane = canvas === this.body ? this.#lanes[Math.floor(event.offsetY / LANE)] : undefined;
      if (lane && "masklet" in lane) this.listener.select(lane.masklet);
      if (event.offsetX < GUTTER) return;
      canvas.setPointerCapture(event.pointerId);
      this.#dragging = true;
      this.listener.seek(this.geometry.frameAt(event.offsetX));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.#dragging) this.listener.seek(this.geometry.frameAt(event.offsetX));
      else this.#describe(canvas, event);
    });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) canvas.addEventListener(end, () => (this.#dragging = false));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("dblclick", () => this.#setGeometry(this.geometry.zoomed(1e-6, GUTTER)));
  }

  /** @param {HTMLCanvasElement} canvas @param {PointerEvent} event */
  #describe(canvas, event) {
    const frameIndex = this.geometry.frameAt(event.offsetX);
    const lane = canvas === this.body ? this.#lanes[Math.floor(event.offsetY / LANE)] : undefined;
    if (event.offsetX < GUTTER) canvas.title = !lane ? "" : "masklet" in lane ? `${lane.number} ${lane.name}` : lane.explains;
    else canvas.title = lane ? laneWords(lane, frameIndex) : `Frame ${frameIndex}. Ctrl and wheel zooms, double-click shows all`;
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const across = event.shiftKey ? event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) this.#setGeometry(this.geometry.zoomed(Math.exp(-event.deltaY * ZOOM_PER_PIXEL), event.offsetX));
    else if (across) this.#setGeometry(this.geometry.scrolled(across));
    else return;
    event.preventDefault();
  }

  /** @param {TimelineGeometry} geometry */
  #setGeometry(geometry) {
    this.geometry = geometry;
    this.#redraw();
  }

  #resize() {
    this.geometry = this.geometry.resized(this.element.clientWidth - GUTTER - RIGHT_PAD);
    this.#redraw();
  }

  #redraw() {
    if (this.#dirty) return;
    this.#dirty = true;
    requestAnimationFrame(() => this.#dirty && this.#draw());
  }

  #draw() {
    this.#dirty = false;
    this.#drawHead();
    this.#drawBody();
  }

  #drawHead() {
    const context = sized(this.head, this.element.clientWidth, RULER + STRIP);
    this.#drawRuler(context);
    this.#drawStrip(context);
    this.#drawPlayhead(context, 0, RULER + STRIP, true);
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawRuler(context) {
    const step = this.geometry.tickStep(TICK_ROOM);
    const [first, last] = this.geometry.slotsInView.map((slot) => slot * this.video.stride);
    context.font = "10px system-ui, sans-serif";
    context.textBaseline = "middle";
    context.textAlign = "left";
    for (let frame = Math.ceil((first ?? 0) / step) * step; frame <= (last ?? 0); frame += step) {
      const x = this.geometry.xOf(frame);
      if (x < GUTTER) continue;
      context.fillStyle = "#3a4049";
      context.fillRect(x, 4, 1, RULER - 4);
      context.fillStyle = "#868e99";
      context.fillText(String(frame), x + 4, RULER / 2 + 1);
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawStrip(context) {
    const { width, height } = this.video.filmstrip;
    const cell = Math.max((STRIP * width) / Math.max(height, 1), 8);
    context.save();
    context.beginPath();
    context.rect(GUTTER, RULER, this.geometry.right - GUTTER, STRIP);
    context.clip();
    context.fillStyle = "#1d2024";
    context.fillRect(GUTTER, RULER, this.geometry.width, STRIP);
    for (let x = GUTTER; x < this.geometry.right; x += cell) {
      const thumbnail = this.thumbnail(this.geometry.frameAt(x + cell / 2));
      if (thumbnail) context.drawImage(thumbnail.image, thumbnail.x, 0, thumbnail.width, thumbnail.height, x, RULER, cell, STRIP);
    }
    context.restore();
  }

  #drawBody() {
    const context = sized(this.body, this.element.clientWidth, Math.max(this.#lanes.length, 1) * LANE);
    const colors = stateColors(this.element);
    this.#lanes.forEach((lane, i) => {
      const row = { y: i * LANE, height: LANE };
      context.fillStyle = lane.selected ? "#1d2024" : i % 2 ? "#131517" : "#101214";
      context.fillRect(0, row.y, this.element.clientWidth, LANE);
      context.save();
      context.beginPath();
      context.rect(GUTTER, row.y, this.geometry.right - GUTTER + 1, LANE);
      context.clip();
      drawLane(context, this.geometry, lane, row, colors);
      context.restore();
      drawLaneLabel(context, lane, row, GUTTER);
    });
    this.#drawPlayhead(context, 0, this.#lanes.length * LANE, false);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} top @param {number} bottom @param {boolean} handle */
  #drawPlayhead(context, top, bottom, handle) {
    const x = this.geometry.xOf(this.#frame);
    if (x < GUTTER - 1 || x > this.geometry.right) return;
    const width = Math.max(this.geometry.slotWidth, 2);
    context.fillStyle = "rgb(143 157 255 / 22%)";
    context.fillRect(x, top, width, bottom - top);
    context.fillStyle = "#a9b4ff";
    context.fillRect(x + width / 2 - 0.75, top, 1.5, bottom - top);
    if (!handle) return;
    context.beginPath();
    context.roundRect(x + width / 2 - 5, 0, 10, 9, 2);
    context.fill();
  }
}

/** The canvas at the screen's own resolution, wiped. @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function sized(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  const [w, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== tall) {
    canvas.width = w;
    canvas.height = tall;
    canvas.style.height = `${height}px`;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** @type {StateColors | null} */
let colorsOfTheme = null;

/** @param {Element} element @returns {StateColors} */
function stateColors(element) {
  if (colorsOfTheme) return colorsOfTheme;
  const style = getComputedStyle(element);
  const colorOf = (/** @type {FrameState} */ state) => style.getPropertyValue(`--frame-${state}`).trim() || "#565d68";
  colorsOfTheme = {
    unknown: "#4a515b",
    predicted: colorOf("predicted"),
    edited: colorOf("edited"),
    accepted: colorOf("accepted"),
    absent: "#9aa2ad",
  };
  return colorsOfTheme;
}
