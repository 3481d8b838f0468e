/** A button that copies text, and says that it did. */

import { toast } from "./dialogs.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

const SAID = 1500; // ms

/**
 * @param {string} text
 * @param {string} label what is copied, for people: "Copy the token"
 * @returns {HTMLButtonElement}
 */
export function copyButton(text, label) {
  const button = h("button", { class: "btn btn-ghost btn-icon btn-small", type: "button", "aria-label": label, title: label }, icon("copy"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      toast("Your browser did not let the page copy. Select the text and copy it by hand.", "bad");
      return;
    }
    fill(button, icon("check"));
    setTimeout(() => fill(button, icon("copy")), SAID);
  });
  return button;
}
