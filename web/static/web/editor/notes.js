import { fill, h } from "../ui/dom.js";
import { formatAgo } from "../ui/format.js";
import { unseenChip } from "../ui/parts.js";
import { maskletOf, newestVerdict, refineMarks } from "../selectors.js";

/** @import {AppState} from "./state.js" */

/** What the reviewer wrote on a masklet that came back, with a jump to each mark. */
export class Notes {
  #shown = "";

  /** @param {(frame: number) => void} goTo */
  constructor(goTo) {
    this.goTo = goTo;
    this.body = h("div", { class: "stack" });
    this.element = h("section", { class: "side-section notes" }, h("div", { class: "side-head" }, h("h2", {}, "From review")), this.body);
  }

  /** @param {AppState} state */
  show({ domain, view }) {
    const masklet = maskletOf(domain, view.selected);
    const verdict = masklet?.state === "refine" ? newestVerdict(masklet) : null;
    this.element.hidden = verdict === null;
    const shown = JSON.stringify([verdict, view.frame]);
    if (!masklet || !verdict || shown === this.#shown) return;
    this.#shown = shown;
    const rows = refineMarks(masklet).map((mark, i) => {
      const here = mark.frame_index === view.frame;
      return h("li", {}, h("button", { class: "note", type: "button", "aria-current": here && "true", onclick: () => this.goTo(mark.frame_index) },
        h("span", { class: "note-pin" }, i + 1), h("span", { class: "grow" }, mark.text || "Look here"), h("span", { class: "faint small" }, `frame ${mark.frame_index}`)));
    });
    fill(this.body, verdict.comment && h("p", { class: "note-comment" }, verdict.comment), h("ul", {}, rows), h("p", { class: "faint small" }, `${verdict.reviewer}, ${formatAgo(verdict.created_at)} `, unseenChip(verdict)));
  }
}
