/** A project's exports: make one, watch it, fetch it. */

/** @import {Export, ExportProblem, Project} from "./types.js" */
import { toastError } from "./ui/dialogs.js";
import { byId, fill, fillKeyed, h } from "./ui/dom.js";
import { formatAgo, formatBytes, formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { api } from "./ui/page_api.js";
import { emptyState, nameOf, panel, stateChip } from "./ui/parts.js";
import { poll } from "./ui/poll.js";

const BUSY_WAIT = 1000; // ms between looks while one is being made
const CALM_WAIT = 30_000; // ms otherwise

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
const lead = h("div", {});
const history = h("tbody", {});
const past = h("div", {});

/** @param {Export} made */
const isBusy = (made) => made.state === "queued" || made.state === "running";

/** Why no export can be started, or null. @param {Project} project @param {Export[]} list */
function obstacle(project, list) {
  if (list.some(isBusy)) return "An export is being made. It is listed below.";
  if (project.counts.accepted === 0) return "No masklet of this project is accepted yet. An export holds accepted masklets only, so there would be nothing in it.";
  return null;
}

/** @param {Project} project @param {Export[]} list */
function showLead(project, list) {
  const why = obstacle(project, list);
  const start = h("button", { class: "btn btn-primary btn-large", type: "button", disabled: why !== null }, "Start SA-V export");
  start.addEventListener("click", async () => {
    start.disabled = true;
    await api.exports.create(slug).catch(toastError);
    looking.poke();
  });
  const { accepted } = project.counts;
  const text = why ?? `It will hold ${formatCount(accepted, "accepted masklet")}, without videos whose accepted masklets are all automatic: one mp4 and one _manual.json per video, checked rule by rule before it is called done.`;
  fill(lead, h("section", { class: "panel lead" }, h("div", { class: "grow" }, h("h2", {}, "SA-V"), h("p", {}, text)), start));
}

/** @param {ExportProblem} problem */
function problemRow({ level, code, file, message }) {
  return h("li", { class: "problem" }, h("span", { class: level === "error" ? "bad" : "muted" }, level), h("span", {}, message, h("br"), h("code", { class: "faint wrap-anywhere" }, [file, code].filter(Boolean).join(" · "))));
}

/** @param {Export} made */
function outcome(made) {
  if (isBusy(made)) {
    const words = made.state === "queued" ? "Waiting for a worker" : `${made.videos_done} of ${formatCount(made.videos_total, "video")}`;
    return h("div", { class: "stack" }, h("span", { class: "muted" }, words), h("progress", { value: made.videos_total > 0 ? made.videos_done : null, max: Math.max(made.videos_total, 1), "aria-label": "Export" }));
  }
  const problems = made.problems.length > 0 && h("details", {}, h("summary", {}, formatCount(made.problems.length, "problem")), h("ul", { class: "problems" }, made.problems.map(problemRow)));
  if (made.state === "failed") return h("div", {}, h("p", { class: "bad" }, made.error || "The export failed."), problems);
  return h("div", {}, h("span", { class: "muted" }, [formatCount(made.videos_total, "video"), formatCount(made.masklets, "masklet"), formatCount(made.masks, "mask")].join(", ")), problems);
}

/** @param {Export} made */
function row(made) {
  const download = made.state === "done" && made.urls.download && h("a", { class: "btn", href: made.urls.download, download: true }, icon("download"), made.bytes === null ? "Download" : `Download, ${formatBytes(made.bytes)}`);
  return h(
    "tr",
    {},
    h("td", { class: "faint" }, `#${made.id}`),
    h("td", {}, stateChip(made.state)),
    h("td", {}, outcome(made)),
    h("td", { class: "muted", title: new Date(made.created_at).toLocaleString() }, `${nameOf(made.requested_by)}, ${formatAgo(made.created_at)}`),
    h("td", { class: "actions" }, download),
  );
}

/** @param {Export[]} list */
function showPast(list) {
  if (list.length === 0) return fill(past, panel("History", [emptyState({ symbol: "download", title: "No exports yet", text: "What is exported here stays listed with who asked for it and what it held." })]));
  fillKeyed(history, list, (made) => made.id, row);
  if (!history.isConnected) fill(past, panel("History", [h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, ["", "State", "Holds", "Asked for by", ""].map((text) => h("th", {}, text)))), history))]));
  return undefined;
}

async function look() {
  const [project, { results }] = await Promise.all([api.projects.get(slug), api.exports.list(slug)]);
  if (!lead.isConnected) fill(page, h("div", { class: "page-head" }, h("h1", {}, "Exports")), lead, past);
  showLead(project, results);
  showPast(results);
  return results.some(isBusy) ? BUSY_WAIT : CALM_WAIT;
}

const looking = poll(look, page);
