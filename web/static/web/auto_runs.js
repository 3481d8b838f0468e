/** Auto masklets of a project: have them made, watch it, see what came of them. */

/** @import {Page, Project} from "./types.js" */
import { request } from "./api.js";
import { toast, toastError } from "./ui/dialogs.js";
import { byId, fill, fillKeyed, h } from "./ui/dom.js";
import { formatAgo, formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { emptyState, panel, stateChip } from "./ui/parts.js";
import { poll } from "./ui/poll.js";

/** @typedef {{id: number, label: string, engine: string, weights_sha256: string, coarse: boolean}} Model */
/** @typedef {{points_per_side: number[], min_iou: number, min_stability: number, within_iou: number, across_iou: number, known_iou: number, edge_px: number, most: number}} Settings */
/**
 * @typedef {{id: number, video: {id: number, video_id: string, name: string}, state: string, settings: Settings, model: Model | null,
 *   candidates: number, kept: number, prompts_done: number, prompts_total: number, frames_done: number, frames_total: number,
 *   masklets: Record<string, number>, error: string, requested_by: string, created_at: string, finished_at: string | null}} AutoRun
 */
/** @typedef {{model: Model, masklets: number, waiting: number, accepted: number, rejected: number, unsatisfactory: number}} AutoModel */

const BUSY_WAIT = 1500; // ms between looks while a run is under way
const CALM_WAIT = 30_000; // ms otherwise
const MOST_RUNS = 100; // newest runs that are listed

const slug = document.body.dataset.slug ?? "";
const at = `/api/projects/${encodeURIComponent(slug)}`;
const page = byId("page", HTMLElement);
const lead = h("div", {});
const notice = h("div", {});
const models = h("div", {});
const past = h("div", {});
const rows = h("tbody", {});

const CHIPS = /** @type {Record<string, string>} */ ({ queued: "Waiting for its turn", proposing: "Proposing", tracking: "Tracking", finished: "Finished", stopped: "Stopped" });

/** @param {AutoRun} run */
const isBusy = (run) => ["queued", "proposing", "tracking"].includes(run.state);

/** @param {AutoRun} run */
function chip(run) {
  const state = { proposing: "running", tracking: "running", finished: "done", stopped: "queued" }[run.state] ?? run.state;
  return stateChip(state, CHIPS[run.state]);
}

/** @param {string} text @param {number | null} done @param {number} total */
function bar(text, done, total) {
  return h("div", { class: "auto-progress" }, h("span", { class: "muted" }, text), h("progress", { value: done, max: Math.max(total, 1), "aria-label": text }));
}

/** What is under way, or what came of it. @param {AutoRun} run */
function outcome(run) {
  if (run.state === "queued") return bar("Waits for its turn and for a worker", null, 1);
  if (run.state === "proposing") return bar(`${run.prompts_done.toLocaleString("en")} of ${formatCount(run.prompts_total, "point")} asked about`, run.prompts_done, run.prompts_total);
  if (run.state === "tracking") return bar(`${formatCount(run.kept, "masklet")}: ${run.frames_done.toLocaleString("en")} of ${formatCount(run.frames_total, "mask")} tracked`, run.frames_done, run.frames_total);
  if (run.state !== "finished") return h("p", { class: run.state === "failed" ? "bad" : "muted" }, run.error || "What it had made was put away.");
  if (run.kept === 0) return h("p", { class: "muted" }, `None of ${formatCount(run.candidates, "candidate")} was left: nothing here stands out that the video does not have yet.`);
  const { submitted = 0, accepted = 0, refine = 0, rejected = 0, set_aside: aside = 0 } = run.masklets;
  const words = /** @type {[number, string][]} */ ([[submitted, "waiting for review"], [accepted, "accepted"], [refine, "to refine"], [rejected, "rejected"], [aside, "set aside as failures"]]);
  return h("div", { class: "auto-outcome" }, words.filter(([count]) => count > 0).map(([count, what]) => h("span", {}, `${count} ${what}`)));
}

/** @param {AutoRun} run */
async function stop(run) {
  try {
    await request("POST", `/api/auto-runs/${run.id}/stop`, {});
    toast(`The run on ${run.video.name} was stopped, and what it had made was put away.`, "good");
  } catch (error) {
    toastError(error);
  }
  looking.poke();
}

/** @param {AutoRun} run */
function row(run) {
  const act = isBusy(run) && h("button", { class: "btn btn-small", type: "button", onclick: () => stop(run), "aria-label": `Stop the run on ${run.video.name}` }, "Stop");
  return h(
    "tr",
    {},
    h("td", {}, h("a", { href: `/videos/${run.video.id}` }, run.video.name), h("br"), h("code", { class: "faint" }, run.video.video_id)),
    h("td", {}, chip(run)),
    h("td", {}, outcome(run)),
    h("td", { class: "number" }, run.candidates > 0 ? run.candidates.toLocaleString("en") : "–"),
    h("td", { class: "number" }, run.state === "tracking" || run.state === "finished" ? String(run.kept) : "–"),
    h("td", {}, run.model ? run.model.label : "–"),
    h("td", { class: "muted", title: new Date(run.created_at).toLocaleString() }, `${run.requested_by}, ${formatAgo(run.created_at)}`),
    h("td", { class: "actions" }, act),
  );
}

/** @param {AutoRun[]} runs */
function showPast(runs) {
  if (runs.length === 0) return fill(past, panel("Runs", [emptyState({ symbol: "film", title: "No runs yet", text: "Runs are listed here with how far they are and what came of them." })]));
  fillKeyed(rows, runs, (run) => run.id, row);
  const heads = [["Video", ""], ["State", ""], ["Progress and outcome", ""], ["Candidates", "number"], ["Kept", "number"], ["Model", ""], ["Asked for by", ""], ["", ""]];
  const head = h("thead", {}, h("tr", {}, heads.map(([text, kind]) => h("th", { class: kind || null }, text))));
  if (!rows.isConnected) fill(past, panel("Runs", [h("div", { class: "table-scroll" }, h("table", { class: "table" }, head, rows))]));
  return undefined;
}

/** @param {AutoModel} counted */
function modelRow({ model, masklets, waiting, accepted, rejected, unsatisfactory }) {
  const file = unsatisfactory > 0 && h("a", { class: "btn btn-small", href: `${at}/auto-failures.csv?model=${model.id}`, download: true, "aria-label": `Failures of ${model.label} as CSV` }, icon("download"), "Failures, CSV");
  const judged = accepted + unsatisfactory + rejected;
  const share = judged > 0 ? `${Math.round((100 * accepted) / judged)} %` : "–";
  return h(
    "tr",
    {},
    h("td", {}, model.label, model.weights_sha256 && h("code", { class: "faint" }, ` ${model.weights_sha256.slice(0, 8)}`)),
    [masklets, waiting, accepted, unsatisfactory, rejected].map((count) => h("td", { class: "number" }, count.toLocaleString("en"))),
    h("td", { class: "number" }, share),
    h("td", { class: "actions" }, file),
  );
}

/** @param {AutoModel[]} counted */
function showModels(counted) {
  if (counted.length === 0) return fill(models);
  const heads = ["Model version", "Masklets", "Waiting", "Accepted", "Unsatisfactory", "Rejected", "Accepted of judged", ""];
  const head = h("thead", {}, h("tr", {}, heads.map((text, place) => h("th", { class: place > 0 && "number" }, text))));
  return fill(models, panel("Outcome by model version", [h("div", { class: "table-scroll" }, h("table", { class: "table" }, head, h("tbody", {}, counted.map(modelRow))))], [h("a", { class: "btn btn-small", href: `/projects/${slug}/reviews` }, "Reviews")]));
}

/** @param {Settings} settings */
function thresholds({ points_per_side: sides, min_iou, min_stability, within_iou, across_iou, known_iou, edge_px, most }) {
  const grids = sides.map((side, layer) => (layer === 0 ? `${side} × ${side} points on the frame` : `${side} × ${side} on ${4 ** layer} windows`)).join(", ");
  const words = [grids, `predicted IoU ≥ ${min_iou}`, `stability ≥ ${min_stability}`, `boxes that overlap > ${within_iou} in a window, > ${across_iou} across are one`, `known object at IoU > ${known_iou}`, `cut off within ${edge_px} px of a window's edge`, `at most ${most}, the largest`];
  return h("div", { class: "auto-thresholds faint" }, words.map((text) => h("span", {}, text)));
}

/** @param {Project} project @param {AutoRun[]} runs */
function showLead(project, runs) {
  const start = h("button", { class: "btn btn-primary btn-large", type: "button", disabled: project.counts.videos === 0 }, "Run on all new videos");
  start.addEventListener("click", async () => {
    start.disabled = true;
    try {
      const { runs: made } = await request("POST", `${at}/auto-runs`, {});
      toast(`${formatCount(made.length, "run")} will begin as workers come free.`, "good");
    } catch (error) {
      toastError(error);
      start.disabled = false;
    }
    looking.poke();
  });
  const text = "Masks are proposed on each video's first frame, tracked through it, and wait to be verified after people's own work. Runs give way to everybody's clicks and passes.";
  const newest = runs[0];
  fill(lead, h("section", { class: "panel lead" }, h("div", { class: "grow" }, h("h2", {}, "Make auto masklets"), h("p", {}, text), newest && thresholds(newest.settings)), start));
}

/** @param {AutoRun[]} runs */
function showNotice(runs) {
  const coarse = runs.find((run) => run.model?.coarse);
  fill(notice, coarse && h("p", { class: "panel auto-notice", role: "note" }, `The engine ${coarse.model?.label} has no model that proposes masks. Its proposals are a coarse substitute: regions of one colour with a clear edge, so expect few whole objects. With SAM 2 they are what the paper's are.`));
}

let shown = ""; // what the lead was made from: it holds a button that may have the focus

async function look() {
  /** @type {[Project, Page<AutoRun>, AutoModel[]]} */
  const [project, { results }, counted] = await Promise.all([request("GET", at), request("GET", `${at}/auto-runs?page_size=${MOST_RUNS}`), request("GET", `${at}/auto-models`)]);
  if (!lead.isConnected) fill(page, h("div", { class: "page-head" }, h("h1", {}, "Auto masklets")), lead, notice, models, past);
  const form = JSON.stringify([project.counts.videos, results.map((run) => run.id)]);
  if (form !== shown) showLead(project, results);
  shown = form;
  showNotice(results);
  showModels(counted);
  showPast(results);
  return results.some(isBusy) ? BUSY_WAIT : CALM_WAIT;
}

const looking = poll(look, page);
