/** What the pages about people show alike: shares, scores, stretches of time. */

/** @import {Queue} from "./api.js" */
import { h } from "../ui/dom.js";

/** @type {readonly (readonly [number, string])[]} */
const STRETCHES = [[7, "7 days"], [30, "30 days"], [90, "90 days"], [365, "a year"]];
const NOTHING = "–";
export const DAYS = 30;

/** @param {number | null} part 0 to 1 @param {number} [digits] */
export function percent(part, digits = 0) {
  return part === null ? NOTHING : `${(part * 100).toFixed(digits)} %`;
}

/** @param {number | null} value @param {number} [digits] */
export function decimal(value, digits = 2) {
  return value === null ? NOTHING : value.toFixed(digits);
}

/** The mean of J and F, as people quote it. @param {number | null} j @param {number | null} f */
export function jf(j, f) {
  return j === null || f === null ? NOTHING : ((j + f) * 50).toFixed(1);
}

/** @param {Queue} queue */
export function queueChip(queue) {
  return queue === "training" ? h("span", { class: "chip chip-info" }, "Training") : h("span", { class: "chip" }, "Production");
}

/** A choice of how far back to look. @param {number} days @param {(days: number) => void} choose */
export function stretch(days, choose) {
  const options = STRETCHES.map(([value, words]) => h("option", { value, selected: value === days }, words));
  const select = h("select", { class: "input" }, options);
  select.addEventListener("change", () => choose(Number(select.value)));
  return h("label", { class: "row muted stretch" }, "Of the last", select);
}

/** A number that leads to the rows behind it, where it has any. @param {string} words @param {string | false} href */
export function behind(words, href) {
  return href && words !== NOTHING ? h("a", { href }, words) : words;
}

/** One number with what it is and what stands behind it. @param {string} label @param {Node | string} value @param {(Node | string)[]} detail */
export function tile(label, value, ...detail) {
  return h("div", { class: "tile" }, h("span", { class: "tile-label" }, label), h("strong", { class: "tile-value" }, value), h("span", { class: "faint" }, detail));
}

/** Leafing through a list. @param {{next: string | null, previous: string | null}} shown @param {number} page @param {(page: number) => void} go */
export function leaf(shown, page, go) {
  if (!shown.next && !shown.previous) return null;
  const back = h("button", { class: "btn", type: "button", disabled: !shown.previous, onclick: () => go(page - 1) }, "Back");
  const on = h("button", { class: "btn", type: "button", disabled: !shown.next, onclick: () => go(page + 1) }, "On");
  return h("div", { class: "pager row" }, back, h("span", { class: "muted" }, `Page ${page}`), on);
}
