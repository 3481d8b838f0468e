/** One thread in the list: where it is, and when it is open what was said, with an answer. */

/** @import {Thread} from "../types.js" */
import { toastError } from "../ui/dialogs.js";
import { h } from "../ui/dom.js";
import { formatAgo } from "../ui/format.js";

/**
 * @typedef {object} RowListener
 * @property {() => void} toggle
 * @property {(text: string) => void} draft The answer as far as it is written.
 * @property {(text: string) => Promise<unknown>} answer
 * @property {() => Promise<unknown>} settle Resolve it, or take it up again.
 */

/** @typedef {{thread: Thread, sign: string, about: string, open: boolean, draft: string, sayer: (user: string | null) => string}} Row */

/** @param {Row} row @param {RowListener} listener */
export function threadRow({ thread, sign, about, open, draft, sayer }, listener) {
  const newest = thread.comments.at(-1);
  const head = h("button", { class: "thread-head", type: "button", "aria-expanded": String(open), onclick: listener.toggle },
    h("span", { class: "thread-sign" }, sign),
    h("span", { class: "thread-words" },
      h("span", { class: "faint small" }, [whereWords(thread), about, thread.resolved_at && "resolved"].filter(Boolean).join(" · ")),
      !open && h("span", { class: "truncate" }, `${sayer(newest?.user ?? thread.created_by)}: ${newest?.text ?? ""}`)));
  return h("li", { class: "thread", "data-thread": thread.id, "aria-current": open && "true" }, head, open && conversation(thread, draft, sayer, listener));
}

/** The frames and the place that it is pinned to. @param {Pick<Thread, "first_frame" | "last_frame" | "x0" | "x1">} thread */
export function whereWords({ first_frame: first, last_frame: last, x0, x1 }) {
  if (first === null) return "no frame";
  const frames = last === null || last === first ? `frame ${first}` : `frames ${first} to ${last}`;
  return x0 === null ? frames : `${frames}, ${x0 === x1 ? "a point" : "a region"}`;
}

/** What was said, with an answer. @param {Thread} thread @param {string} draft @param {(user: string | null) => string} sayer @param {Omit<RowListener, "toggle">} listener */
export function conversation(thread, draft, sayer, listener) {
  const said = thread.comments.map((comment) => h("li", {}, h("span", { class: "faint small" }, `${sayer(comment.user)}, ${formatAgo(comment.created_at)}`), h("p", { class: "thread-text" }, comment.text)));
  const text = h("textarea", { class: "textarea", rows: 2, maxlength: 5000, placeholder: "Answer", "aria-label": "Answer" });
  text.value = draft;
  const send = h("button", { class: "btn btn-small", type: "submit", title: "Ctrl Enter", disabled: !draft.trim() }, "Answer");
  const settle = h("button", { class: `btn btn-small ${thread.resolved_at ? "btn-ghost" : "btn-good"}`, type: "button", "data-act": "settle" }, thread.resolved_at ? "Reopen" : "Resolve");
  settle.addEventListener("click", () => {
    settle.disabled = true;
    listener.settle().catch((error) => {
      settle.disabled = false;
      toastError(error);
    });
  });
  text.addEventListener("input", () => {
    send.disabled = !text.value.trim();
    listener.draft(text.value);
  });
  const form = h("form", { class: "thread-answer", "aria-label": "Answer" }, text, h("div", { class: "row" }, send, settle));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    if (event.key === "Escape") text.blur();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    listener.answer(text.value.trim()).catch((error) => {
      send.disabled = false;
      toastError(error);
    });
  });
  const by = thread.resolved_by && h("p", { class: "faint small" }, `Resolved by ${sayer(thread.resolved_by)}, ${formatAgo(thread.resolved_at ?? thread.created_at)}`);
  return h("div", { class: "thread-body" }, h("ol", { class: "thread-comments" }, said), by, form);
}
