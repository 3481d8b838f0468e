/** The row of play controls under the frame. */

/** @import {Overlay} from "../layers/masks.js" */
/** @import {Shortcuts} from "../shortcuts.js" */
/** @import {IconName} from "../ui/icons.js" */
import { fill, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";

/** @type {readonly [Overlay, string][]} */
const OVERLAYS = [["full", "On"], ["outline", "Outline"], ["off", "Off"]];

/** @typedef {{playing: boolean, speed: number, loop: boolean, overlay: Overlay, placing: boolean, words: string}} TransportState */

export class Transport {
  /**
   * @param {Shortcuts} keys
   * @param {string} landmark what E goes to, in a word
   * @param {(overlay: Overlay) => void} onOverlay
   */
  constructor(keys, landmark, onOverlay) {
    this.keys = keys;
    this.play = this.#button("play", "play");
    this.speed = h("output", { class: "speed", "aria-label": "Speed" });
    this.loop = this.#button("loop", "loop");
    this.mark = keys.has("mark") ? h("button", { class: "btn", type: "button", title: keys.tooltip("mark"), onclick: () => keys.get("mark").run() }, icon("comment"), "Mark a place", h("kbd", { class: "kbd" }, "I")) : null;
    this.words = h("span", { class: "grow truncate muted", "aria-live": "off" });
    this.overlays = OVERLAYS.map(([overlay, label]) => h("button", { class: "btn", type: "button", title: keys.tooltip("overlay"), onclick: () => onOverlay(overlay) }, label));
    this.element = h(
      "div",
      { class: "transport", role: "toolbar", "aria-label": "Play" },
      this.#button("landmark_back", "chevron_left", landmark),
      this.#button("back", "step_back"),
      this.play,
      this.#button("forward", "step_forward"),
      this.#button("landmark_forward", "chevron_right", landmark),
      keys.has("worst") && this.#button("worst", "alert", "Worst"),
      h("div", { class: "btn-group" }, this.#text("slower", "½"), this.speed, this.#text("faster", "2×")),
      this.loop,
      this.words,
      h("div", { class: "btn-group", role: "group", "aria-label": "Overlay" }, this.overlays),
      this.mark,
      this.#text("help", "?"),
    );
  }

  /** @param {TransportState} state */
  show({ playing, speed, loop, overlay, placing, words }) {
    fill(this.play, icon(playing ? "pause" : "play"));
    fill(this.speed, `${speed}×`);
    this.loop.setAttribute("aria-pressed", String(loop));
    this.mark?.setAttribute("aria-pressed", String(placing));
    this.overlays.forEach((button, i) => button.setAttribute("aria-pressed", String(OVERLAYS[i]?.[0] === overlay)));
    fill(this.words, words);
  }

  /** @param {string} act @param {IconName} symbol @param {string} [text] */
  #button(act, symbol, text) {
    const label = this.keys.tooltip(act);
    return h("button", { class: text ? "btn" : "btn btn-icon", type: "button", title: label, "aria-label": label, onclick: () => this.keys.get(act).run() }, icon(symbol), text);
  }

  /** @param {string} act @param {string} text */
  #text(act, text) {
    const label = this.keys.tooltip(act);
    return h("button", { class: "btn btn-icon", type: "button", title: label, "aria-label": label, onclick: () => this.keys.get(act).run() }, text);
  }
}
