/** A person's work: the next task, what waits for them, what they hold. */

/** @import {MyTasks, Project, Task, TaskKind, TaskQueue, Video} from "./types.js" */
import { swatchOf } from "./palette.js";
import { openShortcutOverlay } from "./shortcut_overlay.js";
import { Shortcuts } from "./shortcuts.js";
import { toast, toastError } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatAgo, formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { api } from "./ui/page_api.js";
import { emptyState, panel, stateChip, swatch } from "./ui/parts.js";
import { poll } from "./ui/poll.js";
import { mayDo, mayOpenVideos } from "./ui/shell.js";
import { KINDS, openNext, pageOf, saidOn } from "./ui/tasks.js";
import { freeVideo, videoOffer, waitingWords } from "./ui/work.js";

const WAIT = 5000; // ms between looks: others finish what comes here next

const STARVING_WAIT = 60_000; // ms: it asks of every task that waits

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
let shown = "";
let opening = false;
let starving = { count: 0, at: 0 };

const keys = new Shortcuts([
  { id: "next", label: "Next task", group: "Work", keys: ["Enter", "N"], run: () => void next() },
  { id: "keys", label: "This list", group: "Work", keys: ["?", "F1"], run: () => openShortcutOverlay(keys, {}) },
]);

/** @param {readonly TaskKind[]} [kinds] */
async function next(kinds = []) {
  if (opening) return;
  opening = true;
  const button = page.querySelector("[data-act=next]");
  button?.setAttribute("aria-disabled", "true");
  try {
    if (await openNext(slug, kinds)) return; // the page goes
    toast(kinds.length ? "Somebody else was faster: none of these waits now." : "Nothing waits for you now. This page tells you when something does.");
    looking.poke();
  } catch (error) {
    toastError(error);
  }
  opening = false;
  button?.removeAttribute("aria-disabled");
}

/** @param {MyTasks} mine */
const isIdle = ({ queues }) => !queues.some(({ waiting }) => waiting > 0);

/** @param {MyTasks} mine @param {Project} project @param {Video | null} video */
function lead(mine, project, video) {
  if (isIdle(mine)) {
    const act = video && h("a", { class: "btn btn-primary", href: `/videos/${video.id}/annotate` }, `Start annotating ${video.name}`);
    return h("section", { class: "panel" }, emptyState({ symbol: "check", title: "Nothing waits for you", text: whatToWaitFor(mine, project), act }));
  }
  const button = h("button", { class: "btn btn-primary btn-large", type: "button", "data-act": "next", onclick: () => void next() }, "Next task", h("span", { class: "kbd" }, "Enter"));
  return h("section", { class: "panel lead" }, button, h("p", { class: "grow" }, `${waitingWords(mine)}.`));
}

/** @param {MyTasks} mine @param {Project} project */
function whatToWaitFor({ queue, queues, others }, { pull_only }) {
  if (queue === "training") return "You have trained on all that there is. Your numbers show how near you came; a manager promotes you to production from here.";
  if (others) return `${formatCount(others, "task")} ${others === 1 ? "waits" : "wait"} for other people: you took part in an earlier stage, skipped ${others === 1 ? "it" : "them"}, or lack a skill that is asked for. This page tells you when something is there for you.`;
  const makes = queues.some(({ kind }) => kind === "select");
  const begin = makes && pull_only ? "New videos bring objects to select, and what others select comes to you to be tracked. " : "What others hand in comes to you for the next step; never what you did yourself. ";
  return `${begin}This page tells you when something is there.`;
}

/** @param {TaskQueue} queue */
function queueRow({ kind, waiting, oldest }) {
  const { name, todo } = KINDS[kind];
  const take = waiting > 0 && h("button", { class: "btn btn-small", type: "button", "aria-label": `Next task to ${name.toLowerCase()}`, onclick: () => void next([kind]) }, "Only these", icon("chevron_right"));
  return h(
    "tr",
    { class: waiting ? null : "faint" },
    h("td", {}, h("strong", {}, name)),
    h("td", { class: "muted" }, todo),
    h("td", { class: "number" }, waiting.toLocaleString("en")),
    h("td", { class: "muted whole", title: oldest && new Date(oldest).toLocaleString() }, oldest ? formatAgo(oldest) : ""),
    h("td", { class: "actions" }, take),
  );
}

/** @param {Task} task */
function heldRow(task) {
  const { kind, video, masklet, state, claimed_at: since } = task;
  const giveBack = async () => {
    await api.tasks.giveBack(task.id).catch(toastError);
    looking.poke();
  };
  return h(
    "tr",
    {},
    h("td", {}, h("strong", {}, KINDS[kind].name)),
    h("td", {}, h("span", { class: "row" }, masklet && swatch(swatchOf(masklet.color).hex), h("span", { class: "truncate" }, masklet ? `${masklet.name} in ${video.name}` : video.name))),
    h("td", {}, stateChip(state)),
    h("td", { class: "muted wrap-anywhere" }, saidOn(task)),
    h("td", { class: "muted whole" }, since ? formatAgo(since) : ""),
    h("td", { class: "actions" }, h("span", { class: "row" },
      h("button", { class: "btn btn-small", type: "button", onclick: () => void giveBack() }, "Give back"),
      h("a", { class: "btn btn-small btn-primary", href: pageOf(task), "aria-label": `Resume ${KINDS[kind].name.toLowerCase()} ${masklet?.name ?? video.name}` }, "Resume"))),
  );
}

/** @param {string[]} titles @param {HTMLElement[]} rows */
function table(titles, rows) {
  return h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, titles.map((title) => h("th", { class: title === "Waiting" ? "number" : null }, title)))), h("tbody", {}, rows)));
}

/** @param {MyTasks} mine @param {Project} project @param {Video | null} video */
function besideTheQueue(mine, project, video) {
  if (video ? isIdle(mine) : !mayOpenVideos(project)) return null; // an idle page leads with the video
  const why = project.counts.videos === 0 ? "There are no videos yet: a manager uploads them in the library." : "No new video is free: somebody has begun in each that is ready, or is at it. The library has them all.";
  const none = h("p", { class: "work-item faint" }, why);
  return h("section", { class: "work", "aria-label": "Beside the queue" }, videoOffer(video) ?? none);
}

/** @param {MyTasks} mine @param {Project} project @param {Video | null} video */
function show(mine, project, video) {
  const training = mine.queue === "training";
  const head = h(
    "div",
    { class: "page-head" },
    h("h1", {}, "Work"),
    h("span", { class: training ? "chip chip-info" : "chip", title: training ? "Tasks to learn on: they say how well you did" : "Tasks that count" }, training ? "Training queue" : "Production queue"),
    h("div", { class: "grow" }),
    mayDo(project.role, "steer") && h("a", { class: "btn", href: `/projects/${slug}/queue`, title: "Everybody's tasks: who has them, what comes first" }, "The whole queue"),
    h("a", { class: "btn", href: `/projects/${slug}/me` }, "My scorecard"),
  );
  fill(
    page,
    head,
    starving.count > 0 && h("p", { class: "notice notice-warn", role: "status" }, icon("alert"), h("span", {}, `${formatCount(starving.count, "task")} wait${starving.count === 1 ? "s" : ""} for nobody. `, h("a", { href: `/projects/${slug}/queue?view=nobody` }, "See why, and what helps"))),
    lead(mine, project, video),
    mine.held.length > 0 && panel("In your hands", [table(["Task", "On", "State", "Note", "Since", ""], mine.held.map(heldRow))]),
    panel("Your queue", [table(["Task", "What to do", "Waiting", "Oldest", ""], mine.queues.map(queueRow))]),
    besideTheQueue(mine, project, video),
  );
}

/** @param {Project} project */
async function lookForStarving({ role }) {
  if (!mayDo(role, "steer") || Date.now() - starving.at < STARVING_WAIT) return;
  const { count } = await api.tasks.list(slug, { state: "waiting", starving: "1", page_size: "1" });
  starving = { count, at: Date.now() };
}

const looking = poll(async () => {
  const [project, mine] = await Promise.all([api.projects.get(slug), api.tasks.mine(slug)]);
  const video = await freeVideo(project);
  await lookForStarving(project);
  const form = JSON.stringify([project.pull_only, project.counts.videos, mine, video?.id, starving.count]);
  if (form !== shown && !opening) show(mine, project, video); // else focus would be lost for nothing
  if (!opening) shown = form;
  return WAIT;
}, page);
keys.listen();
