/**
 * Where frames lie on the timeline. A slot is the place of one annotated frame; slots are counted from 0.
 * Never changed: each act gives a new one.
 */

const SLOT_WIDEST = 48; // CSS pixels
const SLOTS_FEWEST = 8; // in view

export class TimelineGeometry {
  /**
   * @param {number} count Annotated frames.
   * @param {number} stride
   * @param {number} left Of the first slot in view, CSS pixels.
   * @param {number} width Of the view, CSS pixels.
   * @param {number} [first] Slot at the left edge; may be a fraction.
   * @param {number} [shown] Slots in view.
   */
  constructor(count, stride, left, width, first = 0, shown = count) {
    const fewest = Math.min(count, SLOTS_FEWEST);
    this.count = count;
    this.stride = stride;
    this.left = left;
    this.width = Math.max(width, 1);
    this.shown = Math.min(Math.max(shown, fewest, 1), count);
    this.first = Math.min(Math.max(first, 0), count - this.shown);
    this.slotWidth = Math.min(this.width / this.shown, this.shown === count ? SLOT_WIDEST : Infinity);
    Object.freeze(this);
  }

  /** Left edge of a frame's slot. @see TimelineGeometry#frameAt @param {number} frameIndex */
  xOf(frameIndex) {
    return this.left + (frameIndex / this.stride - this.first) * this.slotWidth;
  }

  /** Middle of a frame's slot. @param {number} frameIndex */
  middleOf(frameIndex) {
    return this.xOf(frameIndex) + this.slotWidth / 2;
  }

  /** The annotated frame whose slot holds x, the nearest where none does. @see TimelineGeometry#xOf @param {number} x CSS pixels. */
  frameAt(x) {
    const slot = Math.floor((x - this.left) / this.slotWidth + this.first);
    return Math.min(Math.max(slot, 0), this.count - 1) * this.stride;
  }

  /** Slots in view, whole or in part: first and last. @returns {[number, number]} */
  get slotsInView() {
    return [Math.floor(this.first), Math.min(Math.ceil(this.first + this.shown), this.count) - 1];
  }

  /** Right edge of the last slot in view. */
  get right() {
    return this.left + this.shown * this.slotWidth;
  }

  /** Fewer or more slots in view, with the slot under x kept where it is. @param {number} factor @param {number} x */
  zoomed(factor, x) {
    const slot = (x - this.left) / this.slotWidth + this.first;
    const shown = Math.min(Math.max(this.shown / factor, Math.min(this.count, SLOTS_FEWEST)), this.count);
    const share = (slot - this.first) / this.shown;
    return this.#of(slot - share * shown, shown);
  }

  /** @param {number} dx CSS pixels. */
  scrolled(dx) {
    return this.#of(this.first + dx / this.slotWidth, this.shown);
  }

  /** Scrolled as little as brings the frame into view. @param {number} frameIndex */
  revealing(frameIndex) {
    const slot = frameIndex / this.stride;
    if (slot < this.first) return this.#of(slot, this.shown);
    if (slot + 1 > this.first + this.shown) return this.#of(slot + 1 - this.shown, this.shown);
    return this;
  }

  /** @param {number} width */
  resized(width) {
    return new TimelineGeometry(this.count, this.stride, this.left, width, this.first, this.shown);
  }

  /** Frames between labelled ticks of the ruler, so that labels stay `room` pixels apart. @param {number} room */
  tickStep(room) {
    const slots = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000];
    return (slots.find((step) => step * this.slotWidth >= room) ?? 20000) * this.stride;
  }

  /** @param {number} first @param {number} shown */
  #of(first, shown) {
    return new TimelineGeometry(this.count, this.stride, this.left, this.width, first, shown);
  }
}

/**
 * Neighbouring slots with the same value, as one run: first and last slot and the value.
 * @template T
 * @param {number} first @param {number} last @param {(slot: number) => T} valueOf
 * @returns {{first: number, last: number, value: T}[]}
 */
export function runsOfSlots(first, last, valueOf) {
  /** @type {{first: number, last: number, value: T}[]} */
  const runs = [];
  for (let slot = first; slot <= last; slot++) {
    const value = valueOf(slot);
    const run = runs.at(-1);
    if (run && run.value === value) run.last = slot;
    else runs.push({ first: slot, last: slot, value });
  }
  return runs;
}
