/** What a reviewer should know of the masklet before judging it, and whoever looks at it, besides. */

/** @import {Look, Mask, Masklet, Verdict} from "../types.js" */
/** @import {PageParts} from "./page.js" */
import { swatchOf } from "../palette.js";
import { newestFirst, signOf } from "../selectors.js";
import { h } from "../ui/dom.js";
import { formatAgo } from "../ui/format.js";
import { nameOf, stateChip, swatch, unseenChip } from "../ui/parts.js";

/** What is not told to who is to judge it. */
const UNLED = {
  audit: "An audit of it is open, and could be yours: what was said of it before is told to you after that.",
  decide: "Two people tracked this object, and the decision between them could be yours: who they are and how far they agree is told to you after that.",
};
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
  const said = `${verdict.stage === "audit" ? "audited by " : ""}${judgeOf(verdict)}, ${formatAgo(verdict.created_at)}`;
  return h("li", { class: "earlier" }, h("span", { class: "row" }, stateChip(verdict.verdict), unseenChip(verdict), h("span", { class: "faint small" }, said)), verdict.comment && h("p", { class: "muted wrap-anywhere" }, verdict.comment), marks);
}

/** @param {Look} look @param {Masklet} masklet @returns {[string, import("../ui/dom.js").Child][]} */
function lookPairs({ phase, suspicion, pair }, masklet) {
  /** @type {[string, import("../ui/dom.js").Child][]} */
  const pairs = [["Type", masklet.type]];
  if (phase !== null) pairs.push(["Phase", String(phase)]);
  if (suspicion !== null) pairs.push(["Suspicion", suspicion.toFixed(2)]);
  if (!pair) return pairs;
  const other = pair.first.id === masklet.id ? pair.second : pair.first;
  const chosen = pair.chosen === null ? "neither" : pair.chosen === masklet.id ? "this one" : "the other one";
  pairs.push(["Tracked twice, beside", h("a", { href: `/masklets/${other.id}` }, `${other.name} by ${nameOf(other.tracked_by)}`)], ["Chosen", chosen], ["Decided by", nameOf(pair.decided_by)]);
  if (pair.j !== null && pair.f !== null) pairs.push(["Agreement", `J ${pair.j.toFixed(2)}, F ${pair.f.toFixed(2)}`]);
  return pairs;
}

/**
 * @param {PageParts["opened"]} opened
 * @param {Masklet} masklet
 * @param {ReadonlyMap<number, Mask>} masks by frame index
 * @param {HTMLElement} shownTo who was shown the frame on the screen
 * @param {(frameIndex: number) => void} seek
 * @returns {HTMLElement}
 */
export function factsPanel({ task, snapshot }, masklet, masks, shownTo, seek) {
  const { video } = snapshot;
  const { verdicts } = masklet;
  const unled = task ? null : snapshot.unled;
  /** @type {[string, import("../ui/dom.js").Child][]} */
  const pairs = [
    ["Video", h("a", { href: `/videos/${video.id}` }, video.name)],
    ["Tracked by", unled === "decide" ? "not told yet" : nameOf(masklet.tracked_by)],
    ["Edited frames", `${masklet.edited_frame_count} of ${video.annotated_count}`],
  ];
  if (!task) pairs.push(...lookPairs(snapshot, masklet));
  if (task && task.kind !== "audit") pairs.push(["Round", String(verdicts.length + 1)]);
  if (task && snapshot.session.engine.name) pairs.push(["Engine", snapshot.session.engine.name]);
  return h(
    "section",
    { class: "side-facts" },
    h("div", { class: "row" }, swatch(swatchOf(masklet.color).hex), h("h1", { class: "truncate grow" }, masklet.name), h("span", { class: "faint" }, `masklet ${signOf(masklet)}`)),
    h("dl", { class: "facts" }, pairs.flatMap(([name, value]) => [h("dt", {}, name), h("dd", { class: "truncate" }, value)])),
    h("p", { class: "frame-counts", "aria-label": "Frames by state" }, frameCounts(masks, video.annotated_count)),
    shownTo,
    unled && h("p", { class: "muted" }, UNLED[unled]),
    verdicts.length > 0 && h("details", { open: true }, h("summary", {}, task ? "Earlier verdicts" : "Verdicts"), h("ul", { class: "stack" }, newestFirst(verdicts).map((verdict) => earlier(verdict, seek)))),
  );
}
