import { fill, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { actButton, setButton } from "./buttons.js";

/**
 * @import {Shortcuts} from "../shortcuts.js"
 * @import {AppState} from "./state.js"
 */

/** Play, steps and jumps, and where we are. */
export class Transport {
  #playing = false;

  /** @param {Shortcuts} shortcuts @param {(frame: number) => void} goTo */
  constructor(shortcuts, goTo) {
    const act = (/** @type {string} */ id, /** @type {import("./icons.js").ToolIcon | SVGSVGElement} */ symbol) => actButton(shortcuts, id, symbol);
    this.play = act("play", icon("play"));
    this.field = h("input", { class: "input frame-field", inputmode: "numeric", "aria-label": "Frame", title: "Frame of the working video (G)" });
    this.place = h("span", { class: "faint small place" });
    this.speed = h("span", { class: "speed small", title: "J halves the speed, L doubles it" });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#go(goTo);
      if (event.key === "Enter" || event.key === "Escape") this.field.blur();
    });
    this.field.addEventListener("change", () => this.#go(goTo));
    this.element = h("div", { class: "transport row" },
      h("div", { class: "btn-row" }, act("first", "first"), act("previous-human", "human_back"), act("previous-ten", "back_ten"), act("previous", icon("chevron_left")), this.play, act("next", icon("chevron_right")), act("next-ten", "on_ten"), act("next-human", "human_on"), act("last", "last"), act("worst", icon("alert"))),
      h("label", { class: "row frame-label" }, h("span", { class: "small muted" }, "Frame"), this.field), this.place, this.speed);
  }

  askFrame() {
    this.field.focus();
    this.field.select();
  }

  /** @param {AppState} state */
  show({ domain: { video }, view }) {
    if (document.activeElement !== this.field) this.field.value = String(view.frame);
    this.place.textContent = `${view.frame / video.stride + 1} of ${video.annotated_count}`;
    this.speed.textContent = view.speed === 1 ? "" : `${view.speed}×`;
    setButton(this.play, { disabled: video.annotated_count < 2 });
    if (view.playing === this.#playing) return;
    this.#playing = view.playing;
    fill(this.play, icon(view.playing ? "pause" : "play"));
  }

  /** @param {(frame: number) => void} goTo */
  #go(goTo) {
    const frame = Number.parseInt(this.field.value, 10);
    if (Number.isFinite(frame)) goTo(frame);
  }
}
