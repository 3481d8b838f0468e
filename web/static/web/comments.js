/** The comments of a project, wherever they are pinned: what was asked beside all its videos, and what was answered. */

/** @import {ListedThread, Page, Project} from "./types.js" */
import { ApiError } from "./api.js";
import { swatchOf } from "./palette.js";
import { openShortcutOverlay } from "./shortcut_overlay.js";
import { Shortcuts } from "./shortcuts.js";
import { conversation, whereWords } from "./threads/row.js";
import { toastError } from "./ui/dialogs.js";
import { byId, fill, fillKeyed, h } from "./ui/dom.js";
import { formatAgo, formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { api } from "./ui/page_api.js";
import { showPager } from "./ui/pager.js";
import { emptyState, stateChip, swatch } from "./ui/parts.js";
import { poll } from "./ui/poll.js";
import { mayOpenVideos } from "./ui/shell.js";

const WAIT = 10_000; // ms between looks
const SIZE = 50; // rows of a page

/** What is listed: its words, and what is asked of the API for it. @type {Readonly<Record<string, [string, string]>>} */
const VIEWS = { open: ["Unresolved", "false"], resolved: ["Resolved", "true"], all: ["All", ""] };

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
const given = new URLSearchParams(location.search);
const asked = { view: given.get("view") ?? "open", mine: given.get("mine") ?? "", video: given.get("video") ?? "" };
if (!VIEWS[asked.view]) asked.view = "open";
let number = Number(given.get("page")) || 1;
/** @type {number | null} The thread that is read. */
let open = null;
/** @type {Map<number, string>} Answers as far as they are written, by thread. */
const drafts = new Map();
/** @type {readonly ListedThread[]} */
let listed = [];
/** @type {Project | null} */
let project = null;

const rows = h("ol", { class: "comments-list" });
const counted = h("span", { class: "faint", role: "status" });
const body = h("section", { class: "panel" });
const pager = h("div", {});
const views = Object.entries(VIEWS).map(([view, [words]]) => h("button", { class: "btn btn-small", type: "button", value: view, onclick: () => ask({ view }) }, words));
const mine = h("button", { class: "btn btn-small", type: "button", title: "Only those that you began or wrote in (M)", onclick: () => ask({ mine: asked.mine ? "" : "true" }) }, "Mine");
const ofVideo = h("button", { class: "btn btn-small", type: "button", hidden: true, onclick: () => ask({ video: "" }) }, "Of one video only", h("span", { "aria-hidden": "true" }, "×"));
const head = h("div", { class: "page-head" }, h("h1", {}, "Comments"), counted, h("div", { class: "grow" }), ofVideo, mine, h("div", { class: "btn-group", role: "group", "aria-label": "Which comments" }, views));

const keys = new Shortcuts([
  { id: "next", group: "Comments", label: "Next comment", keys: ["Y"], run: () => step(1), repeats: true },
  { id: "previous", group: "Comments", label: "Previous comment", keys: ["Shift+Y"], run: () => step(-1), repeats: true },
  { id: "settle", group: "Comments", label: "Resolve the comment in focus, or take it up again", keys: ["R"], run: () => press("settle") },
  { id: "place", group: "Comments", label: "Go to its place", keys: ["O"], run: () => press("place") },
  { id: "mine", group: "Comments", label: "Only mine, or everybody's", keys: ["M"], run: () => mine.click() },
  { id: "help", group: "Comments", label: "This list", keys: ["?", "F1"], run: () => openShortcutOverlay(keys) },
]);

const rowInFocus = () => document.activeElement?.closest(".comments-list > .thread") ?? null;

/** @param {"settle" | "place"} act of the row in focus */
const press = (act) => /** @type {HTMLElement | null | undefined} */ (rowInFocus()?.querySelector(`[data-act=${act}]`))?.click();

/** @param {number} at */
const focusRow = (at) => /** @type {HTMLElement | null | undefined} */ (rows.children[Math.min(Math.max(at, 0), rows.children.length - 1)]?.querySelector(".thread-head"))?.focus();

/** @param {1 | -1} direction */
function step(direction) {
  const here = rowInFocus();
  focusRow(here ? [...rows.children].indexOf(here) + direction : 0);
}

/** @param {Partial<typeof asked>} change */
function ask(change) {
  Object.assign(asked, change);
  turnTo(1);
}

/** @param {number} to */
function turnTo(to) {
  number = to;
  const words = new URLSearchParams(Object.entries({ ...asked, page: String(number) }).filter(([, value]) => value));
  history.replaceState(null, "", `?${words}`);
  looking.poke();
}

/** Where it stands, as far as this person can go there. @param {ListedThread} thread @param {Project} of @returns {[string, string]} address and words */
function placeOf({ id, video, masklet, first_frame }, of) {
  if (masklet !== null) return [`/masklets/${masklet}?thread=${id}`, "The masklet"];
  if (mayOpenVideos(of)) return [`/videos/${video}/annotate?thread=${id}`, "Workspace"];
  return [`/videos/${video}${first_frame === null ? "" : `?frame=${first_frame}`}`, "The video"];
}

/** @param {string | null} user Null for whom this person is not to know. */
const sayer = (user) => user ?? "Somebody";

/** @param {ListedThread} thread */
async function settle({ id, resolved_at }) {
  await (resolved_at === null ? api.threads.resolve(id) : api.threads.reopen(id));
  looking.poke();
}

/** @param {ListedThread} thread */
function headOf(thread) {
  const { id, video_name: video, masklet_name: masklet, masklet_color: color, comments, resolved_at } = thread;
  const newest = comments.at(-1);
  const toggle = () => {
    open = open === id ? null : id;
    showRows();
  };
  const where = h("span", { class: "row faint small" }, color !== null && swatch(swatchOf(color).hex), h("span", { class: "truncate" }, [masklet, video, whereWords(thread)].filter(Boolean).join(" · ")));
  const said = h("span", { class: "row" }, resolved_at !== null && stateChip("done", "Resolved"), h("span", { class: "truncate" }, h("strong", {}, sayer(newest?.user ?? null)), `: ${newest?.text ?? ""}`));
  return h("button", { class: "thread-head", type: "button", "aria-expanded": String(open === id), onclick: toggle }, h("span", { class: "thread-words" }, said, where));
}

/** @param {ListedThread} thread @param {[string, string]} place @param {boolean} isOpen then its conversation can be resolved below */
function actsOf(thread, [href, words], isOpen) {
  const { comments, said_at, resolved_at, masklet_name: masklet, video_name: video } = thread;
  const button = !isOpen && h("button", { class: "btn btn-small", type: "button", "data-act": "settle", onclick: () => void settle(thread).catch(toastError) }, resolved_at === null ? "Resolve" : "Reopen");
  return h("span", { class: "row" },
    h("span", { class: "muted small whole", title: new Date(said_at).toLocaleString() }, `${formatCount(comments.length, "comment")}, ${formatAgo(said_at)}`),
    button,
    h("a", { class: "btn btn-small", "data-act": "place", href, "aria-label": `${words}: ${masklet ?? video}` }, words, icon("chevron_right")));
}

/** @param {{thread: ListedThread, isOpen: boolean, place: [string, string]}} item */
function row({ thread, isOpen, place }) {
  const { id } = thread;
  const listener = {
    draft: (/** @type {string} */ text) => void drafts.set(id, text),
    answer: async (/** @type {string} */ text) => {
      await api.threads.answer(id, text);
      drafts.delete(id);
      looking.poke();
    },
    settle: () => settle(thread),
  };
  return h("li", { class: "thread", "data-thread": id, "aria-current": isOpen && "true" }, headOf(thread), actsOf(thread, place, isOpen), isOpen && conversation(thread, drafts.get(id) ?? "", sayer, listener));
}

function nothing() {
  const all = h("button", { class: "btn", type: "button", onclick: () => ask({ mine: "", video: "" }) }, "Show everybody's, of all videos");
  if (asked.mine || asked.video) return emptyState({ symbol: "comment", title: "No comment is like this", text: asked.mine ? "You are in none of them." : "This video has none of them.", act: all });
  if (asked.view === "open") return emptyState({ symbol: "check", title: "No unresolved comments", text: "A comment is written beside the frame that it is about: in the workspace, in a review or on a masklet's page, by Shift C." });
  return emptyState({ symbol: "comment", title: "No comments yet", text: asked.view === "resolved" ? "What is resolved is kept here." : "They are written beside the frame that they are about, by Shift C." });
}

function showRows() {
  const of = project;
  if (!of) return;
  const here = rowInFocus();
  const at = here ? [...rows.children].indexOf(here) : -1;
  if (listed.length === 0) return fill(body, nothing());
  if (!rows.isConnected) fill(body, rows, pager);
  fillKeyed(rows, listed.map((thread) => ({ thread, isOpen: thread.id === open, place: placeOf(thread, of) })), ({ thread }) => thread.id, row);
  if (at >= 0 && !rowInFocus()) focusRow(at); // its words changed, or it went to another view
  return undefined;
}

/** @param {Page<ListedThread>} found */
function show({ count, results }) {
  listed = results;
  for (const button of views) button.setAttribute("aria-pressed", String(button.value === asked.view));
  mine.setAttribute("aria-pressed", String(Boolean(asked.mine)));
  ofVideo.hidden = !asked.video;
  fill(counted, count > 0 ? formatCount(count, "conversation") : "");
  if (!body.isConnected) fill(page, head, body);
  showRows();
  showPager(pager, { page: number, count, size: SIZE, turnTo });
}

/** @returns {Record<string, string>} */
const wanted = () => ({ resolved: VIEWS[asked.view]?.[1] ?? "", mine: asked.mine, video: asked.video, page: String(number), page_size: String(SIZE) });

const looking = poll(async () => {
  const query = wanted();
  try {
    const [of, found] = await Promise.all([api.projects.get(slug), api.threads.ofProject(slug, query)]);
    project = of;
    if (JSON.stringify(query) === JSON.stringify(wanted())) show(found); // else asked otherwise meanwhile, by another look
    return WAIT;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && number > 1) {
      number = 1; // So many were resolved meanwhile that the page is not there any more.
      return 0;
    }
    throw error;
  }
}, page);
keys.listen();
