/** The parts of the page of numbers: each shows one answer of the API. */

import { barChart, lineChart, sayNumber } from "../charts.js";
import { h } from "../ui/dom.js";
import { panel } from "../ui/parts.js";
import { asked } from "./filters.js";
import { closedSince, maskletsBehind, openBehind, readyVideos, stepBehind, tasksBehind, verdictsBehind, videosBehind } from "./links.js";

/** @import {More} from "./links.js" */
/** @typedef {Record<string, any>} Line */
/** @typedef {{rows: Line[]} & Record<string, any>} Answer */

const slug = document.body.dataset.slug ?? "";

/** @param {string} name @param {Record<string, string>} [more] */
export const addressOf = (name, more = {}) => `/api/projects/${slug}/numbers/${name}?${asked(more)}`;

/** @param {string} name @param {Record<string, string>} [more] */
const csvOf = (name, more = {}) => addressOf(name, { ...more, format: "csv" });

/** @param {string} name @param {string} words @param {Record<string, string>} [more] */
const csvLink = (name, words, more = {}) => h("a", { class: "btn btn-small btn-ghost", href: csvOf(name, more), "aria-label": `${words} as CSV` }, "CSV");

/** @param {number | null | undefined} value @param {string} [unit] */
const say = (value, unit = "") => (value === null || value === undefined ? "–" : `${sayNumber(value)}${unit}`);

/** A number that leads to the rows behind it. @param {number | string | null | undefined} value @param {string} href @param {string} [unit] */
const link = (value, href, unit = "") => (value === null || value === undefined ? "–" : h("a", { href }, typeof value === "string" ? value : say(value, unit)));

/** @param {number | string | null | undefined} value @param {string} href @param {string} [unit] */
const linked = (value, href, unit = "") => h("td", { class: "number" }, link(value, href, unit));

/** @param {number | null | undefined} value @param {string} [unit] */
const plain = (value, unit = "") => h("td", { class: "number" }, say(value, unit));

/** Numbers that lead a panel, with their names. @param {[string, Node | string][]} numbers */
const leads = (numbers) => h("dl", { class: "numbers-lead" }, numbers.map(([name, number]) => h("div", {}, h("dt", {}, name), h("dd", {}, number))));

/** What filters do not reach, said while there are any. @param {string} words */
const unfiltered = (words) => (asked().size > 0 ? h("p", { class: "numbers-rule" }, words) : null);

/** @param {string[]} names @param {HTMLElement[]} lines */
const table = (names, lines) => h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, names.map((name, i) => h("th", { scope: "col", class: i > 0 && "number" }, name)))), h("tbody", {}, lines)));

/** What asks for the rows of one line of Table 1; `manual` stands beside a type that the page asks for. @param {string} by @param {Line} line @returns {More} */
function lineFilter(by, { key, label }) {
  const own = { manual: "true", tracked: "true" };
  if (key === "all") return own;
  if (key === null) return { ...own, without: by };
  if (by === "person") return { ...own, person: label };
  return by === "week" ? { ...own, since: key, until: key } : { ...own, [by]: key };
}

/** Alignment is of masks that were compared, work on gold among them. @param {string} name @param {string} by @param {Line} line */
function columnBehind(name, by, line) {
  const size = name === "aligned" ? "any" : name.replace("aligned_", "");
  return maskletsBehind({ ...lineFilter(by, line), ...(name.startsWith("aligned") ? { copies: "true", compared: size } : {}) });
}

const TABLE1 = /** @type {const} */ ([
  ["seconds_per_frame", "Seconds / frame", " s"], ["edited_percent", "Edited frames", " %"], ["clicks_per_clicked_frame", "Clicks / clicked frame", ""],
  ["aligned", "Phase 1 alignment", " %"], ["aligned_small", "Small", " %"], ["aligned_medium", "Medium", " %"], ["aligned_large", "Large", " %"],
]);

/** @param {Answer} answer @param {string} by @param {(by: string) => void} group */
export function table1Panel({ rows, published }, by, group) {
  const ours = rows.map((line) => h("tr", { class: line.key === "all" && "numbers-total" }, h("th", { scope: "row" }, line.label), linked(line.masklets, maskletsBehind(lineFilter(by, line))), TABLE1.map(([name, , unit]) => linked(line[name], columnBehind(name, by, line), unit))));
  const paper = published.map((/** @type {Line} */ line) => h("tr", { class: "numbers-published" }, h("td", {}, line.label), h("td", { class: "number" }, ""), TABLE1.map(([name, , unit]) => plain(line[name], unit))));
  const choose = h("select", { class: "select", "aria-label": "Table 1 by", onchange: (/** @type {Event} */ event) => group(/** @type {HTMLSelectElement} */ (event.target).value) }, ["phase", "model", "person", "week"].map((name) => h("option", { value: name, selected: name === by }, `By ${name}`)));
  const lines = rows.filter((line) => line.key !== "all");
  const charts = TABLE1.slice(0, 4).map(([name, words, unit]) => barChart({
    title: words,
    unit: unit.trim(),
    bars: [...lines.map((line) => ({ label: line.label, value: line[name], href: columnBehind(name, by, line) })), ...(by === "phase" ? published.map((/** @type {Line} */ line) => ({ label: `Paper ${line.phase}`, value: line[name], published: true })) : [])],
    csv: csvOf("table1", { by }),
  }));
  return panel("Table 1: effort and agreement", [
    table(["", "Masklets", ...TABLE1.map(([, words]) => words)], [...ours, ...paper]),
    h("p", { class: "numbers-rule" }, "Manual masklets that were handed in. Time counts while the page is visible and the person gave a sign (a key, the pointer, play) within 15 s; what lies idle longer is cut. Alignment: masks whose IoU with phase 1's mask of the same object and frame exceeds 0.75, by the area in phase 1's first frame. It comes about where an object was accepted under phase 1 and is handed in again under a later one, as its consensus twin or as work on gold; else it is –."),
    by === "person" && h("p", { class: "numbers-rule" }, "Each masklet, with the time and the clicks of everybody who annotated it, is counted for whoever handed it in last."),
    h("div", { class: "numbers-grid" }, charts),
  ], [choose, csvLink("table1", "Table 1", { by })]);
}

/** @type {Record<string, () => string>} */
const STEPS = {
  ingested: () => readyVideos,
  selected: () => videosBehind({ manual: "true", copies: "", selected: "true" }),
  tracked: () => maskletsBehind({ tracked: "true" }),
  verified: () => maskletsBehind({ verified: "true" }),
  refined: () => maskletsBehind({ returned: "true" }),
};

/** @type {Record<string, string>} */
const WORDS = { in_work: "in work", set_aside: "set aside", refine: "to refine", too_easy: "too easy", auto_failure: "auto failure", not_chosen: "not chosen", gold: "gold", handed_in: "handed in" };

/** @param {string} name */
const wordsOf = (name) => WORDS[name] ?? name;

/** @param {Answer} answer */
export function funnelPanel({ rows, set_aside, gpu_seconds, gpu_seconds_per_accepted }) {
  const address = (/** @type {Line} */ { label }) => STEPS[label]?.() ?? maskletsBehind({ state: label });
  const lines = rows.map((line) => h("tr", {}, h("th", { scope: "row" }, line.of === "videos" ? `videos ${line.label}` : wordsOf(line.label)), linked(line.value, address(line))));
  return panel("Funnel", [
    leads([["GPU seconds per accepted masklet", link(gpu_seconds_per_accepted, maskletsBehind())], ["GPU seconds in all", link(gpu_seconds, maskletsBehind())]]),
    unfiltered("Videos ingested are all that are ready: filters do not apply to them. Videos selected are those with such masklets; a selection that left none passes no filter."),
    h("div", { class: "numbers-grid numbers-few" }, table(["Step", "Count"], lines),
      barChart({ title: "Masklets past each step, and where they stand", unit: "masklets", bars: rows.filter((line) => line.of === "masklets").map((line) => ({ label: wordsOf(line.label), value: line.value, href: address(line) })), csv: csvOf("funnel") }),
      barChart({ title: "Set aside, and why", unit: "masklets", bars: set_aside.map((/** @type {Line} */ line) => ({ label: wordsOf(line.label), value: line.value, href: maskletsBehind({ state: "set_aside", set_aside: line.label }) })), csv: csvOf("funnel", { part: "set_aside" }) })),
  ], [csvLink("funnel", "Funnel")]);
}

/** @param {number | null} seconds */
function age(seconds) {
  if (seconds === null) return "–";
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** @param {Answer} queues */
function queuesTable({ rows }) {
  const lines = rows.map((line) => {
    const waiting = tasksBehind(line.label, "waiting");
    return h("tr", {}, h("th", { scope: "row" }, line.label), linked(line.waiting, waiting), linked(line.claimed, tasksBehind(line.label, "claimed")), linked(line.on_hold, tasksBehind(line.label, "on_hold")), linked(age(line.oldest_s), waiting), linked(age(line.mean_s), waiting));
  });
  return table(["Tasks", "Waiting", "Held", "On hold", "Oldest waits", "Mean wait"], lines);
}

/** @param {Answer} progress @param {Answer} queues */
export function progressPanel({ rows, forecast }, queues) {
  const series = ["handed_in", "accepted", "rejected", "set_aside"].map((name) => ({ name: wordsOf(name), values: rows.map((line) => line[name]), hrefs: rows.map((line) => stepBehind(line.label, name)) }));
  return panel("Throughput, forecast and queues", [
    leads([["Masklets to go", link(forecast.remaining, openBehind())], [`Closed per day, since ${forecast.since}`, link(forecast.per_day, closedSince(forecast.since))], ["Through at this pace", link(forecast.finish, openBehind())]]),
    h("p", { class: "numbers-rule" }, "Forecast: masklets in work, submitted or to refine, over those accepted, rejected or set aside per day, in the last 14 days or since the first was. Videos that nobody selected from are not in it."),
    unfiltered("Days asked for choose the days that are shown, at most 182, and leave the forecast as it is. What was never handed in has no phase, person or model yet. Queues are those of the whole project: filters do not apply to them."),
    h("div", { class: "numbers-grid numbers-few" }, lineChart({ title: "Masklets per day", labels: rows.map((line) => line.label), series, csv: csvOf("progress") }), queuesTable(queues)),
  ], [csvLink("queues", "Queues")]);
}

/** @param {Line} line */
function personLine(line) {
  const person = line.label;
  const theirs = maskletsBehind({ person, tracked: "true" });
  return h("tr", {}, h("th", { scope: "row" }, person),
    linked(line.masklets, theirs), linked(line.accepted, maskletsBehind({ person, tracked: "true", state: "accepted" })), linked(line.hours, theirs, " h"), linked(line.seconds_per_frame, theirs, " s"),
    linked(line.judged, verdictsBehind({ worker: person, stage: "verify" })), linked(line.rework_percent, verdictsBehind({ worker: person, stage: "verify", verdict: "unsatisfactory" }), " %"),
    linked(line.verdicts, verdictsBehind({ reviewer: person })), linked(line.satisfactory_percent, verdictsBehind({ reviewer: person, verdict: "satisfactory" }), " %"));
}

/** The heads of the people's table, which say of what time each number is. */
function personHeads() {
  const masklets = asked().has("since") || asked().has("until") ? "weeks asked" : "all time";
  const verdicts = asked().has("since") ? "days asked" : "28 days";
  return ["", ...["Masklets", "Accepted", "Active", "Seconds / frame"].map((name) => `${name}, ${masklets}`), ...["Judged", "Sent back", "Verdicts given", "Satisfactory"].map((name) => `${name}, ${verdicts}`)];
}

/** @param {Answer} answer */
export function peoplePanel({ rows }) {
  return panel("People", [
    table(personHeads(), rows.map(personLine)),
    h("p", { class: "numbers-rule" }, "Masklets count for whoever handed them in last; active is the time of everybody who annotated these. Judged, sent back: verifications of work that the person had handed in, whoever mended it afterwards. Verdicts: of the last 28 days, or of the days asked for, at most 182."),
    unfiltered("Phase, model and type do not apply to verdicts."),
  ], [csvLink("people", "People")]);
}

const FIGURES = /** @type {const} */ ([["first_appearance", "First appearance in the video", "masklets"], ["sizes", "Mean size, of the frame", "masklets"], ["size_buckets", "Small, medium, large", "masklets"], ["countries", "Countries", "videos"], ["environments", "Environment", "videos"], ["authors", "Authors", "videos"]]);
const ACCEPTED = { state: "accepted" };
const PUBLISHED = [["SA-V Manual", 50_900, 196, 190_900, 10_000_000, 4_200_000, 42.5], ["SA-V Manual+Auto", 50_900, 196, 642_600, 35_500_000, 4_200_000, 27.7]];

/** @type {Record<string, (line: Line, place: number, lines: Line[]) => string>} */
const BEHIND_BAR = {
  first_appearance: (_, place) => maskletsBehind({ ...ACCEPTED, tenth: String(place) }),
  sizes: (_, place) => maskletsBehind({ ...ACCEPTED, share: String(place) }),
  size_buckets: ({ label }) => maskletsBehind({ ...ACCEPTED, bucket: label }),
  countries: namedBehind("country"),
  environments: namedBehind("environment"),
  authors: namedBehind("author"),
};

/** Videos by a name; the line of the rarer ones has none, and leaves out those of the other lines. @param {string} by @returns {(line: Line, place: number, lines: Line[]) => string} */
function namedBehind(by) {
  return ({ name }, _, lines) => videosBehind({ ...ACCEPTED, by, ...(name === null ? { but: lines.map((line) => line.name ?? "") } : { name }) });
}

/** @param {Line} line */
function datasetLine(line) {
  const own = { ...ACCEPTED, ...(line.label === "all" ? {} : { type: line.label }) };
  const videos = videosBehind(own);
  return h("tr", { class: line.label === "all" && "numbers-total" }, h("th", { scope: "row" }, line.label),
    linked(line.videos, videos), linked(line.hours, videos, " h"), linked(line.masklets, maskletsBehind(own)), linked(line.masks, maskletsBehind(own)),
    linked(line.frames, videos), linked(line.disappearance_percent, maskletsBehind({ ...own, disappears: "true" }), " %"));
}

/** @param {Answer} answer */
export function datasetPanel(answer) {
  const paper = PUBLISHED.map(([label, ...numbers]) => h("tr", { class: "numbers-published" }, h("td", {}, String(label)), numbers.map((value, i) => plain(Number(value), i === 1 ? " h" : i === 5 ? " %" : ""))));
  return panel("The dataset: Table 3 and its figures", [
    table(["Accepted", "Videos", "Duration", "Masklets", "Masks", "Frames", "Disappearance rate"], [...answer.rows.map(datasetLine), ...paper]),
    h("div", { class: "numbers-grid" }, FIGURES.map(([part, title, unit]) => {
      const bars = answer[part].map((/** @type {Line} */ line, /** @type {number} */ i, /** @type {Line[]} */ lines) => ({ label: line.label, value: line.value, href: BEHIND_BAR[part]?.(line, i, lines) }));
      return barChart({ title, unit, bars, csv: csvOf("dataset", { part }) });
    })),
  ], [csvLink("dataset", "Dataset")]);
}
