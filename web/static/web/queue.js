/** The queue of a project, for who steers it: what is open, who has it, what comes first, and what people answered. */

/** @import {Member, Page, SteeredTask} from "./types.js" */
import { ApiError } from "./api.js";
import { ANSWER_COLUMNS, answerRow, TASK_COLUMNS, taskRow } from "./queue/rows.js";
import { SteerBar } from "./queue/steer_bar.js";
import { openShortcutOverlay } from "./shortcut_overlay.js";
import { Shortcuts } from "./shortcuts.js";
import { byId, fill, fillKeyed, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { api } from "./ui/page_api.js";
import { showPager } from "./ui/pager.js";
import { emptyState } from "./ui/parts.js";
import { poll } from "./ui/poll.js";
import { KINDS } from "./ui/tasks.js";

const WAIT = 10_000; // ms between looks
const SIZE = 50; // rows of a page

/** What is listed: its words, and what is asked of the API for it. @type {Readonly<Record<string, {words: string, query: Record<string, string>}>>} */
const VIEWS = {
  open: { words: "Open", query: { state: "open" } },
  waiting: { words: "Waiting", query: { state: "waiting" } },
  claimed: { words: "Taken up", query: { state: "claimed" } },
  on_hold: { words: "On hold", query: { state: "on_hold" } },
  nobody: { words: "Waits for nobody", query: { state: "waiting", starving: "1" } },
  answers: { words: "Anything left?", query: { state: "done", kind: "exhaust" } },
};
const NOBODY = "These can be offered to nobody: everybody who does such work took part in an earlier stage, has skipped it, or lacks its skill. Offer what was skipped again, take a skill away, add a person to the project, or let people judge their own work (an owner's settings).";
const ANSWERS = "What people said who were asked whether anything is left in a video, the newest question first. Where something is, objects are selected there next.";
/** @type {readonly [string, string][]} */
const ORDERS = [["oldest", "Oldest first"], ["priority", "Highest priority first"], ["suspicion", "Most suspicious first"]];
const FILTERS = /** @type {const} */ (["view", "kind", "holder", "skill", "video", "order"]);

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
const given = new URLSearchParams(location.search);
/** @type {Record<typeof FILTERS[number], string>} */
const asked = { view: "open", kind: "", holder: "", skill: "", video: "", order: "oldest" };
for (const name of FILTERS) asked[name] = given.get(name) ?? asked[name];
if (!VIEWS[asked.view]) asked.view = "open";
let number = Number(given.get("page")) || 1;
/** @type {readonly SteeredTask[]} */
let listed = [];
/** @type {SteerBar | null} */
let bar = null;

const rows = h("tbody", {});
const counted = h("span", { class: "faint", role: "status" });
const hint = h("p", { class: "notice", hidden: true });
const body = h("div", {});
const pager = h("div", {});
const ofVideo = h("button", { class: "btn btn-small", type: "button", hidden: true, onclick: () => ask({ video: "" }) }, "Of one video only", h("span", { "aria-hidden": "true" }, "×"));
const views = Object.entries(VIEWS).map(([view, { words }]) => h("button", { class: "btn btn-small", type: "button", value: view, onclick: () => ask({ view }) }, words));
/** @type {HTMLSelectElement[]} */
let choices = [];

const keys = new Shortcuts([
  { id: "all", group: "Queue", label: "Choose all tasks of this page, or none", keys: ["A"], run: () => bar?.chooseAll(bar.chosen.size < listed.length) },
  { id: "priority", group: "Queue", label: "Set the priority of the chosen tasks", keys: ["P"], run: () => bar?.focus("priority") },
  { id: "skill", group: "Queue", label: "Set the skill of the chosen tasks", keys: ["S"], run: () => bar?.focus("skill") },
  { id: "release", group: "Queue", label: "Release the chosen tasks", keys: ["R"], run: () => void bar?.release() },
  { id: "undo", group: "Queue", label: "Take the last priority or skill back", keys: ["Z", "Ctrl+Z"], run: () => void bar?.undo() },
  { id: "help", group: "Queue", label: "This list", keys: ["?", "F1"], run: () => openShortcutOverlay(keys) },
]);

/** @param {Partial<typeof asked>} change */
function ask(change) {
  Object.assign(asked, change);
  turnTo(1);
}

/** @param {number} to */
function turnTo(to) {
  number = to;
  const words = new URLSearchParams(FILTERS.filter((name) => asked[name]).map((name) => [name, asked[name]]));
  history.replaceState(null, "", `?${words}&page=${number}`);
  looking.poke();
}

/** @param {string} label @param {"kind" | "holder" | "skill" | "order"} name @param {readonly (readonly [string, string])[]} options */
function choice(label, name, options) {
  const select = h("select", { class: "select", "aria-label": label }, options.map(([value, words]) => h("option", { value, selected: value === asked[name] }, words)));
  select.addEventListener("change", () => ask({ [name]: select.value }));
  return select;
}

/** @param {readonly Member[]} members */
function build(members) {
  const skills = [...new Set([...members.flatMap((member) => member.skills), ...(asked.skill ? [asked.skill] : [])])].sort();
  choices = [
    choice("Kind", "kind", [["", "All kinds"], ...Object.entries(KINDS).map(([kind, { name }]) => /** @type {const} */ ([kind, name]))]),
    choice("Holder", "holder", [["", "Anybody's"], ...members.map(({ user }) => /** @type {const} */ ([user.username, user.username]))]),
    choice("Skill", "skill", [["", "All skills"], ...skills.map((skill) => /** @type {const} */ ([skill, skill]))]),
    choice("Order", "order", ORDERS),
  ];
  bar = new SteerBar(members, { listed: () => listed, changed: () => looking.poke() });
  const lead = h("a", { class: "btn", href: `/projects/${slug}#choose`, title: "Choose videos, and have objects selected in them or ask whether anything is left" }, "Ask for tasks on videos");
  fill(
    page,
    h("div", { class: "page-head" }, h("h1", {}, "Queue"), counted, h("div", { class: "grow" }), lead),
    h("div", { class: "queue-filters row row-wrap" }, h("div", { class: "btn-group", role: "group", "aria-label": "Which tasks" }, views), h("div", { class: "grow" }), ofVideo, choices),
    hint,
    h("section", { class: "panel" }, bar.element, body, pager),
  );
}

/** The controls as they stand: what would change nothing in a view is not there. */
function showControls() {
  const isAnswers = asked.view === "answers";
  for (const button of views) button.setAttribute("aria-pressed", String(button.value === asked.view));
  const [kinds, holders, skills, orders] = choices;
  for (const [select, isThere] of /** @type {[HTMLSelectElement | undefined, boolean][]} */ ([[kinds, !isAnswers], [holders, asked.view !== "waiting" && asked.view !== "nobody"], [skills, !isAnswers], [orders, !isAnswers && asked.view !== "nobody"]])) if (select) select.hidden = !isThere;
  ofVideo.hidden = !asked.video;
  hint.hidden = asked.view !== "nobody" && !isAnswers;
  hint.textContent = isAnswers ? ANSWERS : NOBODY;
  if (bar) bar.element.hidden = isAnswers;
}

function nothing() {
  const isFiltered = ["kind", "holder", "skill", "video"].some((name) => asked[/** @type {"kind"} */ (name)]);
  const act = isFiltered ? h("button", { class: "btn", type: "button", onclick: showAll }, "Show all of them") : null;
  if (asked.view === "answers") return emptyState({ symbol: "check", title: "No answers yet", text: "Ask on a video's page whether anything is left in it, or for several at once in the library.", act });
  if (asked.view === "nobody") return emptyState({ symbol: "check", title: "Everything that waits can be offered to somebody", text: "What cannot shows up here by itself.", act });
  const text = isFiltered ? "No open task is like this." : "Have objects selected in a video, on its page or for several at once in the library. The rest follows from the work.";
  return emptyState({ symbol: "check", title: "Nothing is here", text, act });
}

function showAll() {
  for (const select of choices.slice(0, 3)) select.value = "";
  ask({ kind: "", holder: "", skill: "", video: "" });
}

/** @param {Page<SteeredTask>} found */
function showRows({ count, results }) {
  const isAnswers = asked.view === "answers";
  fill(counted, isAnswers ? formatCount(count, "answer") : formatCount(count, "task"));
  if (count === 0) return fill(body, nothing());
  if (!rows.isConnected || body.dataset.view !== String(isAnswers)) {
    const columns = isAnswers ? ANSWER_COLUMNS : TASK_COLUMNS;
    fill(rows);
    fill(body, h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, columns.map(([words, kind]) => h("th", { class: kind || null }, words)))), rows)));
    body.dataset.view = String(isAnswers);
  }
  fillKeyed(rows, results, ({ id }) => id, (task) => (isAnswers || !bar ? answerRow(task) : taskRow(task, bar)));
  return undefined;
}

/** @returns {Record<string, string>} */
function wanted() {
  const { view, kind, holder, skill, video, order } = asked;
  const { query } = VIEWS[view] ?? { query: {} };
  const isAnswers = view === "answers";
  const isFree = view === "waiting" || view === "nobody"; // nobody has these
  const more = isAnswers ? { kind: "", skill: "", order: "" } : { kind, skill, order };
  return { ...more, video, holder: isFree ? "" : holder, ...query, page: String(number), page_size: String(SIZE) };
}

const looking = poll(async () => {
  try {
    if (bar) showControls();
    const query = wanted();
    const found = await api.tasks.list(slug, query);
    if (!bar) build(await api.projects.members(slug));
    showControls();
    if (JSON.stringify(query) !== JSON.stringify(wanted())) return WAIT; // asked otherwise meanwhile, by another look
    listed = found.results;
    bar?.follow();
    showRows(found);
    showPager(pager, { page: number, count: found.count, size: SIZE, turnTo });
    return WAIT;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && number > 1) {
      number = 1; // So many tasks were done meanwhile that the page is not there any more.
      return 0;
    }
    throw error;
  }
}, page);
keys.listen();
