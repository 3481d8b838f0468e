import { fill, h } from "../ui/dom.js";
import { openDialog } from "../ui/dialogs.js";
import { formatCount } from "../ui/format.js";
import { swatchOf } from "../palette.js";
import { asksForEdits, isTooEasy } from "./mode.js";
import { isAwaiting, isWorkable, presentMasklets, unknownRanges } from "../selectors.js";

/**
 * @import {ApiError} from "../api.js"
 * @import {Store} from "../store.js"
 * @import {Masklet} from "../types.js"
 * @import {Acts} from "./acts.js"
 * @import {AppState} from "./state.js"
 */

const RANGES_SHOWN = 12;

/** Asks which masklets go to review, and shows the frames that nobody has looked at yet. */
export class SubmitDialog {
  /** @type {Set<number>} */
  #left = new Set();
  /** @type {string} */
  #message = "";

  /** @param {Store<AppState, any>} store @param {Acts} acts @param {{goTo: (masklet: number, frame: number) => void, done: (handedIn: Masklet[]) => void}} listener */
  constructor(store, acts, listener) {
    this.store = store;
    this.acts = acts;
    this.listener = listener;
    this.list = h("ul", { class: "stack" });
    this.said = h("p", { class: "notice notice-bad", role: "alert" });
    this.go = h("button", { class: "btn btn-primary", type: "button", onclick: () => this.#submit() }, "Submit");
    const cancel = h("button", { class: "btn", type: "button", onclick: () => this.dialog.close() }, "Not yet");
    const lead = h("p", { class: "muted" }, "What is submitted cannot be changed until it comes back from review.");
    /** @type {HTMLDialogElement} */
    this.dialog = openDialog("Submit for review", h("div", {}, h("div", { class: "dialog-body" }, lead, this.said, this.list), h("div", { class: "dialog-foot" }, cancel, this.go)));
    for (const masklet of this.#masklets) if (this.#ranges(masklet).length) this.#left.add(masklet.id);
    if (this.#masklets.length === this.#left.size) this.#left.clear();
    const leave = store.subscribe(() => this.#show());
    this.dialog.addEventListener("close", leave);
    this.#show();
    this.go.focus();
  }

  get #masklets() {
    return presentMasklets(this.store.state.domain).filter(isWorkable);
  }

  /** @param {Masklet} masklet */
  #ranges(masklet) {
    return unknownRanges(this.store.state.domain, masklet.id);
  }

  #show() {
    const chosen = this.#masklets.filter((masklet) => !this.#left.has(masklet.id));
    fill(this.list, this.#masklets.map((masklet) => this.#row(masklet)));
    this.said.hidden = this.#message === "";
    this.said.textContent = this.#message;
    this.go.disabled = chosen.length === 0;
    this.go.textContent = chosen.length ? `Submit ${formatCount(chosen.length, "masklet")}` : "Submit";
  }

  /** @param {Masklet} masklet */
  #row(masklet) {
    const ranges = this.#ranges(masklet);
    /** @type {HTMLInputElement} */
    const box = h("input", { type: "checkbox", onchange: () => this.#choose(masklet.id, box.checked) });
    box.checked = !this.#left.has(masklet.id);
    const dot = h("span", { class: "swatch" });
    dot.style.background = swatchOf(masklet.color).hex;
    const verdict = ranges.length ? h("span", { class: "chip chip-warn" }, "frames left")
      : isAwaiting(this.store.state.domain, masklet.id) ? h("span", { class: "chip chip-info" }, "a mask is to come")
      : h("span", { class: "chip chip-good" }, "every frame decided");
    return h("li", { class: "submit-row" }, h("label", { class: "check" }, box, dot, h("strong", { class: "grow truncate" }, masklet.name), verdict), this.#edits(masklet), ranges.length > 0 && this.#rangeList(masklet, ranges));
  }

  /** How far it is from what the project keeps. @param {Masklet} masklet */
  #edits(masklet) {
    const { state } = this.store;
    if (!asksForEdits(state, masklet)) return null;
    const edited = masklet.edited_frame_count;
    const { leastEdited } = state.mode;
    return isTooEasy(state, masklet)
      ? h("p", { class: "notice notice-warn small" }, `${edited} of ${formatCount(leastEdited, "edited frame")}: it will be set aside as too easy.`)
      : h("p", { class: "faint small" }, `${formatCount(edited, "edited frame")}, ${leastEdited} needed`);
  }

  /** @param {Masklet} masklet @param {[number, number][]} ranges */
  #rangeList(masklet, ranges) {
    const rows = ranges.slice(0, RANGES_SHOWN).map(([first, last]) => h("li", { class: "row" },
      h("button", { class: "btn btn-small", type: "button", onclick: () => this.#jump(masklet.id, first) }, first === last ? `Frame ${first}` : `Frames ${first} to ${last}`),
      h("span", { class: "grow faint small" }, "nobody has looked at"),
      h("button", { class: "btn btn-small", type: "button", title: "The object is not visible there", onclick: () => this.acts.mark(masklet.id, "absent", { first, last }) }, "Mark absent")));
    return h("ul", { class: "ranges" }, rows, ranges.length > RANGES_SHOWN && h("li", { class: "faint small" }, `and ${ranges.length - RANGES_SHOWN} more`));
  }

  /** @param {number} masklet @param {boolean} isIn */
  #choose(masklet, isIn) {
    if (isIn) this.#left.delete(masklet);
    else this.#left.add(masklet);
    this.#show();
  }

  /** @param {number} masklet @param {number} frame */
  #jump(masklet, frame) {
    this.dialog.close();
    this.listener.goTo(masklet, frame);
  }

  #submit() {
    const chosen = this.#masklets.filter((masklet) => !this.#left.has(masklet.id)).map((masklet) => masklet.id);
    this.go.disabled = true;
    this.acts.submit(chosen, (error, handedIn) => (error ? this.#refused(error) : this.#done(handedIn)));
  }

  /** @param {ApiError} error */
  #refused(error) {
    this.#message = error.message;
    this.#show();
  }

  /** @param {Masklet[]} handedIn */
  #done(handedIn) {
    this.dialog.close();
    this.listener.done(handedIn);
  }
}
