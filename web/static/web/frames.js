/** @import {Video} from "./types.js" */

const BUDGET = 384 * 1024 * 1024; // bytes of decoded pixels
const BYTES_PER_PIXEL = 4;
const AHEAD = 24; // annotated frames in the direction of travel
const BEHIND = 8;
const PARALLEL = 3; // fetches; a browser opens six connections to a server, and acts must not queue behind frames

/** Decoded annotated frames around where the person is, within a budget of bytes; the least lately drawn go first. */
export class Frames {
  /** @type {Map<number, ImageBitmap>} In the order they were last drawn. */
  #bitmaps = new Map();
  /** @type {Map<number, AbortController>} */
  #loading = new Map();
  /** @type {Set<number>} */
  #failed = new Set();
  /** @type {number[]} Frame indices, most urgent first. */
  #wanted = [];

  /**
   * @param {Video} video
   * @param {(frameIndex: number) => void} onLoad A frame is there, or has failed.
   */
  constructor(video, onLoad) {
    this.video = video;
    this.onLoad = onLoad;
    this.capacity = Math.max(Math.floor(BUDGET / (video.height * video.width * BYTES_PER_PIXEL)), 4);
  }

  /** The frame if it is decoded. @param {number} frameIndex */
  get(frameIndex) {
    const bitmap = this.#bitmaps.get(frameIndex);
    if (!bitmap) return null;
    this.#bitmaps.delete(frameIndex);
    this.#bitmaps.set(frameIndex, bitmap);
    return bitmap;
  }

  /** @param {number} frameIndex */
  has(frameIndex) {
    return this.#bitmaps.has(frameIndex);
  }

  /** @param {number} frameIndex */
  hasFailed(frameIndex) {
    return this.#failed.has(frameIndex);
  }

  /** Loads the frame first, then those around it, and gives up what is out of reach. @param {number} frameIndex @param {1 | -1} direction */
  want(frameIndex, direction = 1) {
    this.#wanted = urgency(this.video, frameIndex, direction, this.capacity - 1);
    this.#failed.delete(frameIndex);
    const near = new Set(this.#wanted);
    for (const [other, abort] of this.#loading) if (!near.has(other)) abort.abort();
    this.#pump();
  }

  /** Forgets all frames: nobody looks at this video any more. */
  release() {
    this.#wanted = [];
    for (const abort of this.#loading.values()) abort.abort();
    for (const bitmap of this.#bitmaps.values()) bitmap.close();
    this.#bitmaps.clear();
  }

  #pump() {
    for (const frameIndex of this.#wanted) {
      if (this.#loading.size >= PARALLEL) return;
      if (this.#bitmaps.has(frameIndex) || this.#loading.has(frameIndex) || this.#failed.has(frameIndex)) continue;
      void this.#load(frameIndex);
    }
  }

  /** @param {number} frameIndex */
  async #load(frameIndex) {
    const abort = new AbortController();
    this.#loading.set(frameIndex, abort);
    try {
      const response = await fetch(frameUrl(this.video, frameIndex), { signal: abort.signal, credentials: "same-origin", priority: frameIndex === this.#wanted[0] ? "high" : "low" });
      if (!response.ok) throw new Error(`frame ${frameIndex}: ${response.status}`);
      const bitmap = await createImageBitmap(await response.blob());
      if (abort.signal.aborted) bitmap.close();
      else this.#keep(frameIndex, bitmap);
    } catch {
      if (!abort.signal.aborted) this.#failed.add(frameIndex);
    }
    this.#loading.delete(frameIndex);
    if (!abort.signal.aborted) this.onLoad(frameIndex);
    this.#pump();
  }

  /** @param {number} frameIndex @param {ImageBitmap} bitmap */
  #keep(frameIndex, bitmap) {
    this.#bitmaps.set(frameIndex, bitmap);
    const near = new Set(this.#wanted);
    for (const [other, old] of this.#bitmaps) {
      if (this.#bitmaps.size <= this.capacity) return;
      if (near.has(other)) continue;
      this.#bitmaps.delete(other);
      old.close();
    }
  }
}

/** @param {Video} video @param {number} frameIndex */
export function frameUrl(video, frameIndex) {
  return video.urls.frame.replace("{index}", String(frameIndex));
}

/**
 * Frame indices to hold, most urgent first: here, then two ahead for one behind.
 * @param {Video} video @param {number} frameIndex @param {1 | -1} direction @param {number} most
 */
export function urgency(video, frameIndex, direction, most) {
  const slot = Math.round(frameIndex / video.stride);
  const order = [slot];
  for (let step = 1; step <= Math.max(AHEAD, BEHIND); step++) {
    if (step <= AHEAD) order.push(slot + step * direction);
    if (step % 2 === 0 && step / 2 <= BEHIND) order.push(slot - (step / 2) * direction);
  }
  return order.filter((other) => other >= 0 && other < video.annotated_count).slice(0, most).map((other) => other * video.stride);
}
