/** The list of marks that go with a verdict. */

/** @import {ReviewMark} from "../types.js" */
import { fill, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";

export class MarksPanel {
  /**
   * @param {object} listener
   * @param {(frameIndex: number) => void} listener.seek
   * @param {(marks: ReviewMark[]) => void} listener.change
   * @param {() => void} listener.leave the person has written a mark's words
   */
  constructor(listener) {
    this.listener = listener;
    this.list = h("ol", { class: "marks" });
  }

  /** @param {readonly ReviewMark[]} marks */
  show(marks) {
    const nothing = h("li", { class: "faint small" }, "No marks. Press I, then click the place that is wrong.");
    fill(this.list, marks.length === 0 ? nothing : marks.map((mark, i) => this.#row(marks, mark, i)));
  }

  /** Puts the cursor into a mark's words. @param {number} i */
  edit(i) {
    this.list.querySelectorAll("input")[i]?.focus();
  }

  /** @param {readonly ReviewMark[]} marks @param {ReviewMark} mark @param {number} i */
  #row(marks, mark, i) {
    const text = h("input", { class: "input", value: mark.text, maxlength: 500, placeholder: "What is wrong here (optional)", "aria-label": `Words of mark ${i + 1}`, autocomplete: "off" });
    text.addEventListener("input", () => this.listener.change(marks.map((other, j) => (i === j ? { ...other, text: text.value } : other))));
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      this.listener.leave();
    });
    const remove = () => {
      const left = marks.filter((_, j) => j !== i);
      this.listener.change(left);
      this.show(left);
    };
    return h(
      "li",
      { class: "mark" },
      h("button", { class: "mark-number", type: "button", title: `Go to frame ${mark.frame_index}`, "aria-label": `Go to mark ${i + 1}, frame ${mark.frame_index}`, onclick: () => this.listener.seek(mark.frame_index) }, String(i + 1)),
      h("span", { class: "faint small mark-frame" }, `Frame ${mark.frame_index}${mark.x === null ? ", whole" : ""}`),
      text,
      h("button", { class: "btn btn-ghost btn-icon btn-small", type: "button", "aria-label": `Remove mark ${i + 1}`, title: "Remove this mark", onclick: remove }, icon("trash")),
    );
  }
}
