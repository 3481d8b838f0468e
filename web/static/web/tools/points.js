import { pointUnder } from "../layers/prompts.js";

/**
 * @import {PointPrompt, Prompt} from "../types.js"
 * @import {Tool} from "../editor/stage.js"
 * @import {Viewport} from "../viewport.js"
 */

const LEFT = 0;
const RIGHT = 2;

/**
 * @typedef {object} PointsListener
 * @property {() => Viewport} viewport
 * @property {() => readonly Prompt[]} prompts Of the selected masklet on this frame.
 * @property {(points: PointPrompt[]) => void} place
 * @property {(prompt: number) => void} remove
 * @property {(held: readonly PointPrompt[]) => void} hold Points that wait for Ctrl to be let go.
 */

/** Left click: object; right click: not object; a click on a point takes it back; Ctrl gathers several. @implements {Tool} */
export class PointsTool {
  cursor = "crosshair";
  /** @type {PointPrompt[]} */
  #held = [];

  /** @param {PointsListener} listener */
  constructor(listener) {
    this.listener = listener;
    addEventListener("keyup", (event) => {
      if (event.key === "Control" || event.key === "Meta") this.release();
    });
    addEventListener("blur", () => this.release());
  }

  /** @type {Tool["down"]} */
  down({ at, point, button, event }) {
    const viewport = this.listener.viewport();
    if ((button !== LEFT && button !== RIGHT) || !viewport.holds(point)) return false;
    const heldHere = pointUnder(viewport, this.#held, at);
    const placed = pointUnder(viewport, this.listener.prompts(), at);
    if (heldHere) this.#hold(this.#held.filter((other) => other !== heldHere));
    else if (placed) this.listener.remove(placed.id);
    else this.#add({ kind: "point", x: point.x, y: point.y, positive: button === LEFT }, event.ctrlKey || event.metaKey);
    return false;
  }

  /** Sends what Ctrl has gathered. */
  release() {
    if (this.#held.length) this.listener.place(this.#held);
    this.#hold([]);
  }

  cancel() {
    this.#hold([]);
  }

  /** @param {PointPrompt} point @param {boolean} gather */
  #add(point, gather) {
    if (gather) this.#hold([...this.#held, point]);
    else this.listener.place([point]);
  }

  /** @param {PointPrompt[]} held */
  #hold(held) {
    this.#held = held;
    this.listener.hold(held);
  }
}
