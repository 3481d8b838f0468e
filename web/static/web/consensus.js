/** Objects that two people tracked independently: how far they agree, who was chosen, and taking that back. */

/** @import {Pair, PairMasklet} from "./people/api.js" */
/** @import {Page} from "./types.js" */
import { ApiError } from "./api.js";
import { peopleApi } from "./people/api.js";
import { decimal, jf, leaf } from "./people/parts.js";
import { confirmAct, toast, toastError } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatAgo, formatCount } from "./ui/format.js";
import { emptyState, failedState, panel, stateChip } from "./ui/parts.js";

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
let leafed = 1;

/** @param {Pair} pair */
async function reverse(pair) {
  const [old, other] = pair.chosen === pair.second.id ? [pair.second, pair.first] : [pair.first, pair.second];
  const text = `${old.tracked_by}'s is put aside and ${other.tracked_by}'s is verified instead. Verdicts that were given stay on record.`;
  if (!(await confirmAct({ title: "Choose the other one?", text, act: "Choose the other" }))) return;
  try {
    if (!(await reverseKnowingly(pair.id))) return;
    toast("The other one goes to be verified.", "good");
    await load();
  } catch (error) {
    toastError(error);
  }
}

/** Asks once more where a dataset holds the one that went on. @param {number} pair @returns {Promise<boolean>} whether it is reversed */
async function reverseKnowingly(pair) {
  try {
    await peopleApi.reverse(pair);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "in_dataset") throw error;
    if (!(await confirmAct({ title: "Reverse it although it was exported?", text: error.message, act: "Reverse it all the same" }))) return false;
    await peopleApi.reverse(pair, true);
  }
  return true;
}

/** @param {PairMasklet} masklet @param {Pair} pair */
function side(masklet, pair) {
  const isChosen = pair.chosen === masklet.id;
  return h("td", {}, h("span", { class: "row" }, h("a", { href: `/masklets/${masklet.id}`, title: `Look at ${masklet.name}` }, masklet.tracked_by ?? "–"), isChosen && h("span", { class: "chip chip-accent" }, "Chosen"), stateChip(masklet.state, masklet.state === "set_aside" ? "Set aside" : undefined)));
}

/** @param {Pair} pair */
function decision(pair) {
  if (pair.decided_at === null) return h("span", { class: "faint" }, "Not decided");
  const what = pair.chosen === null ? "neither good" : "chosen";
  return h("span", {}, `${what} by ${pair.decided_by}, ${formatAgo(pair.decided_at)}`);
}

/** @param {Pair} pair */
function row(pair) {
  const act = pair.decided_at !== null && h("button", { class: "btn btn-small", type: "button", onclick: () => reverse(pair) }, "Reverse");
  return h("tr", {}, h("td", {}, pair.first.name), h("td", {}, h("a", { href: `/videos/${pair.video.id}` }, pair.video.name)), side(pair.first, pair), side(pair.second, pair), h("td", { class: "number" }, jf(pair.j, pair.f)), h("td", { class: "number muted" }, decimal(pair.j)), h("td", { class: "number muted" }, decimal(pair.f)), h("td", { class: "muted" }, decision(pair)), h("td", { class: "actions" }, act));
}

/** @param {Page<Pair>} pairs */
function list(pairs) {
  if (pairs.count === 0) return h("section", { class: "panel" }, emptyState({ symbol: "users", title: "No pairs yet", text: "Set a consensus share in the project's settings: that part of the selected objects is then tracked by two people." }));
  const head = h("tr", {}, ["Object", "Video", "First", "Second"].map((words) => h("th", {}, words)), ["J&F", "J", "F"].map((words) => h("th", { class: "number" }, words)), h("th", {}, "Decision"), h("th", {}));
  return panel(formatCount(pairs.count, "pair"), [h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, pairs.results.map(row)))), leaf(pairs, leafed, (to) => { leafed = to; void load(); })]);
}

async function load() {
  page.setAttribute("aria-busy", "true");
  try {
    const pairs = await peopleApi.pairs(slug, leafed);
    fill(page, h("div", { class: "page-head" }, h("h1", {}, "Consensus"), h("div", { class: "grow" }), h("a", { class: "btn", href: `/projects/${slug}/people` }, "People")), list(pairs));
  } catch (error) {
    fill(page, failedState(error, load));
  }
  page.setAttribute("aria-busy", "false");
}

void load();
