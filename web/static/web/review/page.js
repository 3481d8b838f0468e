/** One masklet under review: what is shown, and what the reviewer's acts do to it. */

/** @import {Attention} from "../attention.js" */
/** @import {Frames} from "../frames.js" */
/** @import {Look, Mask, Masklet, ReviewMark, VerdictKind, VideoPoint} from "../types.js" */
/** @import {Overlay} from "../layers/masks.js" */
/** @import {Taste} from "./clip.js" */
/** @import {Opened, Pair, ReviewHold} from "./hold.js" */
/** @import {TaskActs} from "./keys.js" */
import { ApiError } from "../api.js";
import { swatchOf } from "../palette.js";
import { newestFirst, newestVerdict, signOf } from "../selectors.js";
import { openShortcutOverlay } from "../shortcut_overlay.js";
import { Shortcuts } from "../shortcuts.js";
import { Threads } from "../threads.js";
import { followThreads } from "../threads/live.js";
import { Timeline } from "../timeline.js";
import { confirmAct, toast, toastError } from "../ui/dialogs.js";
import { fill, h } from "../ui/dom.js";
import { formatCount } from "../ui/format.js";
import { api } from "../ui/page_api.js";
import { Clip, firstVisible } from "./clip.js";
import { Coverage } from "./coverage.js";
import { Doubts } from "./doubts.js";
import { dropDraft, keepDraft, readDraft } from "./draft.js";
import { factsPanel } from "./facts_panel.js";
import { playKeys, taskKeys, verdictKeys, viewKeys } from "./keys.js";
import { MarksPanel } from "./marks_panel.js";
import { Stage } from "./stage.js";
import { lookBar, taskBar } from "./task_bar.js";
import { Transport } from "./transport.js";
import { givenPanel, verdictPanel } from "./verdict_panel.js";
import { showVote } from "./vote.js";

/** @type {readonly Overlay[]} */
export const OVERLAYS = ["full", "outline", "off"];
export const GESTURES = { View: /** @type {[string, string][]} */ ([["Wheel", "Zoom"], ["Drag", "Move the frame"], ["Double-click", "Whole frame"]]) };

/**
 * @typedef {object} PageParts
 * @property {Opened | {task: null, snapshot: Look}} opened
 * @property {Frames} frames
 * @property {ReviewHold | null} hold Null where the verdict was given, or none is asked for: then it is for looking only.
 * @property {VerdictKind} [given]
 * @property {Attention} attention
 * @property {Taste} taste
 * @property {TaskActs | null} acts Null where there is no task.
 * @property {HTMLElement | null} strip How far the batch is.
 * @property {(judged: Masklet) => void} onJudged
 * @property {(pair: Pair, chosen: number | null) => void} onDecided
 */

export class ReviewPage {
  placing = false;
  busy = false;
  #ended = new AbortController();

  /** @param {HTMLElement} root @param {PageParts} parts */
  constructor(root, parts) {
    const { snapshot, task } = parts.opened;
    const masklet = task ? snapshot.masklets.find((candidate) => candidate.id === task.masklet?.id) : snapshot.masklets[0];
    if (!masklet) throw new Error("The server did not send the masklet. Reload the page.");
    this.parts = parts;
    this.masklet = masklet;
    this.masks = new Map(snapshot.masks.filter((mask) => mask.masklet === masklet.id).map((mask) => /** @type {[number, Mask]} */ ([mask.frame_index, mask])));
    this.prompted = new Set(snapshot.prompts.filter((prompt) => prompt.masklet === masklet.id).map((prompt) => prompt.frame_index));
    this.refuses = parts.opened.task !== null && parts.opened.snapshot.protocol?.coverage === "refuse";
    const draft = parts.hold ? readDraft(masklet) : { comment: "", marks: [] };
    this.marks = task ? draft.marks : newestFirst(masklet.verdicts).flatMap(({ marks }) => marks);
    this.doubts = new Doubts(this.masks);
    this.coverage = new Coverage(snapshot.video.stride, !parts.hold);
    this.shownTo = h("p", { class: "muted small" });
    this.clip = this.#clip();
    this.stage = new Stage(snapshot.video, (point) => this.#pin(point));
    this.stage.canvas.tabIndex = 0;
    this.threads = this.#threads();
    this.keys = new Shortcuts([...this.#keys(), ...this.threads.shortcuts]);
    this.timeline = new Timeline(snapshot.video, { seek: (frameIndex) => this.clip.jump(frameIndex), select: () => undefined });
    this.transport = new Transport(this.keys, "Edited", (overlay) => this.#setOverlay(overlay));
    this.marksPanel = new MarksPanel({
      seek: (frameIndex) => this.clip.jump(frameIndex),
      change: (marks) => this.#setMarks(marks),
      leave: () => this.stage.canvas.focus(),
    });
    this.panel = parts.hold ? verdictPanel(this.keys, this.marksPanel, { comment: draft.comment, onComment: () => this.#keep() }) : null;
    this.#build(root);
  }

  /** Takes the keys away and ends play; the next page of a batch stands in its place then. */
  end() {
    this.#ended.abort();
    this.clip.end();
    this.threads.end();
    this.stage.end();
  }

  #clip() {
    const { opened, frames, hold, attention, taste } = this.parts;
    return new Clip({
      snapshot: opened.snapshot,
      task: opened.task && opened.task.id,
      masklet: this.masklet.id,
      start: firstVisible(opened.snapshot),
      frames,
      attention: hold ? attention : null,
      session: () => hold?.session.url ?? "",
      taste,
      show: () => this.#show(),
    });
  }

  /** @param {HTMLElement} root */
  #build(root) {
    const { opened, given, strip } = this.parts;
    const { video } = opened.snapshot;
    this.hint = h("p", { class: "stage-hint placing-hint", hidden: true }, "Click the place that is wrong, or press ", h("kbd", { class: "kbd" }, "Shift I"), " for the whole frame. ", h("kbd", { class: "kbd" }, "Esc"), " stops.");
    this.stage.element.append(this.hint, this.doubts.element);
    const bar = opened.task ? taskBar(opened.task, this.keys, strip) : lookBar(opened.snapshot, this.masklet);
    const facts = factsPanel(opened, this.masklet, this.masks, this.shownTo, (frameIndex) => this.clip.jump(frameIndex));
    const side = h("aside", { class: "side" }, facts, this.threads.element, this.panel?.element, given && givenPanel(given));
    fill(root, bar, this.stage.element, this.transport.element, this.timeline.element, side);
    root.setAttribute("aria-busy", "false");
    root.classList.toggle("review-image", video.is_image);
    root.classList.toggle("review-look", !opened.task);
    this.marksPanel.show(this.marks);
    this.keys.listen(this.#ended.signal);
    this.clip.begin();
    void Promise.all([this.doubts.load(this.masklet.id), this.coverage.load(this.masklet.id)]).then(() => this.#ended.signal.aborted || this.#show());
    if (given || (!opened.task && !opened.snapshot.unled && this.masklet.state !== "submitted")) void showVote(facts, this.masklet.id, opened.snapshot.video.project); // nobody's own verdict is to lean on it
    this.stage.canvas.focus();
  }

  #threads() {
    const { opened, hold } = this.parts;
    const { id, name } = this.masklet;
    const threads = new Threads({
      video: opened.snapshot.video,
      stage: this.stage,
      frame: () => this.clip.frame,
      goTo: (frame) => this.clip.jump(frame),
      masklet: () => this.masklet,
      nameOf: (masklet) => (masklet === id ? name : null),
      namesNobody: opened.task === null && opened.snapshot.unled === "decide",
    });
    if (hold && opened.task) this.#ended.signal.addEventListener("abort", followThreads(() => hold.session, opened.snapshot.last_event_id, threads));
    return threads;
  }

  #show() {
    const { clip } = this;
    const mask = this.masks.get(clip.frame);
    const here = this.marks.flatMap((mark, i) => (mark.frame_index === clip.frame ? [{ mark, number: i + 1 }] : []));
    const { color } = this.masklet;
    this.stage.show({
      frame: clip.picture,
      masks: mask && mask.state !== "absent" ? [{ counts: mask.counts, color, number: signOf(this.masklet), selected: true }] : [],
      overlay: clip.taste.overlay,
      marks: here,
      placing: this.placing,
    });
    this.timeline.show(clip.frame, [this.#lane(), ...this.coverage.lanes()]);
    const { playing, speed, loop } = clip.player;
    this.transport.show({ playing, speed, loop, overlay: clip.taste.overlay, placing: this.placing, words: this.#words(mask) });
    this.#showUnseen();
    if (this.hint) this.hint.hidden = !this.placing;
    this.doubts.show(this.placing ? null : clip.frame);
    fill(this.shownTo, this.coverage.words(clip.frame));
  }

  /** @returns {import("../timeline_lanes.js").Lane} */
  #lane() {
    const { id, name, color } = this.masklet;
    return {
      masklet: id,
      number: signOf(this.masklet),
      name,
      hex: swatchOf(color).hex,
      selected: true,
      hidden: this.clip.taste.overlay === "off",
      stateAt: (frameIndex) => this.masks.get(frameIndex)?.state ?? "unknown",
      hasPrompts: (frameIndex) => this.prompted.has(frameIndex),
      marks: this.marks.map((mark) => mark.frame_index),
      running: null,
      suspicionAt: this.doubts.at,
      isSeen: this.parts.hold ? (frameIndex) => this.clip.seen.has(frameIndex) : undefined,
    };
  }

  #showUnseen() {
    const { left, count } = this.clip.seen;
    this.panel?.unseen.show(left, count, this.refuses);
    this.panel?.enable(!this.busy && !(this.refuses && left > 0));
  }

  /** @param {Mask | undefined} mask */
  #words(mask) {
    const place = `Frame ${this.clip.frame} of ${this.clip.last}`;
    if (this.clip.frames.hasFailed(this.clip.frame)) return `${place}, which could not be loaded. Step away and back to try again.`;
    if (!mask) return `${place}, unknown`;
    if (mask.state === "absent") return `${place}, absent${mask.human ? " (said a person)" : ""}`;
    const score = mask.score === null ? "" : `, score ${mask.score.toFixed(2)}`;
    return `${place}, ${mask.state}, ${mask.area.toLocaleString("en")} px${score}`;
  }

  #keys() {
    const { hold, acts } = this.parts;
    const view = viewKeys({
      overlay: () => this.#setOverlay(OVERLAYS[(OVERLAYS.indexOf(this.clip.taste.overlay) + 1) % OVERLAYS.length] ?? "full"),
      fit: () => this.stage.fit(),
      zoom: (factor) => this.stage.zoom(factor),
      help: () => openShortcutOverlay(this.keys, GESTURES),
    });
    return [...playKeys(this.clip, this.#landmark()), ...this.doubts.shortcuts(this.clip), ...view, ...(hold ? this.#verdictKeys() : []), ...(acts ? taskKeys(acts, !hold) : [])];
  }

  #landmark() {
    const human = () => [...this.masks.values()].filter((mask) => mask.human).map((mask) => mask.frame_index);
    return { label: "a person decided", to: (/** @type {1 | -1} */ direction) => this.clip.toNearest(human(), direction) };
  }

  #verdictKeys() {
    return verdictKeys({
      mark: () => this.#place(!this.placing),
      markFrame: () => this.#addMark(null, null),
      cancel: () => this.#place(false),
      satisfactory: () => void this.#satisfactory(),
      unsatisfactory: () => void this.#unsatisfactory(),
      reject: () => void this.#reject(),
    });
  }

  /** @param {Overlay} overlay */
  #setOverlay(overlay) {
    this.clip.taste.overlay = overlay;
    this.clip.show();
  }

  /** @param {boolean} placing */
  #place(placing) {
    this.clip.player.pause();
    this.placing = placing;
    this.clip.show();
  }

  /** @param {VideoPoint} point */
  #pin({ x, y }) {
    this.#addMark(Math.round(x * 10) / 10, Math.round(y * 10) / 10);
  }

  /** @param {number | null} x @param {number | null} y */
  #addMark(x, y) {
    this.placing = false;
    this.#setMarks([...this.marks, { frame_index: this.clip.frame, x, y, text: "" }]);
    this.marksPanel.show(this.marks);
    this.marksPanel.edit(this.marks.length - 1);
  }

  /** @param {ReviewMark[]} marks */
  #setMarks(marks) {
    this.clip.player.pause();
    this.marks = marks;
    this.#keep();
    this.clip.show();
  }

  get #comment() {
    return this.panel?.comment.value ?? "";
  }

  #keep() {
    keepDraft(this.masklet, { comment: this.#comment, marks: this.marks });
  }

  async #satisfactory() {
    if (this.marks.length > 0 && !(await confirmAct({ title: "Satisfactory, with marks?", text: `You placed ${formatCount(this.marks.length, "mark")}. Nobody works on the marks of a satisfactory masklet.`, act: "Satisfactory" }))) return;
    await this.#judge("satisfactory");
  }

  async #unsatisfactory() {
    if (this.marks.length === 0 && !this.#comment.trim()) {
      toast("Say what is wrong first: place a mark (I) or write a comment.");
      this.panel?.comment.focus();
      return;
    }
    await this.#judge("unsatisfactory");
  }

  async #reject() {
    const yes = await confirmAct({ title: "Reject this masklet?", text: "Reject what is not a well-defined object. The masklet is closed, and nobody works on it any more.", act: "Reject", danger: true });
    if (yes) await this.#judge("rejected");
  }

  /** @param {VerdictKind} verdict */
  async #judge(verdict) {
    const { hold, attention } = this.parts;
    if (this.busy || !hold) return;
    const { left } = this.clip.seen;
    if (this.refuses && left > 0) return toast(`${formatCount(left, "frame")} not on your screen yet: this project asks for all of them before a verdict. U goes to the next.`);
    this.#setBusy(true);
    try {
      await attention.flush();
      this.#finish(await hold.judge({ verdict, comment: this.#comment.trim(), marks: this.marks, base_version: this.masklet.version }));
    } catch (error) {
      const judged = await this.#given(error, verdict);
      if (judged) return this.#finish(judged);
      this.#refused(error);
    }
    return undefined;
  }

  /** @param {unknown} error */
  #refused(error) {
    if (error instanceof ApiError && error.code === "not_all_seen") this.clip.seen.forget(error.data.ranges);
    this.#setBusy(false);
    toastError(error);
  }

  /** @param {Masklet} judged */
  #finish(judged) {
    dropDraft(this.masklet);
    this.parts.onJudged(judged);
    this.clip.seen.drop();
  }

  /** The masklet, if this refusal only says that an earlier try arrived whose answer was lost. @param {unknown} error @param {VerdictKind} verdict */
  async #given(error, verdict) {
    if (!(error instanceof ApiError) || error.status !== 409) return null;
    const masklet = await api.masklets.get(this.masklet.id).catch(() => null);
    if (!masklet || masklet.verdicts.length <= this.masklet.verdicts.length) return null;
    const newest = newestVerdict(masklet);
    return newest?.verdict === verdict && newest.stage === this.parts.opened.task?.kind && newest.reviewer === document.body.dataset.username ? masklet : null;
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.busy = busy;
    this.clip.show();
  }
}
