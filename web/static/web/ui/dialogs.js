/** Toasts for what happened, and dialogs for what needs an answer. */

import { ApiError } from "../api.js";
import { byId, h } from "./dom.js";
import { icon } from "./icons.js";

const TOAST_LIFE = 6000; // ms; an error stays until it is closed

/**
 * @param {string} message one sentence
 * @param {"good" | "bad" | "plain"} [kind]
 */
export function toast(message, kind = "plain") {
  const region = byId("toasts", HTMLElement);
  const same = [...region.children].find((child) => child.querySelector("p")?.textContent === message);
  same?.remove();
  const element = h("div", { class: `toast toast-${kind}`, role: kind === "bad" ? "alert" : null }, h("p", {}, message));
  element.append(h("button", { class: "btn btn-ghost btn-icon btn-small", type: "button", "aria-label": "Close", onclick: () => { element.remove(); } }, icon("cross")));
  region.append(element);
  if (kind !== "bad") setTimeout(() => element.remove(), TOAST_LIFE);
}

const LATER = "maskloom.said"; // in sessionStorage

/** Has the next page of this tab say something. @param {string} message */
export function toastOnNextPage(message) {
  sessionStorage.setItem(LATER, message);
}

/** Says what the page before wanted to have said. */
export function toastFromLastPage() {
  const message = sessionStorage.getItem(LATER);
  sessionStorage.removeItem(LATER);
  if (message) toast(message, "good");
}

/**
 * A failure as a sentence: the server's where it said one.
 * @param {unknown} error
 * @returns {string}
 */
export function messageOf(error) {
  if (error instanceof ApiError && error.status === 401) return "You are signed out. Sign in again in another tab, then repeat this.";
  const isFault = error instanceof TypeError || error instanceof RangeError; // ours, in words for programmers
  return error instanceof Error && error.message && !isFault ? error.message : "Something went wrong. Reload the page and try again.";
}

/** @param {unknown} error */
export function toastError(error) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  toast(messageOf(error), "bad");
}

/**
 * Opens a modal dialog that goes away with its closing; Escape closes it.
 * @param {string} title
 * @param {HTMLElement} body
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, body) {
  const dialog = h("dialog", { "aria-label": title });
  const close = h("button", { class: "btn btn-ghost btn-icon", type: "button", "aria-label": "Close", onclick: () => { dialog.close(); } }, icon("cross"));
  dialog.append(h("div", { class: "dialog-head" }, h("h2", {}, title), close), body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks before an act that is felt.
 * @param {{title: string, text: string, act: string, danger?: boolean}} question `act` is the button's word
 * @returns {Promise<boolean>}
 */
export function confirmAct({ title, text, act, danger = false }) {
  return new Promise((resolve) => {
    let answer = false;
    const no = h("button", { class: "btn", type: "button", onclick: () => dialog.close() }, "Cancel");
    const yes = h("button", { class: `btn ${danger ? "btn-danger" : "btn-primary"}`, type: "button", onclick: () => { answer = true; dialog.close(); } }, act);
    const body = h("div", {}, h("div", { class: "dialog-body" }, h("p", {}, text)), h("div", { class: "dialog-foot" }, no, yes));
    const dialog = openDialog(title, body);
    dialog.addEventListener("close", () => resolve(answer));
    yes.focus();
  });
}
