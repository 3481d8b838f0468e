/** The parts of the page of numbers: each shows one answer of the API. */

import { barChart, lineChart, sayNumber } from "../charts.js";
import { h } from "../ui/dom.js";
import { panel } from "../ui/parts.js";
import { asked } from "./filters.js";

/** @typedef {Record<string, any>} Line */
/** @typedef {{rows: Line[]} & Record<string, any>} Answer */

const slug = document.body.dataset.slug ?? "";

/** @param {string} name @param {Record<string, string>} [more] */
export const addressOf = (name, more = {}) => `/api/projects/${slug}/numbers/${name}?${asked(more)}`;

/** The rows behind a number. @param {Record<string, string>} more */
const behind = (more) => `/projects/${slug}/numbers/masklets?${asked(more)}`;

/** @param {string} name @param {Record<string, string>} [more] */
const csvOf = (name, more = {}) => addressOf(name, { ...more, format: "csv" });

/** @param {string} name @param {string} words @param {Record<string, string>} [more] */
const csvLink = (name, words, more = {}) => h("a", { class: "btn btn-small btn-ghost", href: csvOf(name, more), "aria-label": `${words} as CSV` }, "CSV");

/** @param {number | null | undefined} value @param {Record<string, string>} more @param {string} [unit] */
const linked = (value, more, unit = "") => (value === null || value === undefined ? plain(value) : h("td", { class: "number" }, h("a", { href: behind(more) }, `${sayNumber(value)}${unit}`)));

/** @param {number | null | undefined} value @param {string} [unit] */
const plain = (value, unit = "") => h("td", { class: "number" }, value === null || value === undefined ? "–" : `${sayNumber(value)}${unit}`);

/** What filters do not reach, said while there are any. @param {string} words */
const unfiltered = (words) => (asked().size > 0 ? h("p", { class: "numbers-rule" }, words) : null);

/** @param {string[]} names @param {HTMLElement[]} lines */
const table = (names, lines) => h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, names.map((name, i) => h("th", { scope: "col", class: i > 0 && "number" }, name)))), h("tbody", {}, lines)));

/** What asks for the rows of one line of Table 1. @param {string} by @param {Line} line @returns {Record<string, string>} */
function lineFilter(by, { key, label }) {
  const own = { type: "manual", tracked: "true" };
  if (key === "all" || key === null) return own;
  if (by === "person") return { ...own, person: label };
  return by === "week" ? { ...own, since: key, until: key } : { ...own, [by]: key };
}

/** Work on gold counts for the alignment, and for nothing else. @param {string} name @param {string} by @param {Line} line */
const behindColumn = (name, by, line) => ({ ...lineFilter(by, line), ...(name.startsWith("aligned") ? { copies: "true" } : {}) });

const TABLE1 = /** @type {const} */ ([
  ["seconds_per_frame", "Seconds / frame", " s"], ["edited_percent", "Edited frames", " %"], ["clicks_per_clicked_frame", "Clicks / clicked frame", ""],
  ["aligned", "Phase 1 alignment", " %"], ["aligned_small", "Small", " %"], ["aligned_medium", "Medium", " %"], ["aligned_large", "Large", " %"],
]);

/** @param {Answer} answer @param {string} by @param {(by: string) => void} group */
export function table1Panel({ rows, published }, by, group) {
  const ours = rows.map((line) => h("tr", { class: line.key === "all" && "numbers-total" }, h("th", { scope: "row" }, line.label), linked(line.masklets, lineFilter(by, line)), TABLE1.map(([name, , unit]) => linked(line[name], behindColumn(name, by, line), unit))));
  const paper = published.map((/** @type {Line} */ line) => h("tr", { class: "numbers-published" }, h("td", {}, line.label), h("td", { class: "number" }, ""), TABLE1.map(([name, , unit]) => plain(line[name], unit))));
  const choose = h("select", { class: "select", "aria-label": "Table 1 by", onchange: (/** @type {Event} */ event) => group(/** @type {HTMLSelectElement} */ (event.target).value) }, ["phase", "model", "person", "week"].map((name) => h("option", { value: name, selected: name === by }, `By ${name}`)));
  const lines = rows.filter((line) => line.key !== "all");
  const charts = TABLE1.slice(0, 4).map(([name, words, unit]) => barChart({
    title: words,
    unit: unit.trim(),
    bars: [...lines.map((line) => ({ label: line.label, value: line[name], href: behind(behindColumn(name, by, line)) })), ...(by === "phase" ? published.map((/** @type {Line} */ line) => ({ label: `Paper ${line.phase}`, value: line[name], published: true })) : [])],
    csv: csvOf("table1", { by }),
  }));
  return panel("Table 1: effort and agreement", [
    table(["", "Masklets", ...TABLE1.map(([, words]) => words)], [...ours, ...paper]),
    h("p", { class: "numbers-rule" }, "Manual masklets that were handed in. Time counts while the page is visible and the person gave a sign (a key, the pointer, play) within 15 s; what lies idle longer is cut. Alignment: masks whose IoU with phase 1's mask of the same object and frame exceeds 0.75, by the area in phase 1's first frame."),
    h("div", { class: "numbers-grid" }, charts),
  ], [choose, csvLink("table1", "Table 1", { by })]);
}

/** @type {Record<string, Record<string, string>>} */
const BEHIND_STEP = { tracked: { tracked: "true" }, verified: { verified: "true" }, refined: { returned: "true" } };

/** @type {Record<string, string>} */
const WORDS = { in_work: "in work", set_aside: "set aside", refine: "to refine", too_easy: "too easy", auto_failure: "auto failure", not_chosen: "not chosen", gold: "gold", handed_in: "handed in" };

/** @param {string} name */
const wordsOf = (name) => WORDS[name] ?? name;

/** @param {Answer} answer */
export function funnelPanel({ rows, set_aside, gpu_seconds, gpu_seconds_per_accepted }) {
  const address = (/** @type {Line} */ line) => (line.of === "videos" ? `/projects/${slug}` : behind(BEHIND_STEP[line.label] ?? { state: line.label }));
  const lines = rows.map((line) => h("tr", {}, h("th", { scope: "row" }, line.of === "videos" ? `videos ${line.label}` : wordsOf(line.label)), h("td", { class: "number" }, h("a", { href: address(line) }, sayNumber(line.value)))));
  return panel("Funnel", [
    h("dl", { class: "numbers-lead" }, h("div", {}, h("dt", {}, "GPU seconds per accepted masklet"), h("dd", {}, sayNumber(gpu_seconds_per_accepted))), h("div", {}, h("dt", {}, "GPU seconds, passes and clicks"), h("dd", {}, sayNumber(gpu_seconds)))),
    unfiltered("Videos ingested are all that are ready: filters do not apply to them."),
    h("div", { class: "numbers-grid numbers-few" }, table(["Step", "Count"], lines),
      barChart({ title: "Masklets past each step, and where they stand", unit: "masklets", bars: rows.filter((line) => line.of === "masklets").map((line) => ({ label: wordsOf(line.label), value: line.value, href: address(line) })), csv: csvOf("funnel") }),
      barChart({ title: "Set aside, and why", unit: "masklets", bars: set_aside.map((/** @type {Line} */ line) => ({ label: wordsOf(line.label), value: line.value, href: behind({ state: "set_aside", set_aside: line.label }) })), csv: csvOf("funnel", { part: "set_aside" }) })),
  ], [csvLink("funnel", "Funnel")]);
}

/** @param {number | null} seconds */
function age(seconds) {
  if (seconds === null) return "–";
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** @param {Answer} progress @param {Answer} queues */
export function progressPanel({ rows, forecast }, queues) {
  const series = ["handed_in", "accepted", "rejected", "set_aside"].map((name) => ({ name: wordsOf(name), values: rows.map((line) => line[name]) }));
  const lines = queues.rows.map((line) => h("tr", {}, h("th", { scope: "row" }, line.label), plain(line.waiting), plain(line.claimed), plain(line.on_hold), h("td", { class: "number" }, age(line.oldest_s)), h("td", { class: "number" }, age(line.mean_s))));
  return panel("Throughput, forecast and queues", [
    h("dl", { class: "numbers-lead" },
      h("div", {}, h("dt", {}, "Masklets to go"), h("dd", {}, sayNumber(forecast.remaining))),
      h("div", {}, h("dt", {}, "Closed per day, last 14 days"), h("dd", {}, sayNumber(forecast.per_day))),
      h("div", {}, h("dt", {}, "Through at this pace"), h("dd", {}, forecast.finish ?? "–"))),
    h("p", { class: "numbers-rule" }, "Forecast: masklets in work, submitted or to refine, over those accepted, rejected or set aside per day in the last 14 days. Videos that nobody selected from are not in it."),
    unfiltered("Days asked for choose the days that are shown, at most 182, and leave the forecast as it is. What was never handed in has no phase, person or model yet. Queues are those of the whole project: filters do not apply to them."),
    h("div", { class: "numbers-grid numbers-few" }, lineChart({ title: "Masklets per day", labels: rows.map((line) => line.label), series, csv: csvOf("progress") }), table(["Tasks", "Waiting", "Held", "On hold", "Oldest waits", "Mean wait"], lines)),
  ], [csvLink("queues", "Queues")]);
}

/** @param {Answer} answer */
export function peoplePanel({ rows }) {
  const lines = rows.map((line) => h("tr", {}, h("th", { scope: "row" }, line.label), linked(line.masklets, { person: line.label, tracked: "true" }), linked(line.accepted, { person: line.label, state: "accepted" }), linked(line.rework_percent, { person: line.label, returned: "true" }, " %"), plain(line.hours, " h"), plain(line.seconds_per_frame, " s"), plain(line.verdicts), plain(line.satisfactory_percent, " %")));
  return panel("People", [table(["", "Masklets", "Accepted", "Sent back", "Active", "Seconds / frame", "Verdicts", "Satisfactory"], lines), h("p", { class: "numbers-rule" }, "Verdicts: of the last 28 days, or of the days asked for, at most 182."), unfiltered("Phase, model and type do not apply to verdicts.")], [csvLink("people", "People")]);
}

const FIGURES = /** @type {const} */ ([["first_appearance", "First appearance in the video", "masklets"], ["sizes", "Mean size, of the frame", "masklets"], ["size_buckets", "Small, medium, large", "masklets"], ["countries", "Countries", "videos"], ["environments", "Environment", "videos"], ["authors", "Authors", "videos"]]);

/** @param {Answer} answer */
export function datasetPanel(answer) {
  const lines = answer.rows.map((line) => {
    const own = { state: "accepted", ...(line.label === "all" ? {} : { type: line.label }) };
    return h("tr", { class: line.label === "all" && "numbers-total" }, h("th", { scope: "row" }, line.label), plain(line.videos), plain(line.hours, " h"), linked(line.masklets, own), linked(line.masks, own), plain(line.frames), linked(line.disappearance_percent, { ...own, disappears: "true" }, " %"));
  });
  const paper = [["SA-V Manual", 50_900, 196, 190_900, 10_000_000, 4_200_000, 42.5], ["SA-V Manual+Auto", 50_900, 196, 642_600, 35_500_000, 4_200_000, 27.7]].map(([label, videos, hours, masklets, masks, frames, gone]) => h("tr", { class: "numbers-published" }, h("td", {}, String(label)), ...[videos, hours, masklets, masks, frames, gone].map((value, i) => plain(Number(value), i === 1 ? " h" : i === 5 ? " %" : ""))));
  const href = (/** @type {string} */ part, /** @type {Line} */ line) => (part === "size_buckets" ? { href: behind({ state: "accepted", bucket: line.label }) } : {});
  return panel("The dataset: Table 3 and its figures", [
    table(["Accepted", "Videos", "Duration", "Masklets", "Masks", "Frames", "Disappearance rate"], [...lines, ...paper]),
    h("div", { class: "numbers-grid" }, FIGURES.map(([part, title, unit]) => barChart({ title, unit, bars: answer[part].map((/** @type {Line} */ line) => ({ label: line.label, value: line.value, ...href(part, line) })), csv: csvOf("dataset", { part }) }))),
  ], [csvLink("dataset", "Dataset")]);
}
