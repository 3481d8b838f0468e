/** The runs of a project, as rows that say how far they are and what came of them. */

/** @import {AutoRun, RunState, Settings} from "./api.js" */
import { confirmAct, toast, toastError } from "../ui/dialogs.js";
import { h } from "../ui/dom.js";
import { formatAgo, formatCount } from "../ui/format.js";
import { stateChip } from "../ui/parts.js";
import { autoRuns } from "./api.js";

/** @type {readonly RunState[]} */
export const STATES = ["tracking", "proposing", "queued", "finished", "failed", "stopped"];
const ACTIVE = new Set(["queued", "proposing", "tracking"]);
const BEGUN = new Set(["proposing", "tracking"]);
export const WORDS = /** @type {const} */ ({ queued: "Waiting", proposing: "Proposing", tracking: "Tracking", finished: "Finished", stopped: "Stopped", failed: "Failed" });
const CHIPS = /** @type {const} */ ({ queued: "queued", proposing: "running", tracking: "running", finished: "done", stopped: "queued", failed: "failed" });

/** @param {RunState} state */
export const runChip = (state) => stateChip(CHIPS[state], WORDS[state]);

/** @param {RunState} state */
export const isActive = (state) => ACTIVE.has(state);

/** Those that a manager steers, and what else decides. @param {Settings} settings */
export function thresholds({ points_per_side: sides, min_iou, min_stability, within_iou, across_iou, known_iou, edge_px, most }) {
  const grids = sides.map((side, layer) => (layer === 0 ? `${side} × ${side} points on the frame` : `${side} × ${side} on ${4 ** layer} windows`)).join(", ");
  const steered = [`predicted IoU ≥ ${min_iou}`, `stability ≥ ${min_stability}`, `at most ${most} a video, the largest`];
  const fixed = [grids, `boxes that overlap > ${within_iou} in a window, > ${across_iou} across are one`, `known object at IoU > ${known_iou}`, `cut off within ${edge_px} px of a window's edge`];
  return { steered, fixed };
}

/** @param {string} text @param {number | null} done @param {number} total */
function bar(text, done, total) {
  return h("div", { class: "auto-progress" }, h("span", { class: "muted" }, text), h("progress", { value: done, max: Math.max(total, 1), "aria-label": text }));
}

/** What is under way, or what came of it. @param {AutoRun} run */
function outcome(run) {
  if (run.state === "queued") return h("span", { class: "faint" }, "Begins when a worker comes free");
  if (run.state === "proposing") return bar(`${run.prompts_done.toLocaleString("en")} of ${formatCount(run.prompts_total, "point")} asked about`, run.prompts_done, run.prompts_total);
  if (run.state === "tracking") return bar(`${formatCount(run.kept, "masklet")}: ${run.frames_done.toLocaleString("en")} of ${formatCount(run.frames_total, "mask")} tracked`, run.frames_done, run.frames_total);
  if (run.state === "failed") return h("p", { class: "bad" }, run.error || "The worker's log says why.");
  if (run.state === "stopped") return h("p", { class: "muted" }, run.error || (run.model ? "What it had made was put away." : "It had not begun."));
  if (run.kept === 0) return h("p", { class: "muted" }, `None of ${formatCount(run.candidates, "candidate")} was left: nothing here stands out that the video does not have yet.`);
  const { in_work = 0, submitted = 0, accepted = 0, refine = 0, rejected = 0, set_aside: aside = 0 } = run.masklets;
  const words = /** @type {[number, string][]} */ ([[submitted, "waiting for review"], [accepted, "accepted"], [refine, "to refine"], [in_work, "taken up by people"], [rejected, "rejected"], [aside, "set aside as failures"]]);
  return h("div", { class: "auto-outcome" }, words.filter(([count]) => count > 0).map(([count, what]) => h("span", {}, `${count} ${what}`)), run.error && h("span", { class: "warn" }, run.error));
}

/** @param {AutoRun} run @param {() => void} refresh */
async function stop(run, refresh) {
  const text = "The masks that it proposed and tracked so far are put away. What people took up of them stays theirs.";
  if (BEGUN.has(run.state) && !(await confirmAct({ title: `Stop the run on ${run.video.name}?`, text, act: "Stop the run", danger: true }))) return;
  try {
    const { state } = await autoRuns.stop(run.id);
    if (state === "stopped") toast(`The run on ${run.video.name} was stopped, and what it had made was put away.`, "good");
    else toast(`The run on ${run.video.name} had ended before: ${WORDS[state].toLowerCase()}.`);
  } catch (error) {
    toastError(error);
  }
  refresh();
}

/** @param {AutoRun} run @param {() => void} refresh */
async function again(run, refresh) {
  try {
    await autoRuns.start([run.video.id]);
    toast(`${run.video.name} waits for another run. It looks for what the video does not have yet.`, "good");
  } catch (error) {
    toastError(error);
  }
  refresh();
}

/** @param {AutoRun} run @param {() => void} refresh looks again */
export function runRow(run, refresh) {
  const act = isActive(run.state)
    ? h("button", { class: "btn btn-small", type: "button", onclick: () => stop(run, refresh), "aria-label": `Stop the run on ${run.video.name}` }, "Stop")
    : h("button", { class: "btn btn-small", type: "button", onclick: () => again(run, refresh), "aria-label": `Run again on ${run.video.name}` }, "Run again");
  const { steered, fixed } = thresholds(run.settings);
  return h(
    "tr",
    {},
    h("td", {}, h("a", { href: `/videos/${run.video.id}` }, run.video.name), h("br"), h("code", { class: "faint" }, run.video.video_id)),
    h("td", {}, runChip(run.state)),
    h("td", {}, outcome(run)),
    h("td", { class: "number" }, run.candidates > 0 ? run.candidates.toLocaleString("en") : "–"),
    h("td", { class: "number" }, run.state === "tracking" || run.state === "finished" ? String(run.kept) : "–"),
    h("td", { class: "small faint whole", title: [...steered, ...fixed].join("\n") }, `${run.settings.min_iou} · ${run.settings.min_stability} · ${run.settings.most}`),
    h("td", {}, run.model ? run.model.label : "–"),
    h("td", { class: "muted whole", title: new Date(run.created_at).toLocaleString() }, `${run.requested_by}, ${formatAgo(run.created_at)}`),
    h("td", { class: "actions" }, act),
  );
}

export const COLUMNS = /** @type {readonly (readonly [string, string, string?])[]} */ ([
  ["Video", ""],
  ["State", ""],
  ["Progress and outcome", ""],
  ["Candidates", "number", "Masks that were good enough on their own"],
  ["Kept", "number", "Masklets made of them"],
  ["Thresholds", "", "Least predicted IoU, least stability, most masklets"],
  ["Model", ""],
  ["Asked for by", ""],
  ["", ""],
]);
