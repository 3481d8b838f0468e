/** Which annotated frames this person was shown under a task, as the server counts it; a reload does not lose it. */

const SEEN = 40; // ms on the screen; docs/api.md, coverage

export class Seen {
  /** @type {Map<number, number>} ms by frame index */
  #shown = new Map();
  /** @type {number | null} */
  #frame = null;
  #since = 0;

  /** @param {number | null} task @param {{annotated_count: number}} video */
  constructor(task, { annotated_count: count }) {
    this.place = `maskloom.seen.${task}`; // in sessionStorage
    this.count = count;
    for (const frame of remembered(this.place)) this.#shown.set(frame, SEEN);
  }

  /** How many frames were not shown yet. */
  get left() {
    return this.count - [...this.#shown.values()].filter((ms) => ms >= SEEN).length;
  }

  /** @param {number} frameIndex */
  has(frameIndex) {
    return (this.#shown.get(frameIndex) ?? 0) >= SEEN;
  }

  /** What is on the screen from now on; null for no frame, or one whose picture is not there. @param {number | null} frameIndex */
  look(frameIndex) {
    const now = performance.now();
    if (this.#frame !== null && !document.hidden) this.#shown.set(this.#frame, (this.#shown.get(this.#frame) ?? 0) + now - this.#since);
    this.#frame = frameIndex;
    this.#since = now;
  }

  /** The server says that these were not shown. @param {readonly (readonly [number, number])[]} ranges first and last frame index */
  forget(ranges) {
    for (const frame of this.#shown.keys()) {
      if (ranges.some(([first, last]) => first <= frame && frame <= last)) this.#shown.delete(frame);
    }
  }

  keep() {
    this.look(this.#frame);
    sessionStorage.setItem(this.place, JSON.stringify([...this.#shown.keys()].filter((frame) => this.has(frame))));
  }

  drop() {
    sessionStorage.removeItem(this.place);
  }
}

/** @param {string} place @returns {number[]} */
function remembered(place) {
  try {
    const frames = JSON.parse(sessionStorage.getItem(place) ?? "[]");
    return Array.isArray(frames) ? frames.filter(Number.isInteger) : [];
  } catch {
    return [];
  }
}
