/** How near a person's work came to gold, frame by frame, the worst frame first. */

/** @import {ComparedFrame, GoldScore} from "./people/api.js" */
import { frameUrl } from "./frames.js";
import { peopleApi } from "./people/api.js";
import { drawDifference } from "./people/difference.js";
import { decimal, jf, queueChip } from "./people/parts.js";
import { openShortcutOverlay } from "./shortcut_overlay.js";
import { Shortcuts } from "./shortcuts.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatAgo } from "./ui/format.js";
import { failedState } from "./ui/parts.js";
import { inProject } from "./ui/shell.js";

const page = byId("page", HTMLElement);

/** One score on the page: which frame is shown, and whether the difference lies over it. */
class ScoreView {
  /** @param {GoldScore} score */
  constructor(score) {
    this.score = score;
    this.ranked = [...score.frames].sort((a, b) => a.j - b.j || a.frame_index - b.frame_index);
    this.shown = /** @type {ComparedFrame} */ (this.ranked[0]);
    this.picture = h("img", { class: "diff-frame", alt: "" });
    this.overlay = h("canvas", { class: "diff-overlay" });
    this.stage = h("div", { class: "diff-stage" }, this.picture, this.overlay);
    this.stage.style.maxWidth = `calc(70vh * ${score.video.width / score.video.height})`; // the whole frame in sight, also an upright one
    this.caption = h("p", { class: "diff-caption", role: "status" });
    this.list = h("ol", { class: "diff-list", "aria-label": "Frames, the worst first" });
    this.keys = new Shortcuts([
      { id: "worse", label: "Next worst frame", group: "Frames", keys: ["J", "ArrowDown"], run: () => this.step(this.ranked, 1), repeats: true },
      { id: "better", label: "Back to a worse frame", group: "Frames", keys: ["K", "ArrowUp"], run: () => this.step(this.ranked, -1), repeats: true },
      { id: "before", label: "Frame before, in time", group: "Frames", keys: ["ArrowLeft"], run: () => this.step(this.score.frames, -1), repeats: true },
      { id: "after", label: "Frame after, in time", group: "Frames", keys: ["ArrowRight"], run: () => this.step(this.score.frames, 1), repeats: true },
      { id: "overlay", label: "Show or hide the difference", group: "Look", keys: ["H"], run: () => this.toggle() },
      { id: "keys", label: "All keys", group: "Look", keys: ["?"], run: () => openShortcutOverlay(this.keys) },
    ]);
  }

  /** @param {string} id @param {import("./ui/dom.js").Child} face */
  button(id, face) {
    return h("button", { class: "btn btn-small", type: "button", title: this.keys.tooltip(id), "aria-label": this.keys.get(id).label, onclick: () => this.keys.get(id).run() }, face);
  }

  /** @param {ComparedFrame[]} order @param {number} by */
  step(order, by) {
    const next = order[order.indexOf(this.shown) + by];
    if (next) this.show(next);
  }

  toggle() {
    this.overlay.hidden = !this.overlay.hidden;
  }

  /** @param {ComparedFrame} frame */
  show(frame) {
    this.shown = frame;
    const { video } = this.score;
    this.picture.src = frameUrl(video, frame.frame_index);
    const { missing, extra } = drawDifference(this.overlay, video, frame.mask, frame.gold);
    fill(this.caption, h("strong", {}, `Frame ${frame.frame_index}`), ` J ${decimal(frame.j)} · ${missing.toLocaleString("en")} px missing · ${extra.toLocaleString("en")} px too much`);
    for (const row of this.list.children) {
      const isShown = Number(/** @type {HTMLElement} */ (row).dataset.frame) === frame.frame_index;
      row.toggleAttribute("data-shown", isShown);
      if (isShown) row.scrollIntoView({ block: "nearest" });
    }
  }

  /** @param {ComparedFrame} frame */
  row(frame) {
    const bar = h("meter", { class: "diff-meter", min: 0, max: 1, value: frame.j, "aria-hidden": "true" });
    const act = h("button", { class: "diff-pick", type: "button", onclick: () => this.show(frame) }, h("span", {}, `Frame ${frame.frame_index}`), bar, h("span", { class: "number" }, decimal(frame.j)));
    return h("li", { "data-frame": frame.frame_index }, act);
  }

  begin() {
    const { score } = this;
    const back = score.user === document.body.dataset.username ? "me" : `people/${encodeURIComponent(score.user)}`;
    fill(this.list, this.ranked.map((frame) => this.row(frame)));
    fill(
      page,
      h("div", { class: "page-head" }, h("h1", {}, `${score.masklet} against gold`), queueChip(score.queue), h("span", { class: "faint" }, `${score.user}, ${formatAgo(score.created_at)}`), h("div", { class: "grow" }), h("a", { class: "btn", href: `/projects/${score.video.project}/${back}` }, "Scorecard")),
      h("div", { class: "row row-wrap diff-bar" }, h("strong", {}, `J&F ${jf(score.j, score.f)}`), h("span", { class: "muted" }, `J ${decimal(score.j)} · F ${decimal(score.f)} over ${score.frames.length} frames`), h("div", { class: "grow" }), legend()),
      h("div", { class: "diff" }, h("section", { class: "panel" }, this.stage, h("div", { class: "row row-wrap diff-acts" }, this.button("before", "←"), this.button("after", "→"), this.button("worse", "Next worst"), this.button("better", "Back"), this.button("overlay", "Difference"), this.button("keys", "?"), this.caption)), h("section", { class: "panel" }, h("div", { class: "panel-head" }, h("h2", {}, "Worst first")), this.list)),
    );
    inProject(score.video.project);
    this.show(this.shown);
    this.keys.listen();
  }
}

function legend() {
  const entry = (/** @type {string} */ kind, /** @type {string} */ words) => h("span", { class: "row" }, h("span", { class: `diff-key diff-${kind}`, "aria-hidden": "true" }), words);
  return h("div", { class: "row row-wrap" }, entry("missing", "missing"), entry("extra", "too much"), entry("agreed", "agreed"));
}

async function load() {
  try {
    new ScoreView(await peopleApi.goldScore(document.body.dataset.score ?? "")).begin();
  } catch (error) {
    fill(page, failedState(error, load));
  }
  page.setAttribute("aria-busy", "false");
}

void load();
