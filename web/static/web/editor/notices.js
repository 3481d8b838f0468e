import { toast } from "../ui/dialogs.js";
import { byId, h } from "../ui/dom.js";

const LIFE = 8000; // ms, of a notice with something to do

/** Says what happened; with `act`, a button that answers it. @param {string} message @param {"good" | "bad" | "plain"} [kind] @param {{label: string, run: () => void}} [act] */
export function say(message, kind = "plain", act) {
  if (!act) {
    toast(message, kind);
    return;
  }
  const run = () => {
    element.remove();
    act.run();
  };
  /** @type {HTMLElement} */
  const element = h("div", { class: `toast toast-${kind}` }, h("p", {}, message), h("button", { class: "btn btn-small", type: "button", onclick: run }, act.label));
  byId("toasts", HTMLElement).append(element);
  setTimeout(() => element.remove(), LIFE);
}
