/**
 * @import {ScreenPoint} from "../types.js"
 * @import {Tool} from "../editor/stage.js"
 */

/** Drags the frame. @implements {Tool} */
export class HandTool {
  cursor = "grab";
  /** @type {ScreenPoint | null} */
  #last = null;

  /** @param {(dx: number, dy: number) => void} pan CSS pixels. */
  constructor(pan) {
    this.pan = pan;
  }

  /** @type {Tool["down"]} */
  down({ at, button }) {
    if (button !== 0) return false;
    this.#last = at;
    this.cursor = "grabbing";
    return true;
  }

  /** @type {NonNullable<Tool["move"]>} */
  move({ at }) {
    if (this.#last) this.pan(at.x - this.#last.x, at.y - this.#last.y);
    this.#last = at;
  }

  up() {
    this.cancel();
  }

  cancel() {
    this.#last = null;
    this.cursor = "grab";
  }
}
