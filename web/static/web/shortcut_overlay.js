import { h } from "./ui/dom.js";
import { openDialog } from "./ui/dialogs.js";
import { keySign } from "./shortcuts.js";

/**
 * @import {Shortcuts} from "./shortcuts.js"
 */

/**
 * Opens the list of all keys. `gestures` are acts of the pointer, which no key starts.
 * @param {Shortcuts} shortcuts
 * @param {Record<string, readonly [string, string][]>} [gestures] Rows of what to do and what it does, by heading.
 */
export function openShortcutOverlay(shortcuts, gestures = {}) {
  /** @type {Map<string, HTMLElement[]>} */
  const groups = new Map();
  const add = (/** @type {string} */ group, /** @type {HTMLElement} */ row) => groups.set(group, [...(groups.get(group) ?? []), row]);
  for (const [group, rows] of Object.entries(gestures)) for (const [how, what] of rows) add(group, rowOf([how], what));
  for (const { group, label, keys } of shortcuts.all) if (keys.length) add(group, rowOf(signsOf(keys), label));
  const columns = [...groups].map(([group, rows]) => h("section", { class: "keys-group" }, h("h3", {}, group), h("dl", {}, rows)));
  const dialog = openDialog("Keys", h("div", { class: "keys" }, columns));
  dialog.classList.add("keys-dialog");
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "?" || event.key === "F1") {
      event.preventDefault();
      event.stopPropagation(); // or the page would open it again
      dialog.close();
    }
  });
}

/** Many keys of one act are a row of keys, of which the ends are enough. @param {readonly string[]} keys */
function signsOf(keys) {
  const signs = keys.map(keySign);
  return signs.length > 3 ? [`${signs[0]} … ${signs.at(-1)}`] : signs;
}

/** @param {readonly string[]} keys @param {string} label */
function rowOf(keys, label) {
  const signs = keys.flatMap((key, i) => [i ? " " : "", h("kbd", { class: "kbd" }, key)]);
  return h("div", { class: "keys-row" }, h("dt", {}, signs), h("dd", {}, label));
}
