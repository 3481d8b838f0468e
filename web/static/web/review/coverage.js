/** Which frames were on whose screen for how long: rows under the masklet's own, and words. */

/** @import {Coverage as Shown} from "../types.js" */
/** @import {CoverageLane} from "../timeline_lanes.js" */
import { api } from "../ui/page_api.js";

const FULL = 10_000; // ms from which a bar is as high as can be
const LEAST = 0.2; // height of the shortest time that counts

export class Coverage {
  /** @type {Shown | null} */
  #shown = null;

  /** @param {number} stride @param {boolean} withReviewer Whoever judges sees what the annotators looked at; of earlier reviewers nothing. */
  constructor(stride, withReviewer) {
    this.stride = stride;
    this.withReviewer = withReviewer;
  }

  /** A fact less where that fails. @param {number} masklet */
  async load(masklet) {
    this.#shown = await api.masklets.coverage(masklet).catch(() => null);
  }

  /** Who was shown how much, by annotated frame. @returns {[string, readonly number[]][]} */
  get #audiences() {
    if (!this.#shown) return [];
    const { annotator_ms: annotator, reviewer_ms: reviewer } = this.#shown;
    return this.withReviewer ? [["annotator", annotator], ["reviewer", reviewer]] : [["annotator", annotator]];
  }

  /** @returns {CoverageLane[]} */
  lanes() {
    const seen = this.#shown?.seen_ms ?? 0;
    return this.#audiences.map(([who, ms]) => ({
      name: `${who.charAt(0).toUpperCase()}${who.slice(1)} saw`,
      explains: `How long each frame was on the ${who}'s screen: the longer the higher`,
      selected: false,
      heightAt: (frameIndex) => shownHeight(ms[frameIndex / this.stride] ?? 0, seen),
      wordsAt: (frameIndex) => this.words(frameIndex),
    }));
  }

  /** Empty where nothing is known. @param {number} frameIndex */
  words(frameIndex) {
    const seen = this.#shown?.seen_ms ?? 0;
    const times = this.#audiences.map(([who, ms]) => `${who} ${shownWords(ms[frameIndex / this.stride] ?? 0, seen)}`);
    return times.length > 0 ? `Time on screen, frame ${frameIndex}: ${times.join(", ")}` : "";
  }
}

/** Of a bar, 0 to 1, by the logarithm, so that frames of a play show beside one that was looked at for long; 0 where it does not count as shown. @param {number} ms @param {number} seen */
export function shownHeight(ms, seen) {
  if (ms < seen) return 0;
  return Math.min(LEAST + ((1 - LEAST) * Math.log(ms / seen)) / Math.log(FULL / seen), 1);
}

/** @param {number} ms @param {number} seen */
export function shownWords(ms, seen) {
  if (ms < seen) return "not shown";
  const seconds = Math.max(ms / 1000, 0.1);
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds).toLocaleString("en")} s`;
}
