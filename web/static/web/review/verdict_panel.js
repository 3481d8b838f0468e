/** Marks, comment and the three verdicts. */

/** @import {Shortcuts} from "../shortcuts.js" */
/** @import {MarksPanel} from "./marks_panel.js" */
import { h } from "../ui/dom.js";

/** @type {readonly [act: string, tone: string, words: string, sign: string, hint: string][]} */
const VERDICTS = [
  ["satisfactory", "btn-good", "Satisfactory", "A", "The masks follow the object."],
  ["unsatisfactory", "btn-warn", "Unsatisfactory", "S", "A well-defined object, but the masks are wrong. It goes back with your marks."],
  ["reject", "btn-danger", "Reject", "R", "Not a well-defined object. It is closed."],
];

/**
 * @param {Shortcuts} keys
 * @param {MarksPanel} marks
 * @param {{comment: string, onComment: (text: string) => void}} draft
 * @returns {{element: HTMLElement, comment: HTMLTextAreaElement, setBusy: (busy: boolean) => void}}
 */
export function verdictPanel(keys, marks, { comment: text, onComment }) {
  const comment = h("textarea", { class: "textarea", rows: 2, maxlength: 2000, placeholder: "Comment to the annotator" });
  comment.value = text;
  comment.addEventListener("input", () => onComment(comment.value));
  comment.addEventListener("keydown", (event) => { if (event.key === "Escape") comment.blur(); });
  const buttons = VERDICTS.map(([act, tone, words, sign, hint]) => h("button", { class: `btn btn-large verdict ${tone}`, type: "button", title: hint, onclick: () => keys.get(act).run() }, h("span", { class: "grow" }, words), h("kbd", { class: "kbd" }, sign)));
  const element = h(
    "section",
    { class: "side-verdict" },
    h("h2", {}, "Marks"),
    marks.list,
    h("label", { class: "field" }, h("span", {}, "Comment"), comment),
    h("div", { class: "verdicts" }, buttons),
  );
  return { element, comment, setBusy: (busy) => buttons.forEach((button) => { button.disabled = busy; }) };
}
