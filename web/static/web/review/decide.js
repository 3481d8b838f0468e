/** Two masklets of one object, tracked by two people who did not know of each other: which is the better one? */

/** @import {Mask, Masklet} from "../types.js" */
/** @import {Overlay, ShownMask} from "../layers/masks.js" */
/** @import {ThreadStage} from "../threads/pins.js" */
/** @import {Opened} from "./hold.js" */
/** @import {TaskActs} from "./keys.js" */
/** @import {PageParts} from "./page.js" */
import { toast, toastError } from "../ui/dialogs.js";
import { fill, h } from "../ui/dom.js";
import { PALETTE } from "../palette.js";
import { openShortcutOverlay } from "../shortcut_overlay.js";
import { Shortcuts } from "../shortcuts.js";
import { Threads } from "../threads.js";
import { followThreads } from "../threads/live.js";
import { Timeline } from "../timeline.js";
import { Clip, firstVisible } from "./clip.js";
import { COLORS, overlapOf } from "./difference.js";
import { playKeys, taskKeys, viewKeys } from "./keys.js";
import { GESTURES, OVERLAYS } from "./page.js";
import { Stage } from "./stage.js";
import { taskBar } from "./task_bar.js";
import { Transport } from "./transport.js";
import { answerButtons, commentField } from "./verdict_panel.js";

const ALIKE = 0.9; // IoU from which two masks do not count as different

/** @typedef {PageParts & {opened: Opened, acts: TaskActs}} DecideParts */
/** @typedef {"side" | "difference" | "first" | "second"} View */

/** @type {readonly [View, string][]} */
const VIEWS = [["side", "Side by side"], ["difference", "Differences"], ["first", "Only 1"], ["second", "Only 2"]];
/** @type {readonly [string, string, string, string, string][]} */
const ANSWERS = [
  ["choose_first", "btn-good", "1 is better", "1", "It goes on to be verified; the other is kept aside."],
  ["choose_second", "btn-good", "2 is better", "2", "It goes on to be verified; the other is kept aside."],
  ["neither", "btn-warn", "Neither is good", "0", "The first goes back to be refined, with your comment."],
];

export class DecidePage {
  busy = false;
  /** @type {View} */
  view = "side";
  /** The one of the two whose stage was pressed last. @type {0 | 1} */
  #at = 0;
  #ended = new AbortController();

  /** @param {HTMLElement} root @param {DecideParts} parts */
  constructor(root, parts) {
    const { snapshot } = parts.opened;
    this.parts = parts;
    this.pair = pairOf(parts);
    this.masks = this.pair.map((masklet) => new Map(snapshot.masks.filter((mask) => mask.masklet === masklet.id).map((mask) => /** @type {[number, Mask]} */ ([mask.frame_index, mask]))));
    this.clip = this.#clip();
    this.different = this.#different();
    this.stages = /** @type {[Stage, Stage]} */ ([0, 1].map((i) => new Stage(snapshot.video, () => undefined, (viewport) => this.stages[i === 0 ? 1 : 0].match(viewport))));
    this.stages.forEach(({ canvas }, i) => canvas.addEventListener("pointerdown", () => (this.#at = i === 0 ? 0 : 1)));
    this.threads = this.#threads();
    this.keys = new Shortcuts([...this.#keys(), ...this.threads.shortcuts]);
    this.timeline = new Timeline(snapshot.video, { seek: (frameIndex) => this.clip.jump(frameIndex), select: () => undefined });
    this.transport = new Transport(this.keys, "Differs", (overlay) => this.#setOverlay(overlay));
    this.comment = commentField({ text: "", hint: "What to do about it (needed for neither)", onInput: () => undefined });
    this.#build(root);
  }

  end() {
    this.#ended.abort();
    this.clip.end();
    this.threads.end();
    for (const stage of this.stages) stage.end();
  }

  #clip() {
    const { opened, frames, hold, attention, taste } = this.parts;
    return new Clip({
      snapshot: opened.snapshot,
      task: opened.task.id,
      masklet: null,
      start: firstVisible(opened.snapshot),
      frames,
      attention,
      session: () => hold?.session.url ?? "",
      taste,
      show: () => this.#show(),
    });
  }

  /** @param {HTMLElement} root */
  #build(root) {
    const { opened, strip } = this.parts;
    this.views = VIEWS.map(([view, words]) => h("button", { class: "btn", type: "button", title: this.keys.tooltip("view"), onclick: () => this.#look(view) }, words));
    this.answers = answerButtons(this.keys, ANSWERS);
    const legend = h("ul", { class: "legend" }, COLORS.map((color, i) => h("li", { class: "row" }, sample(color), `Only in ${i + 1}`)), h("li", { class: "row" }, sample(null), "In both"));
    const side = h(
      "aside",
      { class: "side" },
      h("section", { class: "side-facts" }, h("h1", {}, this.pair[0].name), h("p", { class: "muted" }, "Two people tracked this object and did not see each other's work."), h("p", {}, this.#differs()), legend),
      this.threads.element,
      h("section", { class: "side-verdict" }, h("h2", {}, "Which is better?"), h("label", { class: "field" }, h("span", {}, "Comment"), this.comment), h("p", { class: "muted small" }, "How far the two agree is said after your decision."), h("div", { class: "verdicts" }, this.answers)),
    );
    this.side = h("div", { class: "stages" }, this.stages.map((stage, i) => h("figure", { class: "stage-half" }, stage.element, h("figcaption", { class: "stage-name" }, String(i + 1)))));
    const bar = h("div", { class: "views" }, h("div", { class: "btn-group", role: "group", "aria-label": "View" }, this.views), h("span", { class: "faint small" }, h("kbd", { class: "kbd" }, "M"), " changes it, ", h("kbd", { class: "kbd" }, "X"), " flips between the two"));
    fill(root, taskBar(opened.task, this.keys, strip), this.side, h("div", { class: "under" }, bar, this.transport.element), this.timeline.element, side);
    root.setAttribute("aria-busy", "false");
    root.classList.toggle("review-image", opened.snapshot.video.is_image);
    this.keys.listen(this.#ended.signal);
    this.clip.begin();
    this.stages[0].canvas.tabIndex = 0;
    this.stages[0].canvas.focus();
  }

  /** Of the two that are judged as 1 and 2, so that nobody's name but one's own is said. */
  #threads() {
    const { opened, hold } = this.parts;
    const names = new Map(this.pair.map(({ id }, i) => [id, String(i + 1)]));
    const threads = new Threads({
      video: opened.snapshot.video,
      stage: this.#bothStages(),
      frame: () => this.clip.frame,
      goTo: (frame) => this.clip.jump(frame),
      masklet: () => {
        const { id } = /** @type {Masklet} */ (this.pair[this.view === "side" ? this.#at : this.view === "second" ? 1 : 0]);
        return { id, name: names.get(id) ?? "" };
      },
      nameOf: (masklet) => names.get(masklet) ?? null,
      namesNobody: true,
    });
    if (hold) this.#ended.signal.addEventListener("abort", followThreads(() => hold.session, opened.snapshot.last_event_id, threads));
    return threads;
  }

  /** Comments stand on both; a place is pointed at on the one that was pressed last. @returns {ThreadStage} */
  #bothStages() {
    const { stages } = this;
    const here = () => stages[this.view === "side" ? this.#at : 0];
    return {
      get canvas() { return here().canvas; },
      get viewport() { return here().viewport; },
      redraw: () => stages.forEach((stage) => stage.redraw()),
      set above(/** @type {ThreadStage["above"]} */ draw) { for (const stage of stages) stage.above = draw; },
    };
  }

  #differs() {
    const { length } = this.different;
    return length === 0 ? "Their masks are nearly the same on every frame." : `Their masks differ visibly on ${length} of ${this.clip.video.annotated_count} frames. E goes from one to the next.`;
  }

  /** Frames on which the two say something else. */
  #different() {
    const { annotated_count: count, stride } = this.clip.video;
    const counts = (/** @type {number} */ i, /** @type {number} */ frame) => { const mask = this.masks[i]?.get(frame); return mask && mask.state !== "absent" ? mask.counts : null; };
    return Array.from({ length: count }, (_, slot) => slot * stride).filter((frame) => {
      const [first, second] = [counts(0, frame), counts(1, frame)];
      if (first === null || second === null) return first !== second;
      return overlapOf(first, second) < ALIKE;
    });
  }

  #show() {
    const { clip, view } = this;
    const { overlay } = clip.taste;
    const base = { frame: clip.picture, overlay, marks: [], placing: false };
    const shown = [this.#mask(0), this.#mask(1)];
    const lone = view === "second" ? 1 : 0;
    const [left, right] = this.stages;
    if (view === "difference") left.show({ ...base, masks: [], difference: [shown[0]?.counts ?? null, shown[1]?.counts ?? null] });
    else left.show({ ...base, masks: [shown[lone] ?? []].flat() });
    right.show({ ...base, masks: [shown[1] ?? []].flat() });
    this.side?.classList.toggle("stages-one", view !== "side");
    const name = this.side?.querySelector(".stage-name");
    if (name) name.textContent = view === "difference" ? "1 and 2" : String(lone + 1);
    this.views?.forEach((button, i) => button.setAttribute("aria-pressed", String(VIEWS[i]?.[0] === view)));
    this.timeline.show(clip.frame, this.pair.map((_, i) => this.#lane(i)));
    const { playing, speed, loop } = clip.player;
    this.transport.show({ playing, speed, loop, overlay, placing: false, words: `Frame ${clip.frame} of ${clip.last}${this.different.includes(clip.frame) ? ", they differ" : ""}` });
    this.answers?.forEach((button) => (button.disabled = this.busy));
  }

  /** @param {number} i @returns {ShownMask | null} */
  #mask(i) {
    const mask = this.masks[i]?.get(this.clip.frame);
    return mask && mask.state !== "absent" ? { counts: mask.counts, color: COLORS[i === 0 ? 0 : 1], number: i + 1, selected: true } : null;
  }

  /** @param {number} i @returns {import("../timeline_lanes.js").Lane} */
  #lane(i) {
    const { id } = /** @type {Masklet} */ (this.pair[i]);
    return {
      masklet: id,
      number: i + 1,
      name: i === 0 ? "First" : "Second",
      hex: PALETTE[COLORS[i === 0 ? 0 : 1]]?.hex ?? "",
      selected: false,
      hidden: this.clip.taste.overlay === "off",
      stateAt: (frameIndex) => this.masks[i]?.get(frameIndex)?.state ?? "unknown",
      hasPrompts: () => false,
      marks: i === 0 ? this.different : [],
      running: null,
    };
  }

  #keys() {
    const [first, second] = this.pair;
    const landmark = { label: "on which they differ", to: (/** @type {1 | -1} */ direction) => this.clip.toNearest(this.different, direction) };
    const view = viewKeys({
      overlay: () => this.#setOverlay(OVERLAYS[(OVERLAYS.indexOf(this.clip.taste.overlay) + 1) % OVERLAYS.length] ?? "full"),
      fit: () => this.stages[0].fit(),
      zoom: (factor) => this.stages[0].zoom(factor),
      help: () => openShortcutOverlay(this.keys, GESTURES),
    }, ["Z"]);
    const next = () => VIEWS[(VIEWS.findIndex(([name]) => name === this.view) + 1) % VIEWS.length]?.[0] ?? "side";
    return [
      ...playKeys(this.clip, landmark),
      ...view,
      { id: "view", group: "View", label: "Side by side, differences, only 1, only 2", keys: ["M"], run: () => this.#look(next()) },
      { id: "flip", group: "View", label: "Flip between 1 and 2", keys: ["X"], run: () => this.#look(this.view === "first" ? "second" : "first") },
      { id: "choose_first", group: "Decision", label: "1 is better", keys: ["1"], run: () => void this.#decide(first.id) },
      { id: "choose_second", group: "Decision", label: "2 is better", keys: ["2"], run: () => void this.#decide(second.id) },
      { id: "neither", group: "Decision", label: "Neither is good", keys: ["0"], run: () => void this.#decide(null) },
      ...taskKeys(this.parts.acts, false),
    ];
  }

  /** @param {View} view */
  #look(view) {
    this.view = view;
    this.clip.show();
  }

  /** @param {Overlay} overlay */
  #setOverlay(overlay) {
    this.clip.taste.overlay = overlay;
    this.clip.show();
  }

  /** @param {number | null} chosen */
  async #decide(chosen) {
    const { hold, attention, onDecided } = this.parts;
    const comment = this.comment.value.trim();
    if (this.busy || !hold) return;
    if (chosen === null && !comment) {
      toast("Say what is wrong with them first: whoever refines it reads your comment.");
      this.comment.focus();
      return;
    }
    this.busy = true;
    this.clip.show();
    try {
      await attention.flush();
      onDecided(await hold.decide({ chosen, comment }), chosen);
      this.clip.seen.drop();
    } catch (error) {
      this.busy = false;
      this.clip.show();
      toastError(error);
    }
  }
}

/** @param {DecideParts} parts @returns {[Masklet, Masklet]} */
function pairOf({ opened: { snapshot, task } }) {
  const first = snapshot.masklets.find((masklet) => masklet.id === task.masklet?.id);
  const second = snapshot.masklets.find((masklet) => masklet.id !== task.masklet?.id);
  if (!first || !second) throw new Error("The server did not send both masklets. Reload the page.");
  return [first, second];
}

/** A patch as the difference is drawn. @param {number | null} color null for what is in both */
function sample(color) {
  const patch = h("span", { class: "swatch", "aria-hidden": "true" });
  patch.style.background = color === null ? "rgb(231 233 236 / 60%)" : PALETTE[color]?.hex ?? "";
  return patch;
}
