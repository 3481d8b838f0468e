/** @import {ScreenPoint, VideoPoint} from "./types.js" */

const ZOOM_MAX = 32; // CSS pixels per video pixel
const ZOOM_MIN_OF_FIT = 0.5; // of the scale that fits the frame
const FIT_MARGIN = 12; // CSS pixels on each side
const KEEP_VISIBLE = 48; // CSS pixels of the frame that stay in the canvas

/** A point of the working video. @param {number} x @param {number} y */
export function videoPoint(x, y) {
  return /** @type {VideoPoint} */ ({ x, y, space: "video" });
}

/** A point of the canvas. @param {number} x @param {number} y */
export function screenPoint(x, y) {
  return /** @type {ScreenPoint} */ ({ x, y, space: "screen" });
}

/**
 * @typedef {{readonly height: number, readonly width: number}} Size
 */

/** How the frame lies on the canvas. Never changed: each act gives a new one. Nobody else multiplies by scale. */
export class Viewport {
  /**
   * @param {Size} video
   * @param {Size} canvas CSS pixels.
   * @param {number} scale CSS pixels per video pixel.
   * @param {number} left Of the frame's left edge, CSS pixels.
   * @param {number} top
   */
  constructor(video, canvas, scale, left, top) {
    this.video = video;
    this.canvas = canvas;
    this.scale = scale;
    this.left = left;
    this.top = top;
    Object.freeze(this);
  }

  /** The whole frame, centred. @param {Size} video @param {Size} canvas */
  static fit(video, canvas) {
    const scale = fitScale(video, canvas);
    return centred(video, canvas, scale);
  }

  /** @see Viewport#toVideo @param {VideoPoint} point */
  toScreen(point) {
    return screenPoint(this.left + point.x * this.scale, this.top + point.y * this.scale);
  }

  /** @see Viewport#toScreen @param {ScreenPoint} point */
  toVideo(point) {
    return videoPoint((point.x - this.left) / this.scale, (point.y - this.top) / this.scale);
  }

  /** Whether the point is on the frame. @param {VideoPoint} point */
  holds(point) {
    return point.x >= 0 && point.y >= 0 && point.x < this.video.width && point.y < this.video.height;
  }

  /** The nearest point that is on the frame. @param {VideoPoint} point */
  clamp(point) {
    const { width, height } = this.video;
    return videoPoint(Math.min(Math.max(point.x, 0), width), Math.min(Math.max(point.y, 0), height));
  }

  /** Scaled by a factor, with the pixel under `at` kept where it is. @param {number} factor @param {ScreenPoint} at */
  zoomed(factor, at) {
    return this.#scaled(this.scale * factor, at);
  }

  /** One video pixel on one CSS pixel, around `at`. @param {ScreenPoint} at */
  actualSize(at) {
    return this.#scaled(1, at);
  }

  /** @param {number} dx CSS pixels. @param {number} dy */
  panned(dx, dy) {
    return this.#placed(this.scale, this.left + dx, this.top + dy);
  }

  /** The same view in a canvas of another size: a fitted frame stays fitted, else the centre stays. @param {Size} canvas */
  resized(canvas) {
    if (this.isFitted) return Viewport.fit(this.video, canvas);
    const dx = (canvas.width - this.canvas.width) / 2;
    const dy = (canvas.height - this.canvas.height) / 2;
    return new Viewport(this.video, canvas, this.scale, this.left + dx, this.top + dy);
  }

  get isFitted() {
    const fitted = Viewport.fit(this.video, this.canvas);
    return Math.abs(fitted.scale - this.scale) < 1e-6 && Math.abs(fitted.left - this.left) < 0.5 && Math.abs(fitted.top - this.top) < 0.5;
  }

  get centre() {
    return screenPoint(this.canvas.width / 2, this.canvas.height / 2);
  }

  /** @param {number} wanted CSS pixels per video pixel. @param {ScreenPoint} at */
  #scaled(wanted, at) {
    const lowest = Math.min(fitScale(this.video, this.canvas) * ZOOM_MIN_OF_FIT, 1);
    const scale = Math.min(Math.max(wanted, lowest), ZOOM_MAX);
    const ratio = scale / this.scale;
    return this.#placed(scale, at.x - (at.x - this.left) * ratio, at.y - (at.y - this.top) * ratio);
  }

  /** @param {number} scale @param {number} left @param {number} top */
  #placed(scale, left, top) {
    return new Viewport(
      this.video,
      this.canvas,
      scale,
      keptIn(left, this.video.width * scale, this.canvas.width),
      keptIn(top, this.video.height * scale, this.canvas.height),
    );
  }
}

/** @param {Size} video @param {Size} canvas */
function fitScale(video, canvas) {
  const width = Math.max(canvas.width - 2 * FIT_MARGIN, 1);
  const height = Math.max(canvas.height - 2 * FIT_MARGIN, 1);
  return Math.min(width / video.width, height / video.height, ZOOM_MAX);
}

/** @param {Size} video @param {Size} canvas @param {number} scale */
function centred(video, canvas, scale) {
  const left = (canvas.width - video.width * scale) / 2;
  const top = (canvas.height - video.height * scale) / 2;
  return new Viewport(video, canvas, scale, left, top);
}

/** @param {number} start @param {number} length @param {number} room */
function keptIn(start, length, room) {
  const keep = Math.min(KEEP_VISIBLE, length, room);
  return Math.min(Math.max(start, keep - length), room - keep);
}
