const PERIOD = 80; // ms between frames while masks come in
const HURRY_FROM = 12; // frames behind, from which some are left out

/** Shows newly tracked frames one after another, as if the video played, however unevenly they come. */
export class Follower {
  /** @type {number[]} */
  #queue = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** Set when the person looks elsewhere during a pass; the next pass is followed again. */
  paused = false;

  /** @param {(frameIndex: number) => void} show */
  constructor(show) {
    this.show = show;
  }

  /** @param {readonly number[]} frameIndices In the order they were made. */
  add(frameIndices) {
    if (this.paused) return;
    this.#queue.push(...frameIndices.filter((frame) => !this.#queue.includes(frame)));
    this.#timer ??= setInterval(() => this.#tick(), PERIOD);
  }

  /** Forgets what has not been shown. */
  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
  }

  #tick() {
    const skipped = Math.floor(this.#queue.length / HURRY_FROM);
    this.#queue.splice(0, skipped);
    const frame = this.#queue.shift();
    if (frame === undefined) this.stop();
    else this.show(frame);
  }
}
