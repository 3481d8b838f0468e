/** The people of a project with their numbers, and the gold that they are measured against. For managers. */

/** @import {Gold, Person} from "./people/api.js" */
/** @import {Page} from "./types.js" */
import { swatchOf } from "./palette.js";
import { peopleApi } from "./people/api.js";
import { behindPerson } from "./people/links.js";
import { behind, DAYS, decimal, jf, leaf, percent, queueChip, stretch } from "./people/parts.js";
import { confirmAct, toast, toastError } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { emptyState, failedState, panel, swatch } from "./ui/parts.js";

const HEADS = /** @type {const} */ ([
  ["Masklets", "counted for whoever handed them in last"], ["Frames", "of these"], ["Satisfactory", "share of the verdicts on this work"], ["Refined", "tasks to refine that they did"],
  ["Gold J&F", "mean against gold, of training and production"], ["Agreement", "J&F with the other of a pair"], ["Clicks / frame", "on frames that were clicked"],
  ["s / frame", "time at work of everybody who annotated these masklets, idle time left out"], ["Verified", "verdicts given"], ["Overturned", "share of their audited verdicts"], ["Skips", "tasks skipped"],
]);

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
let days = DAYS;
let leafed = 1;

/** @param {Person} person */
function row(person) {
  const { user, work, verdicts, gold, consensus, reviews, tasks, training } = person;
  const rows = behindPerson(slug, user.username, days);
  const numbers = [
    behind(work.masklets.toLocaleString("en"), rows.handedIn), behind(work.frames.toLocaleString("en"), rows.handedIn), behind(percent(verdicts.satisfactory_share), rows.judgedAs("satisfactory")), String(tasks.refine ?? 0), jf(gold.mean_j, gold.mean_f),
    consensus.jf === null ? "–" : decimal(consensus.jf * 100, 1), behind(decimal(work.clicks_per_clicked_frame), rows.handedIn), behind(decimal(work.seconds_per_frame, 1), rows.handedIn),
    behind(String(tasks.verify ?? 0), rows.gave("verify")), behind(reviews.audited ? percent(reviews.overturned / reviews.audited) : "–", rows.overturned), String(person.skips),
  ];
  return h(
    "tr",
    {},
    h("td", { class: "whole" }, h("a", { href: `/projects/${slug}/people/${encodeURIComponent(user.username)}` }, user.username)),
    h("td", { class: "muted" }, person.role),
    h("td", {}, h("span", { class: "row" }, queueChip(person.queue), person.queue === "training" && training.eligible && h("span", { class: "chip chip-good" }, "Eligible"))),
    numbers.map((number) => h("td", { class: "number" }, number)),
  );
}

/** @param {Page<Person>} people */
function list(people) {
  const head = h("tr", {}, ["Person", "Role", "Queue"].map((words) => h("th", {}, words)), HEADS.map(([words, meaning]) => h("th", { class: "number", title: meaning }, words)));
  const table = h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, people.results.map(row)));
  return panel(formatCount(people.count, "person", "people"), [h("div", { class: "table-scroll" }, table), leaf(people, leafed, (to) => { leafed = to; void load(); })]);
}

/** @param {Gold} gold */
async function unmark(gold) {
  const text = `${gold.name} of ${gold.video_name} stays in the dataset. Nobody is measured against it any more; scores stay.`;
  if (!(await confirmAct({ title: "Take it out of gold?", text, act: "Take it out" }))) return;
  try {
    await peopleApi.unmarkGold(gold.id);
    toast("Taken out of gold.", "good");
    await load();
  } catch (error) {
    toastError(error);
  }
}

/** @param {Gold} gold */
function goldRow(gold) {
  return h(
    "tr",
    {},
    h("td", {}, h("span", { class: "row" }, swatch(swatchOf(gold.color).hex), h("a", { href: `/masklets/${gold.id}` }, gold.name))),
    h("td", {}, h("a", { href: `/videos/${gold.video}` }, gold.video_name)),
    h("td", { class: "muted" }, gold.tracked_by ?? "–"),
    [String(gold.given), String(gold.scored), jf(gold.mean_j, gold.mean_f)].map((number) => h("td", { class: "number" }, number)),
    h("td", { class: "actions" }, h("button", { class: "btn btn-small", type: "button", onclick: () => unmark(gold) }, "Take out of gold")),
  );
}

/** @param {Page<Gold>} gold */
function goldPanel(gold) {
  if (gold.count === 0) return panel("Gold", [emptyState({ symbol: "check", title: "No gold yet", text: "On a video's page, make an accepted masklet gold. New annotators then train on it before they get production work." })]);
  const head = h("tr", {}, ["Masklet", "Video", "Tracked by"].map((words) => h("th", {}, words)), ["Given", "Scored", "J&F"].map((words) => h("th", { class: "number" }, words)), h("th", {}));
  return panel(formatCount(gold.count, "gold masklet"), [h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, gold.results.map(goldRow))))]);
}

async function load() {
  page.setAttribute("aria-busy", "true");
  try {
    const [people, gold] = await Promise.all([peopleApi.people(slug, days, leafed), peopleApi.gold(slug)]);
    const choice = stretch(days, (chosen) => { days = chosen; void load(); });
    fill(page, h("div", { class: "page-head" }, h("h1", {}, "People"), h("div", { class: "grow" }), choice, h("a", { class: "btn", href: `/projects/${slug}/consensus` }, "Consensus")), list(people), goldPanel(gold));
  } catch (error) {
    fill(page, failedState(error, load));
  }
  page.setAttribute("aria-busy", "false");
}

void load();
