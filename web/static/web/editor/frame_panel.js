import { h } from "../ui/dom.js";
import { isWorkable, maskletOf, maskOf, suspicionOf } from "../selectors.js";
import { actButton, setButton } from "./buttons.js";

/**
 * @import {FrameState, Mask} from "../types.js"
 * @import {Shortcuts} from "../shortcuts.js"
 * @import {AppState} from "./state.js"
 */

/** @type {Record<FrameState, string>} */
const WORDS = { unknown: "Unknown", predicted: "Predicted", edited: "Edited", accepted: "Accepted", absent: "Absent" };

/** The selected masklet on this frame: its state, and what a person can decide. */
export class FramePanel {
  /** @param {Shortcuts} shortcuts */
  constructor(shortcuts) {
    this.state = h("span", { class: "frame-state" });
    this.accept = actButton(shortcuts, "accept", "lock", "Accept");
    this.absent = actButton(shortcuts, "absent", "absent", "Absent");
    this.clear = actButton(shortcuts, "clear", "clear", "Clear");
    this.element = h("div", { class: "frame-panel row" }, this.state, this.accept, this.absent, this.clear);
  }

  /** @param {AppState} state */
  show({ domain, view }) {
    const masklet = maskletOf(domain, view.selected);
    const mask = masklet && maskOf(domain, masklet.id, view.frame);
    const state = mask?.state ?? "unknown";
    const workable = masklet !== null && isWorkable(masklet);
    this.element.classList.toggle("idle", !masklet);
    this.state.className = `frame-state frame-state-${state}`;
    this.state.textContent = masklet ? `${WORDS[state]}${state === "absent" && mask && !mask.human ? " (model)" : ""}` : "";
    this.state.title = mask ? wordsOf(mask) : "";
    setButton(this.accept, { disabled: !workable || !mask || state === "accepted" });
    setButton(this.absent, { disabled: !workable || (state === "absent" && mask?.human === true) });
    setButton(this.clear, { disabled: !workable || !mask });
  }
}

/** What the model and triage think of a mask. @param {Mask} mask */
function wordsOf(mask) {
  const score = mask.score === null ? [] : [`The model's own score: ${mask.score.toFixed(2)}`];
  const suspicion = suspicionOf(mask);
  return [...score, ...(suspicion > 0 ? [`${Math.round(suspicion * 100)} % suspicious`] : [])].join(". ");
}
