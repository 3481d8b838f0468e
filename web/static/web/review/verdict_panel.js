/** Marks, comment and the three verdicts. */

/** @import {Shortcuts} from "../shortcuts.js" */
/** @import {VerdictKind} from "../types.js" */
/** @import {MarksPanel} from "./marks_panel.js" */
import { fill, h } from "../ui/dom.js";
import { stateChip } from "../ui/parts.js";

/** @type {readonly [act: string, tone: string, words: string, sign: string, hint: string][]} */
const VERDICTS = [
  ["satisfactory", "btn-good", "Satisfactory", "A", "The masks follow the object."],
  ["unsatisfactory", "btn-warn", "Unsatisfactory", "S", "A well-defined object, but the masks are wrong. It goes back with your marks."],
  ["reject", "btn-danger", "Reject", "R", "Not a well-defined object. It is closed."],
];

/** @param {{text: string, hint: string, onInput: (text: string) => void}} field */
export function commentField({ text, hint, onInput }) {
  const comment = h("textarea", { class: "textarea", rows: 2, maxlength: 2000, placeholder: hint });
  comment.value = text;
  comment.addEventListener("input", () => onInput(comment.value));
  comment.addEventListener("keydown", (event) => { if (event.key === "Escape") comment.blur(); });
  return comment;
}

/** @param {Shortcuts} keys @param {readonly [act: string, tone: string, words: string, sign: string, hint: string][]} rows @returns {HTMLButtonElement[]} */
export function answerButtons(keys, rows) {
  return rows.map(([act, tone, words, sign, hint]) => h("button", { class: `btn btn-large verdict ${tone}`, type: "button", title: hint, onclick: () => keys.get(act).run() }, h("span", { class: "grow" }, words), h("kbd", { class: "kbd" }, sign)));
}

/**
 * What was not shown yet, and the way there.
 * @param {Shortcuts} keys
 * @returns {{element: HTMLElement, show: (left: number, count: number, refuses: boolean) => void}}
 */
function unseenLine(keys) {
  const words = h("span", { class: "grow", role: "status" });
  const go = h("button", { class: "btn btn-small", type: "button", title: keys.tooltip("unseen"), onclick: () => keys.get("unseen").run() }, "Show the next", h("kbd", { class: "kbd" }, "U"));
  const element = h("p", { class: "unseen" }, words, go);
  const show = (/** @type {number} */ left, /** @type {number} */ count, /** @type {boolean} */ refuses) => {
    element.hidden = left === 0;
    element.classList.toggle("warn", refuses);
    const text = `${left} of ${count} frames not on your screen yet.${refuses ? " Verdicts need all of them." : ""}`;
    if (words.textContent !== text) fill(words, text);
  };
  return { element, show };
}

/**
 * @param {Shortcuts} keys
 * @param {MarksPanel} marks
 * @param {{comment: string, onComment: (text: string) => void}} draft
 */
export function verdictPanel(keys, marks, { comment: text, onComment }) {
  const comment = commentField({ text, hint: "Comment to the annotator", onInput: onComment });
  const buttons = answerButtons(keys, VERDICTS);
  const unseen = unseenLine(keys);
  const element = h(
    "section",
    { class: "side-verdict" },
    h("h2", {}, "Marks"),
    marks.list,
    h("label", { class: "field" }, h("span", {}, "Comment"), comment),
    unseen.element,
    h("div", { class: "verdicts" }, buttons),
  );
  const enable = (/** @type {boolean} */ enabled) => buttons.forEach((button) => { if (button.disabled === enabled) button.disabled = !enabled; });
  return { element, comment, enable, unseen };
}

/** What can be done about a verdict that was a mistake. @type {Readonly<Record<VerdictKind, string>>} */
const MISTAKEN = {
  satisfactory: "tell a manager, who can have the masklet audited.",
  unsatisfactory: "say so in a comment, or to a manager.",
  rejected: "tell a manager, who can have the masklet looked at again.",
};

/** What stands in its place where the verdict was given before. @param {VerdictKind} verdict */
export function givenPanel(verdict) {
  return h("section", { class: "side-verdict" }, h("h2", {}, "Your verdict"), h("p", { class: "row" }, stateChip(verdict)), h("p", { class: "muted" }, `A verdict is final: you are only looking. If it was a mistake, ${MISTAKEN[verdict]}`), h("p", { class: "muted" }, h("kbd", { class: "kbd" }, "]"), " goes on."));
}
