import { h } from "../ui/dom.js";
import { formatWait } from "../ui/format.js";
import { runningPropagations } from "../selectors.js";
import { actButton, setButton } from "./buttons.js";

/**
 * @import {Propagation} from "../types.js"
 * @import {Shortcuts} from "../shortcuts.js"
 * @import {AppState, Reach} from "./state.js"
 */

/** @type {readonly [Reach, string][]} */
const REACHES = [["human", "to next human frame"], ["end", "to the end"], ["frame", "to frame…"]];
const WAYS = { forward: "forward", backward: "backward", both: "both ways" };

/**
 * @typedef {object} PropagateActs
 * @property {(view: {reach?: Reach, target?: number | null, together?: boolean, follow?: boolean}) => void} look
 */

/** Starts passes, and shows the one that is at work. */
export class PropagateBar {
  /** @param {Shortcuts} shortcuts @param {PropagateActs} acts */
  constructor(shortcuts, acts) {
    this.buttons = [actButton(shortcuts, "propagate-back", "backward", undefined, ""), actButton(shortcuts, "propagate-both", "both", undefined, ""), actButton(shortcuts, "propagate", "forward", "Propagate", "btn-primary")];
    /** @type {HTMLSelectElement} */
    this.reach = h("select", { class: "select", "aria-label": "How far", onchange: () => acts.look({ reach: /** @type {Reach} */ (this.reach.value) }) }, REACHES.map(([value, words]) => h("option", { value }, words)));
    /** @type {HTMLInputElement} */
    this.target = h("input", { class: "input frame-field", inputmode: "numeric", placeholder: "frame", "aria-label": "Track to frame", onchange: () => acts.look({ target: numberOf(this.target.value) }) });
    /** @type {HTMLInputElement} */
    this.together = h("input", { type: "checkbox", onchange: () => acts.look({ together: this.together.checked }) });
    this.start = h("div", { class: "row" }, h("div", { class: "btn-group" }, this.buttons), this.reach, this.target, shortcuts.has("add") && h("label", { class: "check small", title: "Track all masklets in one pass" }, this.together, "all masklets"));
    /** @type {HTMLInputElement} */
    this.follow = h("input", { type: "checkbox", onchange: () => acts.look({ follow: this.follow.checked }) });
    this.words = h("span", { class: "pass-words" });
    this.meter = h("progress", { class: "pass-meter", "aria-label": "Tracked" });
    this.stop = actButton(shortcuts, "stop", "stop", "Stop", "btn-danger");
    this.progress = h("div", { class: "row pass", role: "status" }, h("span", { class: "spinner" }), h("div", { class: "pass-room" }, this.words, this.meter), h("label", { class: "check small", title: shortcuts.tooltip("follow") }, this.follow, "follow"), this.stop);
    this.element = h("div", { class: "propagate-bar" }, this.start, this.progress);
  }

  /** @param {AppState} state */
  show({ domain, view }) {
    const running = runningPropagations(domain);
    this.start.hidden = running.length > 0;
    this.progress.hidden = running.length === 0;
    this.element.hidden = domain.video.annotated_count < 2;
    this.reach.value = view.reach;
    this.target.hidden = view.reach !== "frame";
    if (document.activeElement !== this.target) this.target.value = view.target === null ? "" : String(view.target);
    this.together.checked = view.together;
    this.follow.checked = view.follow;
    for (const button of this.buttons) setButton(button, { disabled: view.selected === null });
    const [pass] = running;
    if (pass) this.#showPass(pass, running.length);
  }

  /** @param {Propagation} pass @param {number} count */
  #showPass(pass, count) {
    const left = pass.seconds_left === null || pass.seconds_left === undefined ? "" : ` · about ${formatWait(pass.seconds_left)} left`;
    const more = count > 1 ? ` · ${count - 1} more` : "";
    const words = pass.state === "queued" ? "Waiting for a worker…" : pass.state === "stopping" ? "Stopping; what is done stays…" : `Tracking ${WAYS[pass.direction]} · ${pass.frames_done} of ${pass.frames_total}${left}`;
    this.words.textContent = words + more;
    this.meter.max = Math.max(pass.frames_total, 1);
    this.meter.value = pass.frames_done;
    setButton(this.stop, { disabled: pass.state === "stopping" });
  }
}

/** @param {string} text */
function numberOf(text) {
  const number = Number.parseInt(text, 10);
  return Number.isFinite(number) ? number : null;
}
