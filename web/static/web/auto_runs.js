/** Auto masklets of a project: have them made, watch it, see what came of them. */

/** @import {Page} from "./types.js" */
/** @import {AutoModel, AutoRun, AutoState, RunState} from "./auto_runs/api.js" */
import { ApiError } from "./api.js";
import { autoRuns, slug } from "./auto_runs/api.js";
import { openChooseDialog } from "./auto_runs/choose.js";
import { modelsPanel } from "./auto_runs/models.js";
import { COLUMNS, isActive, runRow, STATES, thresholds, WORDS } from "./auto_runs/runs.js";
import { openShortcutOverlay } from "./shortcut_overlay.js";
import { Shortcuts } from "./shortcuts.js";
import { confirmAct, toast, toastError } from "./ui/dialogs.js";
import { byId, fill, fillKeyed, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { showPager } from "./ui/pager.js";
import { emptyState, panel } from "./ui/parts.js";
import { poll } from "./ui/poll.js";

const BUSY_WAIT = 1500; // ms between looks while a run is under way
const CALM_WAIT = 30_000; // ms otherwise
const SIZE = 50; // rows of a page

const page = byId("page", HTMLElement);
const counted = h("span", { class: "faint", role: "status" });
const steered = h("div", { class: "auto-thresholds muted" });
const fixed = h("details", { class: "faint" }, h("summary", {}, "What decides besides"));
const notice = h("div", {});
const models = h("div", {});
const rows = h("tbody", {});
const body = h("div", {});
const pager = h("div", {});
const asked = { state: new URLSearchParams(location.search).get("state") ?? "", page: 1 };

const startNew = h("button", { class: "btn btn-primary btn-large", type: "button" });
const choose = h("button", { class: "btn btn-large", type: "button" }, "Choose videos", h("kbd", { class: "kbd" }, "C"));
const stopAll = h("button", { class: "btn btn-small", type: "button" }, "Stop all");
const filters = new Map(["", ...STATES].map((state) => [state, h("button", { class: "btn btn-small", type: "button" })]));

const keys = new Shortcuts([
  { id: "choose", group: "Auto masklets", label: "Choose videos to run on", keys: ["C"], run: () => openChooseDialog(refresh) },
  { id: "new", group: "Auto masklets", label: "Run on all new videos", keys: ["N"], run: () => { if (!startNew.disabled) void runOnNew(); } },
  { id: "help", group: "Auto masklets", label: "This list", keys: ["?", "F1"], run: () => openShortcutOverlay(keys) },
]);

const refresh = () => looking.poke();

async function runOnNew() {
  startNew.disabled = true;
  try {
    const { runs } = await autoRuns.start();
    toast(`${formatCount(runs.length, "run")} will begin as workers come free.`, "good");
  } catch (error) {
    toastError(error);
  }
  refresh();
}

async function stopEverything() {
  const text = "Those that wait will not begin, and what the others made so far is put away. Masklets of finished runs stay.";
  if (!(await confirmAct({ title: "Stop all runs?", text, act: "Stop all runs", danger: true }))) return;
  stopAll.disabled = true;
  try {
    const { stopped } = await autoRuns.stopAll();
    toast(`${formatCount(stopped, "run was", "runs were")} stopped.`, "good");
  } catch (error) {
    toastError(error);
  }
  refresh();
}

/** @param {Partial<typeof asked>} change */
function ask(change) {
  Object.assign(asked, { page: 1, ...change });
  history.replaceState(null, "", asked.state ? `?state=${asked.state}` : location.pathname);
  refresh();
}

/** @param {AutoState["runs"]} runs */
const underWay = (runs) => runs.proposing + runs.tracking;

/** @param {AutoState} state */
function showLead({ new_videos: newVideos, runs, settings }) {
  const active = underWay(runs);
  fill(counted, active + runs.queued > 0 ? [`${active} at work`, runs.queued > 0 && `${runs.queued.toLocaleString("en")} ${runs.queued === 1 ? "waits" : "wait"}`].filter(Boolean).join(", ") : "");
  startNew.disabled = newVideos === 0;
  startNew.title = newVideos === 0 ? "Every video that is ready had a run, or is in one. Choose videos to run on some again." : "";
  fill(startNew, newVideos === 0 ? "No new videos" : `Run on ${newVideos === 1 ? "the new video" : `all ${newVideos.toLocaleString("en")} new videos`}`, newVideos > 0 && h("kbd", { class: "kbd" }, "N"));
  const words = thresholds(settings);
  fill(steered, words.steered.map((text) => h("span", {}, text)), h("a", { href: `/projects/${slug}/settings` }, "Change"));
  fill(/** @type {HTMLElement} */ (fixed.lastElementChild), words.fixed.map((text) => h("span", {}, text)));
}

/** @param {AutoState} state */
function showNotice({ engines }) {
  const coarse = engines.find((engine) => engine.coarse);
  const words = coarse && `The engine ${coarse.label} has no model that proposes masks. Its proposals are a coarse substitute: regions of one colour with a clear edge, so expect few whole objects. With SAM 2 they are the paper's.`;
  if (notice.textContent !== (words || "")) fill(notice, words && h("p", { class: "panel auto-notice", role: "note" }, words));
}

/** @param {AutoState["runs"]} counts */
function showFilters(counts) {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  for (const [state, button] of filters) {
    const count = state ? counts[/** @type {RunState} */ (state)] : all;
    button.textContent = `${state ? WORDS[/** @type {RunState} */ (state)] : "All"} ${count.toLocaleString("en")}`;
    button.setAttribute("aria-pressed", String(asked.state === state));
    button.hidden = count === 0 && asked.state !== state && state !== "";
  }
  stopAll.hidden = underWay(counts) + counts.queued < 2;
  stopAll.disabled = false;
}

/** @param {Page<AutoRun>} listed @param {AutoState} state */
function showRuns(listed, state) {
  const any = Object.values(state.runs).some((count) => count > 0);
  showFilters(state.runs);
  showPager(pager, { page: asked.page, count: listed.count, size: SIZE, turnTo: (page) => ask({ page }) });
  fillKeyed(rows, listed.results, (run) => run.id, (run) => runRow(run, refresh));
  if (!any) return fill(body, panel("Runs", [emptyState({ symbol: "film", title: "No runs yet", text: "Runs are listed here with how far they are and what came of them." })]));
  if (rows.isConnected) return undefined;
  const head = h("tr", {}, COLUMNS.map(([text, kind, title]) => h("th", { class: kind || null, title }, text)));
  const table = h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, head), rows));
  return fill(body, panel("Runs", [table, pager], [h("div", { class: "btn-group", role: "group", "aria-label": "Which runs" }, [...filters.values()]), stopAll]));
}

let outcome = ""; // what the outcome was made from: its buttons may have the focus

/** @param {AutoModel[]} found */
function showModels(found) {
  const form = JSON.stringify(found);
  if (form !== outcome) fill(models, modelsPanel(found));
  outcome = form;
}

function lead() {
  const text = "Masks are proposed on each video's first frame, tracked through it, and wait to be verified after people's own work. Runs give way to everybody's clicks and passes.";
  fixed.append(h("div", { class: "auto-thresholds" }));
  const words = h("div", { class: "grow stack auto-lead" }, h("h2", {}, "Make auto masklets"), h("p", {}, text), steered, fixed);
  return h("section", { class: "panel lead" }, words, h("div", { class: "auto-acts" }, startNew, choose));
}

async function look() {
  try {
    const [state, listed, found] = await Promise.all([autoRuns.state(), autoRuns.list({ ...asked, page_size: SIZE }), autoRuns.models()]);
    if (!body.isConnected) fill(page, h("div", { class: "page-head" }, h("h1", {}, "Auto masklets"), counted), lead(), notice, models, body);
    showLead(state);
    showNotice(state);
    showModels(found);
    showRuns(listed, state);
    return STATES.some((one) => isActive(one) && state.runs[one] > 0) ? BUSY_WAIT : CALM_WAIT;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && asked.page > 1) {
      asked.page = 1; // So many runs left this state meanwhile that the page is not there any more.
      return 0;
    }
    throw error;
  }
}

startNew.addEventListener("click", runOnNew);
choose.addEventListener("click", () => openChooseDialog(refresh));
stopAll.addEventListener("click", stopEverything);
for (const [state, button] of filters) button.addEventListener("click", () => ask({ state }));
const looking = poll(look, page);
keys.listen();
