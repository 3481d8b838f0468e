/** The verifier model of a project: how far it agrees with people, and what it may decide. */

/** @import {Project, VerifierModel} from "./types.js" */
import { messageOf, toast } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatAgo, formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { api } from "./ui/page_api.js";
import { emptyState, panel } from "./ui/parts.js";
import { poll } from "./ui/poll.js";
import { calibrationChart } from "./verifier/calibration.js";

const SIGNS_SHOWN = 8;
const WAIT = 1000; // ms between looks at a training
const LONG_WAIT = 12_000; // ms after which a training needs another word

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
const percent = (/** @type {number} */ share) => `${Math.round(share * 100)} %`;

/** What it is allowed, in a sentence. @param {Project} project */
function allowed({ verifier_threshold: threshold, verifier_audit_share: audited }) {
  if (threshold === null) return "It decides nothing: people give every verdict, and see what it thought only after theirs.";
  if (audited === 0) return `It would accept from ${percent(threshold)} on, but decides nothing while no share of what it accepts is audited by people.`;
  return `It accepts by itself what it gives ${percent(threshold)} or more; people audit ${percent(audited)} of that. It never sends back and never rejects.`;
}

/** The features it learns from, in words. @type {Record<string, string>} */
const FEATURES = {
  suspicion_max: "highest suspicion of a mask", suspicion_mean: "mean suspicion", suspicious_share: "share of suspicious masks",
  temporal_iou_min: "lowest IoU with the frame before", temporal_iou_mean: "mean IoU with the frame before",
  score_min: "lowest score of the model", score_mean: "mean score of the model", area_jump_max: "largest jump of the area",
  identity_jump_max: "largest jump of the place", flicker_mean: "flicker", components_max: "most parts of a mask",
  holes_max: "most holes of a mask", border_max: "most of the border covered", agreement_min: "lowest agreement of forward and backward",
  human_share: "share of frames decided by people", absent_share: "share of frames without the object",
  length: "length of the video", area_share: "size of the object",
};

let refusal = ""; // why the last press of the button came to nothing

const isUnderWay = (/** @type {VerifierModel | undefined} */ model) => model?.state === "queued" || model?.state === "training";

async function train() {
  refusal = "";
  try {
    await api.projects.trainVerifier(slug);
  } catch (error) {
    refusal = messageOf(error);
  }
  looking.poke();
}

/** How the last training stands, where there is something to say. @param {VerifierModel | undefined} last */
function standing(last) {
  const waits = last !== undefined && Date.now() - Date.parse(last.created_at) > LONG_WAIT;
  if (last?.state === "training") return h("p", { role: "status" }, waits ? "It takes longer than usual. Should its worker be lost, this page says so within two minutes." : "It learns from the newest verdicts, which takes some seconds.");
  if (last?.state === "queued") {
    return h("p", { role: "status" }, waits ? "No CPU worker has taken it up yet. It begins by itself once one is free; if none comes, tell who runs this server." : "It begins once a CPU worker is free.");
  }
  const wrong = refusal || (last?.state === "failed" && `The last training, ${formatAgo(last.created_at)}, failed. ${last.error}`);
  return wrong && h("p", { class: "verifier-failed", role: "status" }, icon("alert"), h("span", {}, wrong));
}

/** @param {Project} project @param {VerifierModel | undefined} last the one that was asked for last */
function lead(project, last) {
  const busy = isUnderWay(last);
  // Not `disabled`, which would take the focus away from who pressed it.
  const button = h("button", { class: "btn btn-primary", type: "button", id: "train", "aria-disabled": busy && "true", onclick: () => busy || void train() }, busy ? [h("span", { class: "spinner", "aria-hidden": "true" }), last?.state === "queued" ? "Waits for a worker" : "Training"] : "Train on the verdicts so far");
  const text = h("p", {}, allowed(project), " ", h("a", { href: `/projects/${slug}/settings` }, "Change that in the settings."));
  return h("section", { class: "panel lead" }, h("div", { class: "grow" }, h("h2", {}, "A second opinion on what is handed in"), text, standing(last)), button);
}

/** The cases behind a number of a model. @param {VerifierModel} model @param {Record<string, string | number>} [more] */
const casesOf = ({ id }, more = {}) => `/projects/${slug}/numbers/cases?${new URLSearchParams(Object.entries({ verifier: id, ...more }).map(([name, value]) => [name, String(value)]))}`;

/** @param {VerifierModel} model @param {number | null} threshold */
function confusionTable(model, threshold) {
  const rows = model.report.confusion;
  const number = (/** @type {string} */ value, /** @type {string | false} */ href) => h("td", { class: "number" }, href ? h("a", { href }, value) : value);
  const titles = ["From", "Both satisfactory", "Only the model", "Only people", "Neither", "It would accept", "People agree"];
  const head = h("tr", {}, titles.map((title) => h("th", { class: "number" }, title)));
  const chosen = rows.findLast((row) => threshold !== null && row.threshold <= threshold);
  const body = rows.map((row) => {
    const { both, model_only, people_only, neither } = row;
    const accepted = both + model_only;
    const cells = /** @type {[string, string][]} */ ([
      ...Object.entries({ both, model_only, people_only, neither }).map(([found, count]) => [count.toLocaleString("en"), found]),
      [percent(accepted / (accepted + people_only + neither)), "accepted"],
      [accepted > 0 ? percent(both / accepted) : "–", "both"],
    ]);
    return h("tr", { class: row === chosen && "verifier-chosen" }, number(percent(row.threshold), false), cells.map(([value, found]) => number(value, model.has_cases && casesOf(model, { threshold: row.threshold, found }))));
  });
  return h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, body)));
}

/** The features with the largest say, per standard deviation. @param {VerifierModel["weights"]} weights */
function signsTable({ names, coefficients }) {
  const all = names.map((name, i) => ({ name, say: coefficients[i] ?? 0 }));
  const largest = all.sort((a, b) => Math.abs(b.say) - Math.abs(a.say)).slice(0, SIGNS_SHOWN);
  const rows = largest.map(({ name, say }) => h("tr", {}, h("td", {}, FEATURES[name] ?? name), h("td", { class: "muted" }, say > 0 ? "more of it is better" : "more of it is worse"), h("td", { class: "number" }, say.toFixed(2).replace("-", "−"))));
  return h("table", { class: "table" }, h("tbody", {}, rows));
}

/** @param {VerifierModel[]} models */
function history(models) {
  const head = h("tr", {}, h("th", {}, "Trained"), h("th", {}, "By"), h("th", { class: "number" }, "Verdicts"), h("th", { class: "number" }, "Satisfactory"), h("th", { class: "number" }, "Brier score"));
  const rows = models.map(({ created_at, trained_by, report }) => h("tr", {}, h("td", { title: new Date(created_at).toLocaleString() }, formatAgo(created_at)), h("td", {}, trained_by), h("td", { class: "number" }, report.verdicts.toLocaleString("en")), h("td", { class: "number" }, report.satisfactory.toLocaleString("en")), h("td", { class: "number" }, report.brier.toFixed(3))));
  return h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, rows));
}

/** @param {VerifierModel} model @param {Project} project */
function reportOf(model, project) {
  const { report, weights, has_cases: listed } = model;
  const behind = listed ? (/** @type {number} */ from) => casesOf(model, { tenth: Math.round(10 * from) }) : undefined;
  const files = listed && [h("a", { class: "btn btn-small", href: casesOf(model) }, "All cases"), h("a", { class: "btn btn-small", href: `/api${casesOf(model, { format: "csv" })}`, download: true }, icon("download"), "CSV")];
  const brier = `Brier score ${report.brier.toFixed(3)}: 0 is perfect, ${report.brier_of_the_share.toFixed(3)} is one who says the same of every masklet. Measured on verdicts that each of ${report.folds} trial models had not learned from.`;
  return h(
    "div",
    { class: "verifier-grid" },
    panel("Calibration", [calibrationChart(report.calibration, behind), h("p", { class: "verifier-note" }, brier)]),
    h("div", {},
      panel("Against people, by threshold", [confusionTable(model, project.verifier_threshold), h("p", { class: "verifier-note" }, `${formatCount(report.verdicts, "verdict")}, ${report.satisfactory.toLocaleString("en")} of them satisfactory. “Only the model” is what it would have accepted and people did not.${listed ? " Each count leads to its masklets." : " Which masklets these were is listed for models that are trained from now on."}`)], files || []),
      panel("What it looks at most", [signsTable(weights)])),
  );
}

/** @param {Project} project @param {VerifierModel[]} models */
function show(project, models) {
  const done = models.filter(({ state }) => state === "done");
  const [newest] = done;
  const none = emptyState({ symbol: "search", title: "There is no model yet", text: "It learns from the verdicts of this project's people: at least 20 masklets that they found satisfactory, and 20 that they did not." });
  const hadFocus = document.activeElement?.id === "train";
  fill(
    page,
    h("div", { class: "page-head" }, h("h1", {}, "Verifier model")),
    lead(project, models[0]),
    newest ? reportOf(newest, project) : h("section", { class: "panel" }, none),
    newest && panel("Models so far", [history(done)]),
  );
  if (hadFocus) byId("train", HTMLButtonElement).focus();
}

let wasUnderWay = false;
const looking = poll(async () => {
  const [project, { results }] = await Promise.all([api.projects.get(slug), api.projects.verifierModels(slug)]);
  const [last] = results;
  show(project, results);
  if (wasUnderWay && last?.state === "done") toast(`Trained on ${formatCount(last.report.verdicts, "verdict")}.`, "good");
  wasUnderWay = isUnderWay(last);
  return wasUnderWay ? WAIT : null;
}, page);
