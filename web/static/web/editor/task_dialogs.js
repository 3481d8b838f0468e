import { fill, h } from "../ui/dom.js";
import { messageOf, openDialog } from "../ui/dialogs.js";
import { api } from "../ui/page_api.js";
import { kindsOfPage, openNext } from "../ui/tasks.js";

/** @import {Task, TaskKind} from "../types.js" */

const REASON_LONGEST = 2000; // characters
const OTHER = "Another reason";

/** @type {readonly string[]} */
const REASONS = ["I cannot tell what the object is", "The object has no clear edge", "It is too hard for me", "The video is broken, or should not be here"];
/** @type {Partial<Record<TaskKind, readonly string[]>>} */
const REASONS_OF = {
  select: ["Nothing here has a clear edge", "I cannot tell the objects apart", "The video is broken, or should not be here"],
  exhaust: ["I cannot tell the objects apart", "The video is broken, or should not be here"],
};

/**
 * A dialog with a form; what `read` gives when it is sent, null when it is closed.
 * @template T
 * @param {string} title @param {HTMLElement[]} body @param {string} act The button's words. @param {() => T} read
 * @returns {Promise<T | null>}
 */
function ask(title, body, act, read) {
  return new Promise((resolve) => {
    /** @type {T | null} */
    let answer = null;
    const cancel = h("button", { class: "btn", type: "button", onclick: () => dialog.close() }, "Cancel");
    const go = h("button", { class: "btn btn-primary", type: "submit" }, act);
    const send = (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      answer = read();
      dialog.close();
    };
    const form = h("form", { onsubmit: send }, h("div", { class: "dialog-body" }, body), h("div", { class: "dialog-foot" }, cancel, go));
    /** @type {HTMLDialogElement} */
    const dialog = openDialog(title, form);
    dialog.addEventListener("close", () => resolve(answer));
    const [field] = form.querySelectorAll("input, textarea");
    /** @type {HTMLElement} */ (field ?? go).focus();
  });
}

/** @param {string} label @param {string} [hint] */
function noteField(label, hint = "") {
  const field = h("textarea", { class: "textarea", maxlength: REASON_LONGEST, rows: 3 });
  // Enter sends, as everywhere; Shift Enter begins a line.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    field.form?.requestSubmit();
  });
  return { field, element: h("label", { class: "field" }, h("span", {}, label), field, hint && h("span", { class: "field-hint" }, hint)) };
}

/** Why a task is skipped; null when it is not. @param {TaskKind} kind @returns {Promise<string | null>} */
export function askSkip(kind) {
  const reasons = [...(REASONS_OF[kind] ?? REASONS), OTHER];
  const choices = reasons.map((reason) => h("label", { class: "check" }, h("input", { type: "radio", name: "reason", value: reason, required: true }), reason));
  const { field, element } = noteField("In your words", "The manager reads it. Needed for another reason.");
  const group = h("fieldset", { class: "reasons" }, h("legend", {}, "You are never offered this task again. Why?"), choices);
  group.addEventListener("change", () => (field.required = chosen() === OTHER));
  const chosen = () => String(new FormData(/** @type {HTMLFormElement} */ (field.form)).get("reason"));
  return ask("Skip the task", [group, element], "Skip", () => {
    const words = field.value.trim();
    if (chosen() === OTHER) return words;
    return words ? `${chosen()}: ${words}` : chosen();
  });
}

/** A note for oneself on what the task waits for; null when it is not put on hold. @returns {Promise<string | null>} */
export function askHold() {
  const { field, element } = noteField("What does it wait for?", "You read this on the Work page. The task stays yours until you take it up, or a manager gives it to others.");
  return ask("Put the task on hold", [element], "Hold", () => field.value.trim());
}

/** A note to the answer whether anything is left; null when it is not given. @param {boolean} left @returns {Promise<string | null>} */
export function askAnswer(left) {
  const { field, element } = noteField("Note (optional)", left ? "What is left, and where: whoever selects it reads this." : "");
  return ask(left ? "Something is left in this video" : "Nothing is left in this video", [element], left ? "Something is left" : "Nothing is left", () => field.value.trim());
}

/** A button that claims the next task of the page's kinds and opens it; `said` is told where there is none. @param {string} project @param {(message: string) => void} said @param {string} [style] */
export function nextButton(project, said, style = "btn-primary") {
  const claim = async () => {
    button.disabled = true;
    fill(button, h("span", { class: "spinner" }), "Next task");
    try {
      const kinds = kindsOfPage();
      if ((await openNext(project, kinds)) || (kinds.length > 0 && (await openNext(project)))) return;
      said("Nothing waits for you now.");
      button.hidden = true;
    } catch (error) {
      said(messageOf(error));
    }
    button.disabled = false;
    fill(button, "Next task");
  };
  const button = h("button", { class: `btn ${style}`, type: "button", onclick: () => void claim() }, "Next task");
  return button;
}

/** Says how the task ended, and goes on. @param {Task} task @param {{title: string, text: string, again: boolean}} what `again`: whether it can be taken up again. */
export function openOverDialog({ id, project }, { title, text, again }) {
  const words = h("p", {}, text);
  const said = h("p", { class: "muted", role: "status" });
  const work = h("a", { class: "btn", href: `/projects/${project}/work` }, "To the Work page");
  const next = nextButton(project, (message) => {
    fill(said, message);
    work.focus();
  });
  const takeUp = async () => {
    try {
      await api.tasks.claim(id);
      location.reload();
    } catch (error) {
      fill(said, messageOf(error));
    }
  };
  const back = again && h("button", { class: "btn", type: "button", onclick: () => void takeUp() }, "Take it up again");
  const dialog = openDialog(title, h("div", {}, h("div", { class: "dialog-body" }, words, said), h("div", { class: "dialog-foot" }, back, work, next)));
  dialog.addEventListener("close", () => location.assign(work.href));
  next.focus();
}
