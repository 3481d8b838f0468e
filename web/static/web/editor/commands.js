import { isWorkable, maskletOf, nextHumanFrame, nextWorstFrame, presentMasklets, runningPropagations, signOf } from "../selectors.js";
import { openShortcutOverlay } from "../shortcut_overlay.js";
import { GESTURES } from "./keys.js";
import { spanOf } from "./spans.js";

/**
 * @import {Player} from "../player.js"
 * @import {Shortcuts} from "../shortcuts.js"
 * @import {Store} from "../store.js"
 * @import {Direction} from "../types.js"
 * @import {Acts} from "./acts.js"
 * @import {Follower} from "./follower.js"
 * @import {Stage} from "./stage.js"
 * @import {AppState, ToolName} from "./state.js"
 */

/**
 * @typedef {object} CommandParts
 * @property {Store<AppState, any>} store
 * @property {Acts} acts
 * @property {Player} player
 * @property {Follower} follower
 * @property {() => Stage} stage
 * @property {() => Shortcuts} shortcuts
 * @property {() => void} submit Opens the dialog.
 * @property {() => void} askFrame
 * @property {() => void} rename
 * @property {(message: string, kind?: "good" | "bad" | "plain") => void} say
 */

/** What keys and buttons start. */
export class Commands {
  /** @param {CommandParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  get #view() {
    return this.parts.store.state.view;
  }

  get #domain() {
    return this.parts.store.state.domain;
  }

  get #selected() {
    return maskletOf(this.#domain, this.#view.selected);
  }

  /** @param {Partial<import("./state.js").ViewState>} view */
  #look(view) {
    this.parts.store.dispatch({ type: "view", view });
  }

  play() {
    this.#lookElsewhere();
    this.parts.player.toggle();
  }

  /** The person works on the frame that is shown: it stays. */
  stay() {
    this.parts.player.pause();
    this.#lookElsewhere();
  }

  #lookElsewhere() {
    this.parts.follower.stop();
    this.parts.follower.paused = true;
  }

  /** @param {1 | -1} direction */
  changeSpeed(direction) {
    this.parts.player.changeSpeed(direction);
  }

  /** @param {number} slots Annotated frames. */
  step(slots) {
    this.goTo(this.#view.frame + slots * this.#domain.video.stride);
  }

  /** @param {number} frame */
  goTo(frame) {
    this.parts.player.pause();
    this.#lookElsewhere();
    const { annotated_count: count, stride } = this.#domain.video;
    this.parts.store.dispatch({ type: "goto", frame: Math.min(frame, (count - 1) * stride) });
  }

  /** @param {1 | -1} direction */
  toHuman(direction) {
    const frame = nextHumanFrame(this.#domain, this.#view.selected, this.#view.frame, direction);
    if (frame === null) this.parts.say(`No frame ${direction > 0 ? "after" : "before"} this one was decided by a person.`);
    else this.goTo(frame);
  }

  /** Of the selected masklet; each press goes on to the next worst. */
  toWorst() {
    const masklet = this.#selected;
    if (!masklet) return this.parts.say("Select a masklet first.");
    const frame = nextWorstFrame(this.#domain.masks.get(masklet.id)?.values() ?? [], this.#view.frame);
    if (frame === null) return this.parts.say("No mask of this masklet looks like a failure.");
    this.goTo(frame);
  }

  askFrame() {
    this.parts.askFrame();
  }

  /** @param {ToolName} tool */
  setTool(tool) {
    this.parts.stage().cancel();
    this.#look({ tool });
  }

  /** @param {number} factor */
  brush(factor) {
    this.parts.store.dispatch({ type: "brush", factor });
  }

  fit() {
    this.parts.stage().fit();
  }

  actualSize() {
    this.parts.stage().actualSize();
  }

  /** @param {number} factor */
  zoom(factor) {
    this.parts.stage().zoom(factor);
  }

  addMasklet() {
    this.parts.acts.addMasklet();
  }

  /** @param {1 | -1} direction */
  selectNext(direction) {
    const masklets = presentMasklets(this.#domain);
    const at = masklets.findIndex((masklet) => masklet.id === this.#view.selected);
    const next = masklets.at((at + direction + masklets.length) % Math.max(masklets.length, 1));
    if (next) this.select(next.id);
  }

  /** @param {number} sign */
  selectNumber(sign) {
    const masklet = presentMasklets(this.#domain).find((other) => signOf(other) === sign);
    if (masklet) this.select(masklet.id);
  }

  /** @param {number} masklet */
  select(masklet) {
    this.parts.store.dispatch({ type: "select", masklet });
  }

  rename() {
    this.parts.rename();
  }

  toggleHidden(masklet = this.#view.selected) {
    if (masklet !== null) this.parts.store.dispatch({ type: "hide", masklet, hidden: !this.#view.hidden.has(masklet) });
  }

  toggleOutline() {
    this.#look({ outlineOnly: !this.#view.outlineOnly });
  }

  toggleFollow() {
    this.parts.follower.paused = false;
    this.#look({ follow: !this.#view.follow });
  }

  deleteMasklet() {
    if (this.#selected) this.parts.acts.deleteMasklet(this.#selected);
  }

  /** @param {Direction} direction */
  propagate(direction) {
    const masklets = this.#view.together ? presentMasklets(this.#domain).filter(isWorkable) : this.#selected ? [this.#selected] : [];
    if (masklets.length === 0) return this.parts.say("Click an object first: there is nothing to track yet.");
    const span = spanOf(this.#view, this.#domain.video, direction);
    if (typeof span === "string") return this.parts.say(span);
    this.parts.player.pause();
    this.parts.follower.paused = false;
    this.parts.acts.propagate(masklets.map((masklet) => masklet.id), span);
  }

  escape() {
    if (this.parts.stage().cancel()) return;
    const running = runningPropagations(this.#domain).filter((propagation) => propagation.state !== "stopping");
    for (const propagation of running) this.parts.acts.stop(propagation.id);
    if (running.length === 0) this.#look({ tool: this.parts.store.state.mode.tools[0] ?? "hand" });
  }

  /** @param {"accept" | "absent" | "clear"} verb */
  mark(verb) {
    const masklet = this.#selected;
    if (!masklet) return this.parts.say("Select a masklet first.");
    const mask = this.#domain.masks.get(masklet.id)?.get(this.#view.frame);
    if (verb === "accept" && !mask) return this.parts.say("There is no mask on this frame to accept.");
    if (verb === "clear" && !mask) return;
    this.parts.acts.mark(masklet.id, verb, { frames: [this.#view.frame] });
  }

  /** @param {"undo" | "redo"} verb */
  undo(verb) {
    const masklet = this.#selected;
    if (masklet) this.parts.acts.step(masklet.id, verb);
  }

  submit() {
    this.parts.submit();
  }

  saySaved() {
    const { mode, waiting } = this.#domain.outbox;
    this.parts.say(mode === "idle" ? "Everything is saved as you go." : `${waiting} acts are on their way.`);
  }

  showKeys() {
    openShortcutOverlay(this.parts.shortcuts(), GESTURES);
  }
}
