import { h } from "../ui/dom.js";
import { openDialog } from "../ui/dialogs.js";

/** @import {Held} from "./hold.js" */

/** Says that the hold was lost, and offers to take it up again. @param {string} reason @param {() => void} takeUp @param {Held} held */
export function openLostDialog(reason, takeUp, { title, leave }) {
  const again = h("button", { class: "btn btn-primary", type: "button" }, "Take it up again");
  const text = h("p", {}, `${reason} What was saved is kept.`);
  const foot = h("div", { class: "dialog-foot" }, leave((message) => (text.textContent = message)), again);
  const dialog = openDialog(title, h("div", {}, h("div", { class: "dialog-body" }, text), foot));
  again.addEventListener("click", () => {
    dialog.close();
    takeUp();
  });
  again.focus();
  return dialog;
}

/** Says that the sign-in has run out. */
export function openSignedOutDialog() {
  const href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  const link = h("a", { class: "btn btn-primary", href }, "Sign in");
  openDialog("You are signed out", h("div", {}, h("div", { class: "dialog-body" }, h("p", {}, "Sign in again to go on. What was saved is kept.")), h("div", { class: "dialog-foot" }, link)));
}

/** What to do when all is submitted. @param {string} project slug @param {{id: number, name: string} | null} next @param {boolean} isReviewed Whether something of it goes to a reviewer. */
export function openDoneDialog(project, next, isReviewed) {
  const library = h("a", { class: "btn", href: `/projects/${project}` }, "To the project");
  const on = next && h("a", { class: "btn btn-primary", href: `/videos/${next.id}/annotate` }, `Next: ${next.name}`);
  const stay = h("button", { class: "btn", type: "button", onclick: () => dialog.close() }, "Stay here");
  /** @type {HTMLDialogElement} */
  const dialog = openDialog("All masklets are submitted", h("div", {}, h("div", { class: "dialog-body" }, h("p", {}, isReviewed ? "A reviewer takes it from here. Is every object of this video done?" : "Is every object of this video done?")), h("div", { class: "dialog-foot" }, stay, library, on)));
}
