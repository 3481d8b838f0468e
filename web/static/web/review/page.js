/** One masklet under review: what is shown, and what the reviewer's acts do to it. */

/** @import {Mask, Masklet, ReviewMark, Snapshot, VerdictKind, VideoPoint} from "../types.js" */
/** @import {Overlay} from "../layers/masks.js" */
/** @import {ReviewHold} from "./hold.js" */
import { ApiError } from "../api.js";
import { Attention } from "../attention.js";
import { Frames } from "../frames.js";
import { swatchOf } from "../palette.js";
import { Player } from "../player.js";
import { signOf } from "../selectors.js";
import { openShortcutOverlay } from "../shortcut_overlay.js";
import { newestVerdict } from "../selectors.js";
import { Shortcuts } from "../shortcuts.js";
import { Timeline } from "../timeline.js";
import { confirmAct, toast, toastError } from "../ui/dialogs.js";
import { fill, h } from "../ui/dom.js";
import { formatCount } from "../ui/format.js";
import { api } from "../ui/page_api.js";
import { nameOf } from "../ui/parts.js";
import { dropDraft, keepDraft, readDraft } from "./draft.js";
import { factsPanel } from "./facts_panel.js";
import { reviewKeys } from "./keys.js";
import { MarksPanel } from "./marks_panel.js";
import { Stage } from "./stage.js";
import { Transport } from "./transport.js";
import { verdictPanel } from "./verdict_panel.js";

/** @type {readonly Overlay[]} */
const OVERLAYS = ["full", "outline", "off"];
const GESTURES = { View: /** @type {[string, string][]} */ ([["Wheel", "Zoom"], ["Drag", "Move the frame"], ["Double-click", "Whole frame"]]) };

export class ReviewPage {
  frame = 0;
  /** @type {Overlay} */
  overlay = "full";
  placing = false;
  busy = false;

  /**
   * @param {HTMLElement} root
   * @param {Snapshot} snapshot
   * @param {Masklet} masklet
   * @param {ReviewHold} hold
   * @param {(judged: Masklet) => void} onJudged
   */
  constructor(root, snapshot, masklet, hold, onJudged) {
    this.video = snapshot.video;
    this.masklet = masklet;
    this.onJudged = onJudged;
    this.hold = hold;
    this.attention = new Attention();
    this.masks = new Map(snapshot.masks.filter((mask) => mask.masklet === masklet.id).map((mask) => /** @type {[number, Mask]} */ ([mask.frame_index, mask])));
    this.prompted = new Set(snapshot.prompts.filter((prompt) => prompt.masklet === masklet.id).map((prompt) => prompt.frame_index));
    const draft = readDraft(masklet);
    this.marks = draft.marks;
    this.frames = new Frames(this.video, (loaded) => { if (loaded === this.frame) this.show(); });
    this.player = new Player({
      stride: this.video.stride,
      count: this.video.annotated_count,
      frame: () => this.frame,
      show: (frameIndex) => this.seek(frameIndex),
      isReady: (frameIndex) => this.frames.has(frameIndex) || this.frames.hasFailed(frameIndex),
      onChange: () => this.show(),
    });
    this.keys = new Shortcuts(reviewKeys(this.#acts()));
    this.stage = new Stage(this.video, (point) => this.#pin(point));
    this.timeline = new Timeline(this.video, { seek: (frameIndex) => this.#jump(frameIndex), select: () => undefined });
    this.transport = new Transport(this.keys, (overlay) => { this.overlay = overlay; this.show(); });
    this.marksPanel = new MarksPanel({
      seek: (frameIndex) => this.#jump(frameIndex),
      change: (marks) => this.#setMarks(marks),
      leave: () => this.stage.canvas.focus(),
    });
    this.panel = verdictPanel(this.keys, this.marksPanel, { comment: draft.comment, onComment: () => this.#keep() });
    this.stage.canvas.tabIndex = 0;
    this.#build(root, snapshot);
  }

  /** @param {HTMLElement} root @param {Snapshot} snapshot */
  #build(root, snapshot) {
    this.hint = h("p", { class: "stage-hint placing-hint", hidden: true }, "Click the place that is wrong, or press ", h("kbd", { class: "kbd" }, "Shift I"), " for the whole frame. ", h("kbd", { class: "kbd" }, "Esc"), " stops.");
    this.stage.element.append(this.hint);
    const side = h("aside", { class: "side" }, factsPanel(snapshot, this.masklet, this.masks, (frameIndex) => this.#jump(frameIndex)), this.panel.element);
    fill(root, this.stage.element, this.transport.element, this.timeline.element, side);
    root.setAttribute("aria-busy", "false");
    root.classList.toggle("review-image", this.video.is_image);
    this.marksPanel.show(this.marks);
    this.keys.listen();
    this.seek(Math.min(...[...this.masks.values()].filter((mask) => mask.state !== "absent").map((mask) => mask.frame_index), this.#lastFrame));
  }

  get #lastFrame() {
    return (this.video.annotated_count - 1) * this.video.stride;
  }

  /** @param {number} frameIndex */
  seek(frameIndex) {
    const direction = frameIndex < this.frame ? -1 : 1;
    this.frame = Math.min(Math.max(frameIndex, 0), this.#lastFrame);
    this.frames.want(this.frame, direction);
    this.show();
  }

  show() {
    const mask = this.masks.get(this.frame);
    const { id, name, color } = this.masklet;
    this.attention.look({ session: this.hold.session.url, masklet: id, frame: this.frames.has(this.frame) ? this.frame : null, playing: this.player.playing });
    const number = signOf(this.masklet);
    const here = this.marks.flatMap((mark, i) => (mark.frame_index === this.frame ? [{ mark, number: i + 1 }] : []));
    this.stage.show({
      frame: this.frames.get(this.frame),
      mask: mask && mask.state !== "absent" ? { counts: mask.counts, color, number, selected: true } : null,
      overlay: this.overlay,
      marks: here,
      placing: this.placing,
    });
    this.timeline.show(this.frame, [{
      masklet: id,
      number,
      name,
      hex: swatchOf(color).hex,
      selected: true,
      hidden: this.overlay === "off",
      stateAt: (frameIndex) => this.masks.get(frameIndex)?.state ?? "unknown",
      hasPrompts: (frameIndex) => this.prompted.has(frameIndex),
      marks: this.marks.map((mark) => mark.frame_index),
      running: null,
    }]);
    const { playing, speed, loop } = this.player;
    this.transport.show({ playing, speed, loop, overlay: this.overlay, placing: this.placing, words: this.#words(mask) });
    if (this.hint) this.hint.hidden = !this.placing;
  }

  /** @param {Mask | undefined} mask */
  #words(mask) {
    const place = `Frame ${this.frame} of ${this.#lastFrame}`;
    if (this.frames.hasFailed(this.frame)) return `${place}, which could not be loaded. Step away and back to try again.`;
    if (!mask) return `${place}, unknown`;
    if (mask.state === "absent") return `${place}, absent${mask.human ? " (said a person)" : ""}`;
    const score = mask.score === null ? "" : `, score ${mask.score.toFixed(2)}`;
    return `${place}, ${mask.state}, ${mask.area.toLocaleString("en")} px${score}`;
  }

  /** @returns {import("./keys.js").Acts} */
  #acts() {
    return {
      play: () => this.player.toggle(),
      step: (slots) => this.#jump(this.frame + slots * this.video.stride),
      edited: (direction) => this.#toEdited(direction),
      jump: (end) => this.#jump(end === "first" ? 0 : this.#lastFrame),
      speed: (direction) => this.player.changeSpeed(direction),
      loop: () => { this.player.loop = !this.player.loop; this.show(); },
      overlay: () => { this.overlay = OVERLAYS[(OVERLAYS.indexOf(this.overlay) + 1) % OVERLAYS.length] ?? "full"; this.show(); },
      mark: () => this.#place(!this.placing),
      markFrame: () => this.#addMark(null, null),
      cancel: () => this.#place(false),
      satisfactory: () => void this.#satisfactory(),
      unsatisfactory: () => void this.#unsatisfactory(),
      reject: () => void this.#reject(),
      fit: () => this.stage.fit(),
      zoom: (factor) => this.stage.zoom(factor),
      help: () => openShortcutOverlay(this.keys, GESTURES),
    };
  }

  /** A person's seek stops the play. @param {number} frameIndex */
  #jump(frameIndex) {
    this.player.pause();
    this.seek(frameIndex);
  }

  /** @param {1 | -1} direction */
  #toEdited(direction) {
    const ahead = [...this.masks.values()].filter((mask) => mask.human && (mask.frame_index - this.frame) * direction > 0).map((mask) => mask.frame_index);
    if (ahead.length > 0) this.#jump(direction > 0 ? Math.min(...ahead) : Math.max(...ahead));
  }

  /** @param {boolean} placing */
  #place(placing) {
    this.player.pause();
    this.placing = placing;
    this.show();
  }

  /** @param {VideoPoint} point */
  #pin({ x, y }) {
    this.#addMark(Math.round(x * 10) / 10, Math.round(y * 10) / 10);
  }

  /** @param {number | null} x @param {number | null} y */
  #addMark(x, y) {
    this.placing = false;
    this.#setMarks([...this.marks, { frame_index: this.frame, x, y, text: "" }]);
    this.marksPanel.show(this.marks);
    this.marksPanel.edit(this.marks.length - 1);
  }

  /** @param {ReviewMark[]} marks */
  #setMarks(marks) {
    this.player.pause();
    this.marks = marks;
    this.#keep();
    this.show();
  }

  #keep() {
    keepDraft(this.masklet, { comment: this.panel.comment.value, marks: this.marks });
  }

  async #satisfactory() {
    if (this.marks.length > 0 && !(await confirmAct({ title: "Satisfactory, with marks?", text: `You placed ${formatCount(this.marks.length, "mark")}. Nobody works on the marks of a satisfactory masklet.`, act: "Satisfactory" }))) return;
    await this.#judge("satisfactory");
  }

  async #unsatisfactory() {
    if (this.marks.length === 0 && !this.panel.comment.value.trim()) {
      toast("Say what is wrong first: place a mark (I) or write a comment.");
      this.panel.comment.focus();
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
    if (this.busy) return;
    this.#setBusy(true);
    try {
      await this.attention.flush(); // what was seen decides whether the verdict is taken
      const judged = await this.hold.judge({ verdict, comment: this.panel.comment.value.trim(), marks: this.marks, base_version: this.masklet.version });
      this.#finish(judged);
    } catch (error) {
      const judged = await this.#given(error, verdict);
      if (judged) return this.#finish(judged);
      this.#setBusy(false);
      toastError(error);
    }
    return undefined;
  }

  /** @param {Masklet} judged */
  #finish(judged) {
    dropDraft(this.masklet);
    this.attention.stop();
    this.onJudged(judged);
  }

  /** The masklet, if this refusal only says that an earlier try arrived whose answer was lost. @param {unknown} error @param {VerdictKind} verdict */
  async #given(error, verdict) {
    if (!(error instanceof ApiError) || error.status !== 409) return null;
    const masklet = await api.masklets.get(this.masklet.id).catch(() => null);
    if (!masklet || masklet.verdicts.length <= this.masklet.verdicts.length) return null;
    const newest = newestVerdict(masklet);
    return newest?.verdict === verdict && nameOf(newest.reviewer) === document.body.dataset.username ? masklet : null;
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.busy = busy;
    this.panel.setBusy(busy);
  }
}
