/** What a reviewer should know of the masklet before judging it. */

/** @import {Mask, Masklet, Snapshot, Verdict} from "../types.js" */
import { swatchOf } from "../palette.js";
import { signOf } from "../selectors.js";
import { h } from "../ui/dom.js";
import { formatAgo } from "../ui/format.js";
import { nameOf, stateChip, swatch } from "../ui/parts.js";

const STATES = /** @type {const} */ (["predicted", "edited", "accepted", "absent", "unknown"]);

/** How many annotated frames are in each state. @param {ReadonlyMap<number, Mask>} masks @param {number} annotatedCount */
function frameCounts(masks, annotatedCount) {
  const counts = { predicted: 0, edited: 0, accepted: 0, absent: 0, unknown: annotatedCount - masks.size };
  for (const mask of masks.values()) counts[mask.state] += 1;
  return STATES.filter((state) => counts[state] > 0).map((state) => h("span", { class: `frame-state frame-state-${state}` }, `${counts[state]} ${state}`));
}

/** @param {Verdict} verdict */
export const judgeOf = ({ reviewer }) => reviewer ?? "the verifier model";

/** @param {Verdict} verdict @param {(frameIndex: number) => void} seek */
function earlier(verdict, seek) {
  const marks = verdict.marks.map((mark) => h("button", { class: "btn btn-ghost btn-small", type: "button", onclick: () => seek(mark.frame_index) }, `Frame ${mark.frame_index}${mark.text && `: ${mark.text}`}`));
  return h("li", { class: "earlier" }, h("span", { class: "row" }, stateChip(verdict.verdict), h("span", { class: "faint small" }, `${judgeOf(verdict)}, ${formatAgo(verdict.created_at)}`)), verdict.comment && h("p", { class: "muted wrap-anywhere" }, verdict.comment), marks);
}

/**
 * @param {Snapshot} snapshot
 * @param {Masklet} masklet
 * @param {ReadonlyMap<number, Mask>} masks by frame index
 * @param {(frameIndex: number) => void} seek
 * @param {boolean} isBlind an auditor is not led by the verdicts before
 * @returns {HTMLElement}
 */
export function factsPanel(snapshot, masklet, masks, seek, isBlind) {
  const { video, session } = snapshot;
  /** @type {[string, import("../ui/dom.js").Child][]} */
  const pairs = [
    ["Video", h("a", { href: `/videos/${video.id}` }, video.name)],
    ["Tracked by", nameOf(masklet.tracked_by)],
    ["Edited frames", `${masklet.edited_frame_count} of ${video.annotated_count}`],
  ];
  if (!isBlind) pairs.push(["Round", String(masklet.verdicts.length + 1)]);
  if (session.engine.name) pairs.push(["Engine", session.engine.name]);
  return h(
    "section",
    { class: "side-facts" },
    h("div", { class: "row" }, swatch(swatchOf(masklet.color).hex), h("h1", { class: "truncate grow" }, masklet.name), h("span", { class: "faint" }, `masklet ${signOf(masklet)}`)),
    h("dl", { class: "facts" }, pairs.flatMap(([name, value]) => [h("dt", {}, name), h("dd", { class: "truncate" }, value)])),
    h("p", { class: "frame-counts", "aria-label": "Frames by state" }, frameCounts(masks, video.annotated_count)),
    !isBlind && masklet.verdicts.length > 0 && h("details", { open: true }, h("summary", {}, "Earlier verdicts"), h("ul", { class: "stack" }, [...masklet.verdicts].sort((a, b) => b.created_at.localeCompare(a.created_at)).map((verdict) => earlier(verdict, seek)))),
  );
}
