import { fill, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { STOPPED } from "../ui/stopped.js";
import { maskletOf, newestVerdict } from "../selectors.js";
import { mayChange } from "./mode.js";

/** @import {AppState} from "./state.js" */

const ENGINE = {
  starting: "The model is warming up on its worker, which can take some minutes: masks come after that. What you do is saved.",
  warming: "The model is warming up: the first masks take a moment.",
  rebuilding: "The model reads your prompts again after a restart: masks come in a moment.",
};
const HERE = /** @type {const} */ (["redis", "recorder", "inference_worker"]); // what a person who annotates waits for
const READ = "engine-notice";
const HINTS = {
  point: "Left click: the object · Right click: not the object · Ctrl: several at once",
  box: "Drag a box around the object",
  brush: "Paint the mask · Right button rubs out · [ and ] change the size",
  eraser: "Rub out of the mask · Right button paints · [ and ] change the size",
  hand: "Drag to move the frame · Wheel zooms",
};

/** What a person must know about the frame before them, over its upper edge; and how to begin, at its lower. */
export class Banner {
  #shown = "";

  /** @param {() => void} takeUp */
  constructor(takeUp) {
    this.takeUp = takeUp;
    this.lost = false;
    this.element = h("div", { class: "banners", role: "status" });
    this.hint = h("div", { class: "stage-hint" });
  }

  /** @param {AppState} state @param {boolean} failed Whether the frame could not be fetched. */
  show(state, failed) {
    const messages = this.#messages(state, failed);
    const shown = JSON.stringify([messages, this.lost]);
    if (shown !== this.#shown) {
      this.#shown = shown;
      fill(this.element, messages.map(([kind, text]) => line(kind, text, text === state.domain.session.engine.notice)), this.lost && this.#lostNotice());
    }
    this.#showHint(state);
  }

  /** @param {AppState} state @param {boolean} failed @returns {[string, string][]} */
  #messages(state, failed) {
    const { domain, view, mode } = state;
    const { engine } = domain.session;
    const fault = domain.video.decode_faults.find((other) => other.frame_index === view.frame);
    const masklet = maskletOf(domain, view.selected);
    /** @type {[string, string][]} */
    const messages = [];
    if (engine.notice && sessionStorage.getItem(READ) !== engine.notice) messages.push(["warn", engine.notice]);
    for (const part of HERE) if (domain.stopped.includes(part) || (part === "inference_worker" && engine.state === "none")) messages.push(["warn", STOPPED[part]]);
    if (engine.state === "starting" || engine.state === "warming" || engine.state === "rebuilding") messages.push(["info", ENGINE[engine.state]]);
    if (fault) messages.push(["warn", `This frame is damaged in the source: ${fault.message}`]);
    if (failed) messages.push(["bad", "This frame could not be fetched. Go to another frame and back to try again."]);
    if (masklet && mode.mayPrompt && !mayChange(state, masklet)) messages.push(["info", `${masklet.name} is ${stateWords(masklet.state)}: it cannot be changed here.`]);
    if (masklet?.state === "refine" && newestVerdict(masklet)) messages.push(["warn", `${masklet.name} came back from review: see the notes at the right.`]);
    return messages;
  }

  #lostNotice() {
    return h("div", { class: "notice notice-bad" }, icon("alert"), h("span", { class: "grow" }, "You no longer hold this: nothing can be saved."), h("button", { class: "btn btn-small", type: "button", onclick: this.takeUp }, "Take it up again"));
  }

  /** @param {AppState} state */
  #showHint({ domain, view }) {
    const begun = view.selected !== null && domain.prompts.some((prompt) => prompt.masklet === view.selected);
    this.hint.hidden = (begun && view.tool === "point") || view.playing;
    this.hint.textContent = HINTS[view.tool];
  }
}

/** @param {string} kind @param {string} text @param {boolean} once Whether it is not shown again in this tab once read. */
function line(kind, text, once) {
  const element = h("div", { class: `notice notice-${kind}` }, icon("alert"), h("span", { class: "grow" }, text));
  const read = () => {
    sessionStorage.setItem(READ, text);
    element.remove();
  };
  if (once) element.append(h("button", { class: "btn btn-small", type: "button", onclick: read }, "Got it"));
  return element;
}

/** @param {string} state */
function stateWords(state) {
  return state === "submitted" ? "waiting for review" : state.replaceAll("_", " ");
}
