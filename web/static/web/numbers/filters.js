/** Which masklets the numbers are about, kept in the page's address. */

import { h } from "../ui/dom.js";

/** @typedef {{people: string[], models: {id: number, label: string}[]}} Choices */

const NAMES = /** @type {const} */ (["phase", "model", "person", "type", "since", "until"]);

/** What the address asks for, with more in its place; what is empty is left out. @param {Record<string, string | string[]>} [more] */
export function asked(more = {}) {
  const here = new URLSearchParams(location.search);
  const wanted = { ...Object.fromEntries(NAMES.map((name) => [name, here.get(name) ?? ""])), ...more };
  return new URLSearchParams(Object.entries(wanted).flatMap(([name, value]) => [value].flat().filter(Boolean).map((each) => [name, each])));
}

/** @param {string} words @param {string} name @param {(readonly [string, string])[]} options @param {(name: string, value: string) => void} set */
function choice(words, name, options, set) {
  const now = asked().get(name) ?? "";
  const select = h("select", { class: "select", name, onchange: (/** @type {Event} */ event) => set(name, /** @type {HTMLSelectElement} */ (event.target).value) },
    h("option", { value: "" }, "All"), options.map(([value, label]) => h("option", { value, selected: value === now }, label)));
  return h("label", { class: "field" }, h("span", {}, words), select);
}

/** @param {string} words @param {string} name @param {(name: string, value: string) => void} set */
function day(words, name, set) {
  return h("label", { class: "field" }, h("span", {}, words), h("input", { class: "input", type: "date", name, value: asked().get(name), onchange: (/** @type {Event} */ event) => set(name, /** @type {HTMLInputElement} */ (event.target).value) }));
}

/**
 * The bar of filters.
 * @param {Choices} choices
 * @param {() => void} changed
 * @returns {HTMLElement}
 */
export function filterBar(choices, changed) {
  const set = (/** @type {string} */ name, /** @type {string} */ value) => {
    history.replaceState(null, "", `${location.pathname}?${asked({ [name]: value })}`);
    changed();
  };
  return h("div", { class: "numbers-filters", role: "group", "aria-label": "Filters" },
    choice("Phase", "phase", [["1", "Phase 1"], ["2", "Phase 2"], ["3", "Phase 3"]], set),
    choice("Model", "model", choices.models.map(({ id, label }) => [String(id), label]), set),
    choice("Person", "person", choices.people.map((name) => [name, name]), set),
    choice("Type", "type", [["manual", "Manual"], ["auto", "Auto"]], set),
    day("Handed in since", "since", set),
    day("until", "until", set),
    h("span", { class: "faint" }, "Days count in whole weeks from Monday, UTC."));
}
