/** Small parts that several pages show alike: state chips, empty pages, load failures. */

import { ApiError } from "../api.js";
import { h } from "./dom.js";
import { messageOf } from "./dialogs.js";
import { formatCount } from "./format.js";
import { icon } from "./icons.js";

/** @typedef {"good" | "warn" | "bad" | "info" | "accent" | "plain"} Tone */

const REFUSALS = new Set([401, 403, 404]);

/** @type {Record<string, [string, Tone]>} */
const STATES = {
  queued: ["Queued", "plain"],
  ingesting: ["Ingesting", "info"],
  ready: ["Ready", "good"],
  refused: ["Refused", "bad"],
  in_work: ["In work", "info"],
  submitted: ["Waiting for review", "accent"],
  refine: ["To refine", "warn"],
  accepted: ["Accepted", "good"],
  rejected: ["Rejected", "bad"],
  set_aside: ["Set aside", "plain"],
  waiting: ["Waiting", "plain"],
  claimed: ["Taken up", "info"],
  on_hold: ["On hold", "warn"],
  cancelled: ["Not wanted any more", "plain"],
  running: ["Running", "info"],
  done: ["Done", "good"],
  failed: ["Failed", "bad"],
  satisfactory: ["Satisfactory", "good"],
  unsatisfactory: ["Unsatisfactory", "warn"],
};

/**
 * A state in words, with its colour.
 * @param {string} state of a video, masklet, export or verdict
 * @param {string} [text] instead of the state's own words
 * @returns {HTMLElement}
 */
export function stateChip(state, text) {
  const [words, tone] = STATES[state] ?? [state, "plain"];
  return h("span", { class: tone === "plain" ? "chip" : `chip chip-${tone}` }, text ?? words);
}

/** Says of a verdict that it was given before every frame was shown; nothing of any other. @param {{unseen_frames: number | null}} verdict */
export function unseenChip({ unseen_frames: unseen }) {
  return unseen ? h("span", { class: "chip", title: "Frames that were not on the reviewer's screen before this verdict" }, `${formatCount(unseen, "frame")} not shown`) : null;
}

/** The states of a masklet, in the order in which it goes through them. */
export const MASKLET_STATES = /** @type {const} */ (["in_work", "submitted", "refine", "accepted", "rejected"]);

/**
 * A page's or panel's "nothing here", with what to do about it.
 * @param {{symbol: import("./icons.js").IconName, title: string, text: string, act?: HTMLElement | null}} what
 * @returns {HTMLElement}
 */
export function emptyState({ symbol, title, text, act = null }) {
  return h("div", { class: "empty" }, icon(symbol), h("h2", {}, title), h("p", {}, text), act);
}

/** What stands where trying again would change nothing. @param {ApiError} error */
function refusedState(error) {
  if (error.status !== 401) {
    const act = h("a", { class: "btn", href: "/" }, "All projects");
    if (error.status === 404) return emptyState({ symbol: "search", title: error.message, text: "It may be gone, or in a project that you are not in: its owner adds people.", act });
    return emptyState({ symbol: "alert", title: "There is nothing here for you", text: error.message, act });
  }
  const act = h("a", { class: "btn btn-primary", href: `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}` }, "Sign in");
  return emptyState({ symbol: "alert", title: "You are signed out", text: "Sign in to go on where you were.", act });
}

/**
 * What stands where something could not be fetched.
 * @param {unknown} error
 * @param {() => void} again
 * @returns {HTMLElement}
 */
export function failedState(error, again) {
  if (error instanceof ApiError && REFUSALS.has(error.status)) return refusedState(error);
  const act = h("button", { class: "btn", type: "button", onclick: again }, icon("retry"), "Try again");
  return emptyState({ symbol: "alert", title: "This could not be loaded", text: messageOf(error), act });
}

/**
 * A palette entry's dot.
 * @param {string} color CSS colour
 * @returns {HTMLElement}
 */
export function swatch(color) {
  const dot = h("span", { class: "swatch", "aria-hidden": "true" });
  dot.style.background = color;
  return dot;
}

/**
 * A person's name, however the API says a person.
 * @param {{username: string} | string | null} person
 * @returns {string}
 */
export function nameOf(person) {
  if (person === null) return "nobody";
  return typeof person === "string" ? person : person.username;
}

/**
 * A panel with a heading.
 * @param {string} title
 * @param {(Node | null | false)[]} body
 * @param {(Node | null | false)[]} [acts] at the end of the heading
 * @returns {HTMLElement}
 */
export function panel(title, body, acts = []) {
  return h("section", { class: "panel" }, h("div", { class: "panel-head" }, h("h2", { class: "grow" }, title), acts), body);
}
