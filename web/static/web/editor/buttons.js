import { h } from "../ui/dom.js";
import { toolIcon } from "./icons.js";

/**
 * @import {IconName} from "../ui/icons.js"
 * @import {ToolIcon} from "./icons.js"
 * @import {Shortcuts} from "../shortcuts.js"
 */

/** The button of an act: its tooltip says the key. @param {Shortcuts} shortcuts @param {string} id @param {ToolIcon | SVGSVGElement} symbol @param {string} [text] @param {string} [style] */
export function actButton(shortcuts, id, symbol, text, style = "btn-ghost") {
  const { label, run } = shortcuts.get(id);
  const picture = typeof symbol === "string" ? toolIcon(symbol) : symbol;
  const button = h(
    "button",
    { class: `btn ${style}${text ? "" : " btn-icon"}`, type: "button", title: shortcuts.tooltip(id), "aria-label": label, "data-act": id, onclick: () => run() },
    picture,
    text && h("span", { class: "btn-text" }, text),
  );
  return button;
}

/** Sets what changes of a button, and touches the page only where it did. @param {HTMLButtonElement} button @param {{disabled?: boolean, pressed?: boolean, hidden?: boolean}} what */
export function setButton(button, { disabled, pressed, hidden }) {
  if (disabled !== undefined && button.disabled !== disabled) button.disabled = disabled;
  if (hidden !== undefined && button.hidden !== hidden) button.hidden = hidden;
  if (pressed !== undefined && button.getAttribute("aria-pressed") !== String(pressed)) button.setAttribute("aria-pressed", String(pressed));
}
