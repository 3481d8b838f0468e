/** @import {Signals} from "../types.js" */
/** @import {AppState} from "./state.js" */
import { maskOf, suspicionOf } from "../selectors.js";
import { messageOf } from "../ui/dialogs.js";
import { fill, h } from "../ui/dom.js";
import { api } from "../ui/page_api.js";

const PAUSE = 150; // ms on a frame before it is asked why: not of each one that is passed on the way

/** Why triage suspects the selected masklet's mask on this frame, in words, the worst first. */
export class Doubts {
  #shown = "";
  #wait = 0;
  #masklet = 0;
  /** Of the masklet that was asked about last. @type {Signals[]} */
  #signals = [];

  constructor() {
    this.title = h("h2", {});
    this.body = h("div", { class: "stack" });
    this.element = h("section", { class: "side-section notes", "aria-label": "Why this mask is suspicious", hidden: true }, h("div", { class: "side-head" }, this.title), this.body);
  }

  /** @param {AppState} state */
  show({ domain, view }) {
    const masklet = view.selected;
    const mask = masklet === null ? undefined : maskOf(domain, masklet, view.frame);
    const suspicion = view.playing ? 0 : suspicionOf(mask);
    const shown = masklet !== null && mask && suspicion > 0 ? `${masklet} ${mask.frame_index} ${mask.change}` : "";
    if (shown === this.#shown) return;
    this.#shown = shown;
    clearTimeout(this.#wait);
    this.element.hidden = shown === "";
    if (masklet === null || !mask || shown === "") return;
    this.title.textContent = `${Math.round(suspicion * 100)} % suspicious`;
    fill(this.body);
    this.#wait = window.setTimeout(async () => {
      const why = await this.#why(masklet, mask.frame_index, suspicion);
      if (shown === this.#shown) fill(this.body, h("ol", { class: "doubts" }, why.map((words) => h("li", {}, words))));
    }, PAUSE);
  }

  /** Asked for again where the mask is not one that was asked about. @param {number} masklet @param {number} frameIndex @param {number} suspicion @returns {Promise<string[]>} */
  async #why(masklet, frameIndex, suspicion) {
    const found = () => this.#signals.find((mask) => mask.frame_index === frameIndex);
    try {
      if (masklet !== this.#masklet || found()?.suspicion !== suspicion) [this.#signals, this.#masklet] = [await api.masklets.signals(masklet), masklet];
    } catch (error) {
      return [`Why could not be loaded: ${messageOf(error)}`];
    }
    const why = found()?.why ?? [];
    return why.length > 0 ? why : ["many small signs"];
  }
}
