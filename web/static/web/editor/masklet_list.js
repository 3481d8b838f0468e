import { fill, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { emptyState, stateChip } from "../ui/parts.js";
import { inkOf, PALETTE, swatchOf } from "../palette.js";
import { humanFrames, isAwaiting, presentMasklets, propagationOf, signOf } from "../selectors.js";
import { actButton } from "./buttons.js";
import { toolIcon } from "./icons.js";
import { mayChange } from "./mode.js";

/**
 * @import {Masklet} from "../types.js"
 * @import {Shortcuts} from "../shortcuts.js"
 * @import {Mode} from "./mode.js"
 * @import {AppState} from "./state.js"
 */

const NAME_LONGEST = 100; // characters

/**
 * @typedef {object} Row
 * @property {number} id
 * @property {number} number
 * @property {string} name
 * @property {number} color
 * @property {Masklet["state"]} state
 * @property {number} version
 * @property {boolean} selected
 * @property {boolean} hidden
 * @property {string} line What is done of it.
 * @property {boolean} busy
 * @property {boolean} workable
 *
 * @typedef {object} MaskletListActs
 * @property {(masklet: number) => void} select
 * @property {(masklet: number) => void} toggleHidden
 * @property {(masklet: number, data: {name?: string, color?: number}) => void} edit
 * @property {(masklet: {id: number, name: string}) => void} remove
 * @property {(masklet: number) => void} restore
 */

/** The masklets at the right: select, colour, name, hide, delete. */
export class MaskletList {
  #renaming = false;
  #shown = "";

  /** @param {Shortcuts} shortcuts @param {MaskletListActs} acts */
  constructor(shortcuts, acts) {
    this.shortcuts = shortcuts;
    this.acts = acts;
    this.list = h("ul", { class: "masklets", "aria-label": "Masklets" });
    this.deleted = h("details", { class: "deleted" });
    this.count = h("span", { class: "faint" });
    const head = h("div", { class: "side-head" }, h("h2", {}, "Masklets"), this.count, h("span", { class: "grow" }), shortcuts.has("add") && actButton(shortcuts, "add", icon("plus"), "New", "btn-small"));
    this.element = h("section", { class: "side-section side-masklets" }, head, this.list, this.deleted);
  }

  /** @param {AppState} state */
  show(state) {
    const rows = presentMasklets(state.domain).map((masklet) => this.#rowState(state, masklet));
    const gone = state.domain.masklets.filter((masklet) => masklet.deleted && state.mode.mayAdd);
    const shown = JSON.stringify([rows, gone.map(({ id, name }) => [id, name])]);
    if (this.#renaming || shown === this.#shown) return;
    this.#shown = shown;
    this.count.textContent = rows.length ? String(rows.length) : "";
    fill(this.list, state.mode.oneFrame ? this.#selection(rows) : rows.length ? rows.map((row) => this.#row(row)) : this.#empty(state.mode));
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    this.#showDeleted(gone);
  }

  /** What was chosen, before what was there already. @param {Row[]} rows */
  #selection(rows) {
    const [chosen, there] = [rows.filter((row) => row.workable), rows.filter((row) => !row.workable)];
    return [
      h("li", { class: "masklets-head" }, `Chosen by you · ${chosen.length}`),
      ...(chosen.length ? chosen.map((row) => this.#row(row)) : [h("li", { class: "masklets-none faint" }, "Click an object in the frame to choose it; N begins the next one.")]),
      there.length > 0 && h("li", { class: "masklets-head" }, `Already in the video · ${there.length}`),
      ...there.map((row) => this.#row(row)),
    ];
  }

  /** Turns the selected masklet's name into a field. */
  rename() {
    const row = this.list.querySelector("[aria-current]");
    if (row instanceof HTMLElement && row.dataset.workable === "true") this.#rename(row);
  }

  /** @param {AppState} app @param {Masklet} masklet @returns {Row} */
  #rowState(app, masklet) {
    const { domain, view, mode } = app;
    const workable = mayChange(app, masklet);
    const frames = domain.masks.get(masklet.id);
    const [chosenOn] = humanFrames(domain, masklet.id);
    const work = `${frames?.size ?? 0} of ${domain.video.annotated_count}${masklet.edited_frame_count ? ` · ${masklet.edited_frame_count} by hand` : ""} · v${masklet.version}`;
    const { id, name, color, state, version } = masklet;
    return {
      id, name, color, state, version,
      number: signOf(masklet),
      selected: id === view.selected,
      hidden: view.hidden.has(id),
      line: !mode.oneFrame ? work : workable ? (chosenOn === undefined ? "not chosen on any frame yet" : `on frame ${chosenOn}`) : state === "in_work" ? "somebody tracks it" : "to look at only",
      busy: propagationOf(domain, id) !== null || isAwaiting(domain, id),
      workable,
    };
  }

  /** @param {Row} row */
  #row(row) {
    const { hex, name: colorName } = swatchOf(row.color);
    const badge = h("button", { class: "masklet-color", type: "button", title: `Colour: ${colorName}. Click to choose another`, "aria-label": `Colour of ${row.name}`, disabled: !row.workable, onclick: (/** @type {MouseEvent} */ event) => this.#pickColor(event, row.id) }, String(row.number));
    badge.style.background = hex;
    badge.style.color = inkOf(row.color);
    const name = h("span", { class: "masklet-name truncate", title: row.workable ? "Double-click to rename (F2)" : row.name }, row.name);
    const main = h("button", { class: "masklet-main", type: "button", "aria-label": `Select ${row.name}`, onclick: () => this.acts.select(row.id) },
      name, h("span", { class: "masklet-line truncate", title: "Frames decided, frames edited by hand, version saved" }, row.line));
    const item = h("li", { class: `masklet${row.hidden ? " masklet-hidden" : ""}`, "aria-current": row.selected && "true", "data-id": row.id, "data-workable": String(row.workable) },
      badge, main, row.busy && h("span", { class: "spinner", title: "The model is at work on it" }), row.state !== "in_work" && stateChip(row.state), this.#rowActs(row));
    main.addEventListener("dblclick", () => row.workable && this.#rename(item));
    return item;
  }

  /** @param {Row} row */
  #rowActs(row) {
    const eye = h("button", { class: "btn btn-ghost btn-icon btn-small", type: "button", title: row.hidden ? "Show (H)" : "Hide (H)", "aria-label": `${row.hidden ? "Show" : "Hide"} ${row.name}`, "aria-pressed": String(row.hidden), onclick: () => this.acts.toggleHidden(row.id) }, row.hidden ? toolIcon("eye_off") : icon("eye"));
    const bin = h("button", { class: "btn btn-ghost btn-icon btn-small", type: "button", title: "Delete (Del)", "aria-label": `Delete ${row.name}`, disabled: !row.workable, onclick: () => this.acts.remove(row) }, icon("trash"));
    return h("span", { class: "masklet-acts" }, eye, this.shortcuts.has("delete") && bin);
  }

  /** @param {HTMLElement} item */
  #rename(item) {
    const label = item.querySelector(".masklet-name");
    if (!label || this.#renaming) return;
    const before = label.textContent ?? "";
    const field = h("input", { class: "input masklet-field", value: before, maxlength: NAME_LONGEST, "aria-label": "Name" });
    this.#renaming = true;
    item.querySelector(".masklet-main")?.replaceWith(field);
    field.select();
    const finish = (/** @type {boolean} */ keep) => {
      if (!this.#renaming) return;
      this.#renaming = false;
      this.#shown = "";
      const name = field.value.trim();
      if (keep && name && name !== before) this.acts.edit(Number(item.dataset.id), { name });
      this.acts.select(Number(item.dataset.id));
    };
    field.addEventListener("blur", () => finish(true));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") finish(event.key === "Enter");
      event.stopPropagation();
    });
  }

  /** @param {MouseEvent} event @param {number} masklet */
  #pickColor(event, masklet) {
    const picker = h("div", { class: "color-picker", popover: "auto", role: "listbox", "aria-label": "Colour" });
    for (const [color, { hex, name }] of PALETTE.entries()) {
      const choice = h("button", { class: "color-choice", type: "button", role: "option", title: name, "aria-label": name, onclick: () => { this.acts.edit(masklet, { color }); picker.hidePopover(); } });
      choice.style.background = hex;
      picker.append(choice);
    }
    picker.addEventListener("toggle", (change) => /** @type {ToggleEvent} */ (change).newState === "closed" && picker.remove());
    document.body.append(picker);
    const at = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    picker.style.left = `${Math.max(at.left - 60, 8)}px`;
    picker.style.top = `${at.bottom + 6}px`;
    picker.showPopover();
    /** @type {HTMLElement | null} */ (picker.querySelector("button"))?.focus();
  }

  /** @param {readonly Masklet[]} gone */
  #showDeleted(gone) {
    this.deleted.hidden = gone.length === 0;
    const rows = gone.map((masklet) => h("li", { class: "row" }, h("span", { class: "grow truncate muted" }, masklet.name), h("button", { class: "btn btn-small", type: "button", onclick: () => this.acts.restore(masklet.id) }, "Restore")));
    this.deleted.replaceChildren(h("summary", {}, `Deleted (${gone.length})`), h("ul", { class: "stack" }, rows));
  }

  /** @param {Mode} mode */
  #empty({ mayPrompt }) {
    if (!mayPrompt) return h("li", {}, emptyState({ symbol: "outline", title: "No masklets yet", text: "Nobody has an object of this video so far." }));
    const text = "Click an object in the frame: the left button marks what belongs to it, the right button what does not. The model draws the mask; propagate it through the video and correct it where it is wrong.";
    return h("li", {}, emptyState({ symbol: "outline", title: "No masklets yet", text }));
  }
}
