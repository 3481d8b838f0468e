import { isWorkable, presentMasklets, unknownRanges } from "../selectors.js";
import { confirmAct } from "../ui/dialogs.js";
import { formatCount } from "../ui/format.js";
import { api } from "../ui/page_api.js";
import { isTooEasy, mayChange } from "./mode.js";
import { askAnswer, askHold, askSkip, openOverDialog } from "./task_dialogs.js";

/**
 * @import {ApiError} from "../api.js"
 * @import {Store} from "../store.js"
 * @import {Masklet, Task} from "../types.js"
 * @import {Acts} from "./acts.js"
 * @import {AppState} from "./state.js"
 */

/**
 * @typedef {object} DeskParts
 * @property {Store<AppState, any>} store
 * @property {Acts} acts
 * @property {() => void} askSubmit Opens the dialog that shows which frames are left.
 * @property {(error: ApiError, masklet: number | null) => void} refused
 * @property {() => void} end Stops what keeps the hold: it is over.
 */

/** What a person does with the task itself: finish, skip, hold, give back; then go on with the next one. */
export class TaskDesk {
  #isOver = false;

  /** @param {Task} task @param {DeskParts} parts */
  constructor(task, parts) {
    this.task = task;
    this.parts = parts;
  }

  get #state() {
    return this.parts.store.state.domain;
  }

  /** Hands the masklet in at once, unless frames are left that nobody looked at, or it would be set aside. */
  submit() {
    const [masklet] = presentMasklets(this.#state).filter(isWorkable);
    if (!masklet || unknownRanges(this.#state, masklet.id).length > 0 || isTooEasy(this.parts.store.state, masklet)) return this.parts.askSubmit();
    this.parts.acts.submit([masklet.id], (error, handedIn) => (error ? this.#refused(error) : this.submitted(handedIn)));
  }

  /** @param {readonly Masklet[]} handedIn */
  submitted(handedIn) {
    if (handedIn.every(({ state }) => state === "set_aside")) this.#over("Set aside as too easy", "It needed too few edited frames for this project to keep it. Nobody looks at it next.");
    else this.#over("Submitted", "Somebody else looks at it next.");
  }

  async finishSelection() {
    const chosen = chosenMasklets(this.parts.store.state).length;
    const nothing = { title: "Nothing is chosen", text: "Is there no object in this video that is worth tracking and has no masklet yet? That is an answer as well.", act: "Nothing to select" };
    if (chosen === 0 && !(await confirmAct(nothing))) return;
    const done = (/** @type {{masklets: number[]}} */ { masklets }) => this.#over(`${formatCount(masklets.length, "object")} chosen`, masklets.length ? "Each goes to somebody else to be tracked." : "The video is left as it is.");
    this.parts.acts.onTask("selection", () => this.parts.acts.api.selection(), done, (error) => this.#refused(error));
  }

  /** Whether anything is left in the video. @param {boolean} left */
  async answer(left) {
    const note = await askAnswer(left);
    if (note === null) return;
    const text = left ? "Its objects are selected next." : "Nobody looks for objects here again.";
    this.parts.acts.onTask("answer", () => this.parts.acts.api.exhaustivity({ left, note }), () => this.#over(left ? "Something is left" : "Nothing is left", text), (error) => this.#refused(error));
  }

  async skip() {
    const reason = await askSkip(this.task.kind);
    if (reason !== null) this.#leave("skip", () => api.tasks.skip(this.task.id, reason), "Skipped", "It goes to somebody else, and is never offered to you again. What you did is kept.");
  }

  async hold() {
    const reason = await askHold();
    if (reason !== null) this.#leave("hold", () => api.tasks.hold(this.task.id, reason), "On hold", "It stays yours, and is on the Work page until you take it up again.", true);
  }

  giveBack() {
    this.#leave("give back", () => api.tasks.giveBack(this.task.id), "Given back", "It waits for anybody again. What you did is kept.", true);
  }

  /** An answer was lost, and the task turns out to be done by this person. */
  foundDone() {
    this.#over("Done", "It was handed in before the connection went away.");
  }

  /** @param {string} label @param {() => Promise<unknown>} call @param {string} title @param {string} text @param {boolean} [again] Whether it can be taken up again. */
  #leave(label, call, title, text, again = false) {
    this.parts.acts.onTask(label, call, () => this.#over(title, text, again), (error) => this.#refused(error));
  }

  /** @param {ApiError} error */
  #refused(error) {
    if (this.#isOver) return;
    if (error.code === "not_held") this.#over("You do not hold this task any more", error.message);
    else this.parts.refused(error, this.task.masklet?.id ?? null);
  }

  /** @param {string} title @param {string} text @param {boolean} [again] */
  #over(title, text, again = false) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.parts.end();
    openOverDialog(this.task, { title, text, again });
  }
}

/** What was chosen in this selection: masklets with a prompt. @param {AppState} state */
export function chosenMasklets(state) {
  const { domain } = state;
  return presentMasklets(domain).filter((masklet) => mayChange(state, masklet) && domain.prompts.some((prompt) => prompt.masklet === masklet.id));
}
