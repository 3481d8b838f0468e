/** One person's numbers in a project: their own, or anybody's for who steers it. */

/** @import {Scorecard, ScoreLine} from "./people/api.js" */
import { peopleApi } from "./people/api.js";
import { behindPerson } from "./people/links.js";
import { behind, DAYS, decimal, jf, percent, queueChip, stretch, tile } from "./people/parts.js";
import { scoreChart } from "./people/score_chart.js";
import { confirmAct, toast, toastError } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatAgo, formatCount } from "./ui/format.js";
import { emptyState, failedState, panel } from "./ui/parts.js";
import { currentMe, mayDo } from "./ui/shell.js";

const slug = document.body.dataset.slug ?? "";
const username = document.body.dataset.person || document.body.dataset.username || "";
const page = byId("page", HTMLElement);
let days = DAYS;

/** What promotion asks for, and how far the person is. @param {Scorecard} card */
function standing({ training }) {
  if (training.eligible) return `Eligible: J&F ${decimal((training.jf ?? 0) * 100, 1)} over the last ${formatCount(training.tasks, "task")}`;
  const sofar = training.jf === null ? "nothing scored yet" : `J&F ${decimal(training.jf * 100, 1)} over ${formatCount(training.scored, "task")}`;
  return `${sofar}; promotion asks for ${decimal(training.needed * 100)} over ${training.tasks}`;
}

/** @param {Scorecard} card */
async function promote(card) {
  const words = `${card.user.username}: ${standing(card)}.`;
  const sure = card.training.eligible || await confirmAct({ title: "Promote before they are eligible?", text: words, act: "Promote" });
  if (sure) await move(() => peopleApi.promote(slug, username), "Promoted to production.");
}

/** @param {Scorecard} card */
async function demote(card) {
  const text = `${card.user.username} is served training tasks from now on. What they hold goes back to the queue with the work kept.`;
  if (await confirmAct({ title: "Back to training?", text, act: "Back to training" })) await move(() => peopleApi.demote(slug, username), "Back to training.");
}

/** @param {() => Promise<unknown>} act @param {string} words */
async function move(act, words) {
  try {
    await act();
    toast(words, "good");
    await load();
  } catch (error) {
    toastError(error);
  }
}

/** @param {Scorecard} card */
function promotion(card) {
  if (card.queue === "production") return h("button", { class: "btn", type: "button", onclick: () => demote(card) }, "Back to training");
  const ready = card.training.eligible;
  return h("button", { class: ready ? "btn btn-primary" : "btn", type: "button", onclick: () => promote(card) }, ready ? "Promote to production" : "Promote…");
}

/** @param {Scorecard} card @param {boolean} steers */
function tiles(card, steers) {
  const { work, verdicts, reviews, gold, consensus } = card;
  const judged = verdicts.satisfactory + verdicts.unsatisfactory + verdicts.rejected;
  const rows = behindPerson(slug, username, card.days);
  return h(
    "section",
    { class: "tiles", "aria-label": `The last ${card.days} days` },
    tile("Masklets handed in", behind(String(work.masklets), rows.handedIn), `${formatCount(work.frames, "frame")}, `, behind(`${work.accepted} accepted`, rows.accepted)),
    tile("Found satisfactory", behind(percent(verdicts.satisfactory_share), rows.judgedAs("satisfactory")), "of ", behind(formatCount(judged, "verdict"), rows.judged), " on this work"),
    tile("Sent back", behind(String(verdicts.unsatisfactory), rows.judgedAs("unsatisfactory")), behind(`${verdicts.rejected} rejected`, rows.judgedAs("rejected")), `; ${formatCount(card.tasks.refine ?? 0, "masklet")} refined`),
    tile("Against gold, J&F", jf(gold.mean_j, gold.mean_f), formatCount(gold.count, "score")),
    tile("Clicks per clicked frame", behind(decimal(work.clicks_per_clicked_frame), rows.handedIn), `${percent(work.edited_share, 1)} of frames edited`),
    tile("Seconds per frame", behind(decimal(work.seconds_per_frame, 1), steers && rows.handedIn), "idle time left out; of whoever worked on it"),
    tile("Agreement with others, J&F", consensus.jf === null ? "–" : decimal(consensus.jf * 100, 1), `${formatCount(consensus.pairs, "pair")}, chosen in ${consensus.chosen}`),
    tile("Verdicts overturned", behind(reviews.audited ? percent(reviews.overturned / reviews.audited) : "–", rows.overturned), `${reviews.overturned} of `, behind(`${reviews.audited} audited`, rows.audited)),
  );
}

/** @param {ScoreLine} score */
function scoreRow(score) {
  return h("tr", {}, h("td", {}, h("a", { href: `/gold-scores/${score.id}` }, score.masklet)), h("td", { class: "muted" }, score.video), h("td", {}, queueChip(score.queue)), h("td", { class: "number" }, jf(score.j, score.f)), h("td", { class: "number muted" }, decimal(score.j)), h("td", { class: "number muted" }, decimal(score.f)), h("td", { class: "muted" }, formatAgo(score.created_at)));
}

/** @param {Scorecard} card */
function gold(card) {
  if (card.gold_scores.length === 0) return panel("Against gold", [emptyState({ symbol: "check", title: "Nothing scored yet", text: "Work on gold masklets is compared with the gold soon after it is handed in." })]);
  const head = h("tr", {}, ["Masklet", "Video", "Queue"].map((words) => h("th", {}, words)), ["J&F", "J", "F"].map((words) => h("th", { class: "number" }, words)), h("th", {}, "Handed in"));
  return panel("Against gold", [scoreChart(card.gold_scores, card.training), h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, card.gold_scores.map(scoreRow))))]);
}

/** @param {Scorecard} card */
function tasks(card) {
  const kinds = Object.entries(card.tasks).filter(([, count]) => count > 0);
  const { gave } = behindPerson(slug, username, card.days);
  const rows = kinds.map(([kind, count]) => h("tr", {}, h("td", {}, kind), h("td", { class: "number" }, behind(String(count), (kind === "verify" || kind === "audit") && gave(kind)))));
  const done = rows.length ? h("table", { class: "table" }, h("thead", {}, h("tr", {}, h("th", {}, "Kind"), h("th", { class: "number" }, "Done"))), h("tbody", {}, rows)) : h("p", { class: "panel-body muted" }, "No task was done in this time.");
  const skips = card.skip_reasons.map(({ kind, reason, count }) => h("tr", {}, h("td", {}, kind), h("td", { class: "wrap-anywhere" }, reason), h("td", { class: "number" }, String(count))));
  const skipped = skips.length ? h("table", { class: "table" }, h("thead", {}, h("tr", {}, h("th", {}, "Skipped"), h("th", {}, "Because"), h("th", { class: "number" }, "Times"))), h("tbody", {}, skips)) : h("p", { class: "panel-body muted" }, "Nothing was skipped.");
  return h("div", { class: "halves" }, panel("Tasks", [done]), panel("Skips", [skipped]));
}

/** @param {Scorecard} card @param {boolean} steers */
function show(card, steers) {
  const promoted = card.promoted_at && `promoted ${formatAgo(card.promoted_at)} by ${card.promoted_by ?? "somebody who left"}`;
  fill(
    page,
    h("div", { class: "page-head" }, h("h1", {}, username), h("span", { class: "chip" }, card.role), queueChip(card.queue), h("span", { class: "faint" }, promoted || ""), h("div", { class: "grow" }), stretch(days, (chosen) => { days = chosen; void load(); }), steers && promotion(card)),
    card.queue === "training" && h("p", { class: card.training.eligible ? "notice notice-info" : "notice" }, standing(card)),
    tiles(card, steers),
    gold(card),
    tasks(card),
  );
}

async function load() {
  page.setAttribute("aria-busy", "true");
  try {
    const [me, card] = await Promise.all([currentMe(), peopleApi.scorecard(slug, username, days)]);
    const role = me.projects.find((project) => project.slug === slug)?.role;
    show(card, mayDo(role, "steer"));
  } catch (error) {
    fill(page, failedState(error, load));
  }
  page.setAttribute("aria-busy", "false");
}

void load();
