/** The fields of a settings form: each knows what it changed, and shows what is wrong with it where it stands. */

import { h } from "../ui/dom.js";

/**
 * @typedef {object} Field
 * @property {string} name As the API calls it.
 * @property {HTMLElement} element
 * @property {() => unknown} value What stands there now, as the API takes it.
 * @property {(message: string) => void} fail Shows what is wrong; nothing when it is empty.
 */

/** @param {string} name @param {HTMLElement} element @param {readonly HTMLElement[]} controls @param {() => unknown} value @returns {Field} */
export function field(name, element, controls, value) {
  const wrong = h("span", { class: "field-wrong", id: `wrong-${name}`, role: "alert", hidden: true });
  element.append(wrong);
  for (const control of controls) control.setAttribute("aria-describedby", wrong.id);
  return {
    name,
    element,
    value,
    fail(message) {
      wrong.textContent = message;
      wrong.hidden = !message;
      for (const control of controls) control.toggleAttribute("aria-invalid", Boolean(message));
    },
  };
}

/** @param {string} label @param {HTMLElement} control @param {string} [hint] */
export const labelled = (label, control, hint) => h("label", { class: "field" }, h("span", {}, label), control, hint && h("span", { class: "field-hint" }, hint));

/**
 * A number as people write it; scale: what one of the API's is worth there, 100 for shares.
 * @param {{name: string, label: string, hint?: string, value: number | null, min: number, max: number, scale?: number, whole?: boolean, optional?: boolean, disabled: boolean}} what
 * @returns {Field}
 */
export function numberField({ name, label, hint, value, min, max, scale = 1, whole = false, optional = false, disabled }) {
  const shown = value === null ? "" : Number((value * scale).toFixed(4));
  const input = h("input", { class: "input", type: "number", name, value: shown, min, max, step: whole ? 1 : "any", required: !optional, disabled, placeholder: optional ? "never" : null });
  const read = () => (input.value === "" ? null : Number((Number(input.value) / scale).toFixed(6)));
  return field(name, labelled(label, input, hint), [input], read);
}

/** @param {{name: string, text: string, checked: boolean, disabled: boolean}} what @returns {Field} */
export function checkField({ name, text, checked, disabled }) {
  const input = h("input", { type: "checkbox", name, checked, disabled });
  return field(name, h("div", {}, h("label", { class: "check" }, input, text)), [input], () => input.checked);
}

/**
 * One of a few, each with what it means.
 * @param {{name: string, label: string, value: string, options: readonly (readonly [string, string, string])[], disabled: boolean, read?: (value: string) => unknown}} what
 * @returns {Field}
 */
export function choiceField({ name, label, value, options, disabled, read = (chosen) => chosen }) {
  const inputs = options.map(([option]) => h("input", { type: "radio", name, value: option, checked: option === value, disabled }));
  const rows = options.map(([, title, text], i) => h("label", { class: "choice" }, /** @type {HTMLElement} */ (inputs[i]), h("span", {}, h("strong", {}, title), h("span", { class: "field-hint" }, text))));
  const element = h("fieldset", { class: "choices" }, h("legend", {}, label), rows);
  return field(name, element, inputs, () => read(inputs.find((input) => input.checked)?.value ?? value));
}

/**
 * Some of a few.
 * @param {{name: string, label: string, values: readonly string[], options: readonly (readonly [string, string])[], hint: string, disabled: boolean}} what
 * @returns {Field}
 */
export function togglesField({ name, label, values, options, hint, disabled }) {
  const buttons = options.map(([value, text]) => {
    const button = h("button", { class: "btn", type: "button", "aria-pressed": String(values.includes(value)), value, disabled }, text);
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      button.dispatchEvent(new Event("input", { bubbles: true }));
    });
    return button;
  });
  const group = h("div", { class: "btn-group", role: "group", "aria-label": label }, buttons);
  const element = h("div", { class: "field" }, h("span", {}, label), h("div", {}, group), h("span", { class: "field-hint" }, hint));
  return field(name, element, buttons, () => buttons.filter((button) => button.getAttribute("aria-pressed") === "true").map((button) => button.value));
}
