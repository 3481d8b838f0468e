/** Which frames triage suspects, and why. */

/** @import {Mask} from "../types.js" */
/** @import {Shortcut} from "../shortcuts.js" */
/** @import {Clip} from "./clip.js" */
import { nextWorstFrame, suspicionOf } from "../selectors.js";
import { toast } from "../ui/dialogs.js";
import { h } from "../ui/dom.js";
import { api } from "../ui/page_api.js";

export class Doubts {
  /** In words, by frame. @type {Map<number, string>} */
  #why = new Map();
  element = h("p", { class: "stage-hint", hidden: true });

  /** @param {ReadonlyMap<number, Mask>} masks of one masklet, by frame */
  constructor(masks) {
    this.masks = masks;
  }

  /** Reads why; where that fails, how much is still shown. @param {number} masklet */
  async load(masklet) {
    const signals = await api.masklets.signals(masklet).catch(() => []);
    for (const { frame_index, why } of signals) this.#why.set(frame_index, why.join(", "));
  }

  /** @param {number} frameIndex */
  at = (frameIndex) => suspicionOf(this.masks.get(frameIndex));

  /** Says on the frame why it is suspected; nothing where it is not. @param {number | null} frameIndex */
  show(frameIndex) {
    const suspicion = frameIndex === null ? 0 : this.at(frameIndex);
    const why = frameIndex === null ? "" : this.#why.get(frameIndex);
    this.element.hidden = suspicion === 0;
    this.element.textContent = `${Math.round(suspicion * 100)} % suspicious${why ? `: ${why}` : ""}`;
  }

  /** @param {Clip} clip @returns {Shortcut[]} */
  shortcuts(clip) {
    const run = () => {
      const frame = nextWorstFrame(this.masks.values(), clip.frame);
      if (frame === null) toast("No mask of this masklet looks like a failure.");
      else clip.jump(frame);
    };
    return [{ id: "worst", group: "Play", label: "Worst frame by triage; from there the next worst", keys: ["Q"], run }];
  }
}
