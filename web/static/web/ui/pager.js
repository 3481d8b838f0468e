/** Turning the pages of a list. */

import { fill, h } from "./dom.js";

/**
 * Fills `place`, which keeps the focus; with nothing where there is one page only.
 * @param {HTMLElement} place @param {{page: number, count: number, size: number, turnTo: (page: number) => void}} list
 */
export function showPager(place, { page, count, size, turnTo }) {
  const last = Math.max(Math.ceil(count / size), 1);
  const turning = place.contains(document.activeElement) ? document.activeElement?.textContent : null;
  const turn = (/** @type {number} */ to, /** @type {string} */ words) => h("button", { class: "btn btn-small", type: "button", disabled: to < 1 || to > last, onclick: () => turnTo(to) }, words);
  fill(place, last > 1 && h("nav", { class: "panel-body row", "aria-label": "Pages" }, turn(page - 1, "Previous"), h("span", { class: "muted" }, `Page ${page} of ${last}`), turn(page + 1, "Next")));
  if (turning) [...place.querySelectorAll("button")].find((button) => button.textContent === turning)?.focus();
}
