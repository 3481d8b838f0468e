import { fill, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { formatCount } from "../ui/format.js";
import { isWorkable, maskletOf, presentMasklets } from "../selectors.js";
import { actButton, setButton } from "./buttons.js";

/**
 * @import {EngineState} from "../types.js"
 * @import {Shortcuts} from "../shortcuts.js"
 * @import {DomainState} from "../store.js"
 * @import {AppState} from "./state.js"
 */

/** @type {Record<EngineState, [string, "good" | "warn" | "bad"]>} */
const ENGINE = {
  ready: ["ready", "good"],
  warming: ["warming up", "warn"],
  rebuilding: ["rebuilding", "warn"],
  evicted: ["idle", "good"],
  starting: ["warming up", "warn"],
  none: ["not running", "bad"],
};
/** @type {[string, "warn"]} */
const ANSWERS_WAIT = ["answers wait", "warn"];

/** Whether what the engine makes does not reach the page. @param {DomainState} domain */
const answersWait = ({ stopped }) => stopped.includes("recorder") || stopped.includes("redis");

/** Whose video, whether all is saved, which engine is at work, undo and submit. */
export class Header {
  /** @param {AppState} state @param {Shortcuts} shortcuts @param {{retry: () => void, close: () => void}} acts */
  constructor({ domain: { video }, mode: { task } }, shortcuts, acts) {
    this.saved = h("span", { class: "saved", role: "status" });
    this.engine = h("span", { class: "chip" });
    this.retry = h("button", { class: "btn btn-small", type: "button", onclick: acts.retry }, "Try now");
    this.undo = shortcuts.has("undo") ? actButton(shortcuts, "undo", "undo") : null;
    this.redo = shortcuts.has("redo") ? actButton(shortcuts, "redo", "redo") : null;
    this.submit = task ? null : actButton(shortcuts, "submit", "send", "Submit", "btn-primary"); // a task's own is in its bar
    const why = task ? "To the Work page. The task stays yours for a minute, then it goes back to the queue with what you did." : "Let go of the video and go to the project. The work stays.";
    const back = h("button", { class: "btn btn-ghost", type: "button", title: why, onclick: acts.close }, icon("chevron_left"), task ? "Work" : "Done");
    const name = h("h1", { class: "editor-title truncate", title: `${video.video_id} · ${video.width} × ${video.height}` }, video.name);
    const size = h("span", { class: "faint small" }, video.is_image ? `image · ${video.width} × ${video.height}` : `${video.width} × ${video.height} · ${formatCount(video.annotated_count, "frame")}`);
    this.element = h("header", { class: "editor-header" },
      h("div", { class: "row grow" }, back, name, size),
      h("div", { class: "row" }, this.saved, this.retry, this.engine),
      h("div", { class: "row" }, this.undo, this.redo, actButton(shortcuts, "keys", "keyboard"), this.submit),
    );
  }

  /** @param {AppState} state */
  show({ domain, view }) {
    const masklet = maskletOf(domain, view.selected);
    if (this.undo) setButton(this.undo, { disabled: !masklet?.can_undo });
    if (this.redo) setButton(this.redo, { disabled: !masklet?.can_redo });
    if (this.submit) setButton(this.submit, { disabled: !presentMasklets(domain).some(isWorkable) });
    this.#showSaved(domain);
    const [words, tone] = answersWait(domain) ? ANSWERS_WAIT : ENGINE[domain.session.engine.state];
    const name = domain.session.engine.name || "engine";
    this.engine.className = `chip chip-${tone}`;
    this.engine.textContent = `${name} · ${words}`;
    this.engine.title = `The model that makes the masks of clicks and passes: ${name}, ${words}`;
  }

  /** @param {DomainState} domain */
  #showSaved(domain) {
    const { mode, waiting } = domain.outbox;
    const offline = mode === "offline";
    const [kind, text] = offline
      ? ["bad", `Offline · ${formatCount(waiting, "act")} waiting`]
      : mode === "sending" ? ["busy", "Saving…"]
        : domain.connected ? ["good", "Saved"] : ["warn", "Saved · reconnecting…"];
    setButton(this.retry, { hidden: !offline });
    if (this.saved.textContent === text) return;
    this.saved.className = `saved saved-${kind}`;
    fill(this.saved, kind === "good" ? icon("check") : kind === "busy" ? h("span", { class: "spinner" }) : icon("alert"), text);
  }
}
