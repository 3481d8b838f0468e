/** The review queue of a project: what waits for a verdict, an audit or a decision. */

/** @import {MyTasks, Page, Project, ReviewItem, TaskKind} from "./types.js" */
import { ApiError } from "./api.js";
import { swatchOf } from "./palette.js";
import { openShortcutOverlay } from "./shortcut_overlay.js";
import { Shortcuts } from "./shortcuts.js";
import { byId, fill, fillKeyed, h } from "./ui/dom.js";
import { formatAgo, formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { api } from "./ui/page_api.js";
import { showPager } from "./ui/pager.js";
import { emptyState, nameOf, swatch } from "./ui/parts.js";
import { poll } from "./ui/poll.js";
import { isHeldByMe, isOpenFor, isOwn } from "./ui/review_queue.js";
import { KINDS } from "./ui/tasks.js";

const WAIT = 10_000; // ms between looks
const SIZE = 50; // rows of a page
/** @type {readonly TaskKind[]} */
const JUDGING = ["verify", "audit", "decide"];
/** @type {readonly [string, string][]} */
const ORDERS = [["oldest", "Oldest first"], ["priority", "By priority"], ["suspicion", "Most suspicious first"]];

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
const rows = h("tbody", {});
const body = h("div", {});
const counted = h("span", { class: "faint", role: "status" });
const next = h("a", { class: "btn btn-primary", hidden: true }, "Review next", icon("chevron_right"));
const batch = h("a", { class: "btn", hidden: true, title: "Clip after clip in one page, by keys only (B)" }, icon("play"), "Start batch", h("kbd", { class: "kbd" }, "B"));
const query = new URLSearchParams(location.search);
const asked = { kind: query.get("kind") ?? "", order: query.get("order") ?? "oldest", page: Number(query.get("page")) || 1 };

const keys = new Shortcuts([
  { id: "batch", group: "Reviews", label: "Start a batch", keys: ["B"], run: () => { if (!batch.hidden) batch.click(); } },
  { id: "next", group: "Reviews", label: "Review the next one", keys: ["N"], run: () => { if (!next.hidden) next.click(); } },
  { id: "help", group: "Reviews", label: "This list", keys: ["?", "F1"], run: () => openShortcutOverlay(keys) },
]);

/** @param {Partial<typeof asked>} change */
function ask(change) {
  Object.assign(asked, { page: 1, ...change });
  const words = new URLSearchParams({ ...(asked.kind && { kind: asked.kind }), order: asked.order, page: String(asked.page) });
  history.replaceState(null, "", `?${words}`);
  looking.poke();
}

/** @param {string} label @param {readonly (readonly [string, string])[]} options @param {string} value @param {(value: string) => void} change */
function choice(label, options, value, change) {
  const select = h("select", { class: "select", "aria-label": label }, options.map(([name, words]) => h("option", { value: name, selected: name === value }, words)));
  select.addEventListener("change", () => change(select.value));
  return select;
}

const kinds = choice("Kind", [["", "All kinds"], ...JUDGING.map((kind) => /** @type {const} */ ([kind, KINDS[kind].name]))], asked.kind, (kind) => ask({ kind }));
const orders = choice("Order", ORDERS, asked.order, (order) => ask({ order }));
const head = h("div", { class: "page-head" }, h("h1", {}, "Reviews"), counted, h("div", { class: "grow" }), kinds, orders, batch, next);

/** @param {ReviewItem} item @param {Project} project */
function act(item, project) {
  const { held_by: holder, kind, task, masklet, state } = item;
  if (isOwn(item, project)) return h("span", { class: "faint", title: "You worked on this masklet, so another person judges it." }, "Your own work");
  if (!isOpenFor(item, project)) return h("span", { class: "chip" }, `${state === "on_hold" ? "On hold for" : "Held by"} ${holder?.username}`);
  if (!holder && project.pull_only && project.role === "reviewer") return h("span", { class: "faint", title: "In this project the queue gives out the work: press Review next." }, "From the queue");
  const words = isHeldByMe(item) ? (state === "on_hold" ? "Take up again" : "Go on") : kind === "verify" ? "Review" : KINDS[kind].name;
  return h("a", { class: "btn btn-small", href: `/masklets/${masklet.id}/review?task=${task}`, "aria-label": `${words} ${masklet.name}` }, words);
}

/** @param {ReviewItem} item @param {Project} project */
function row(item, project) {
  const { masklet, video, kind, priority, suspicion } = item;
  return h(
    "tr",
    {},
    h("td", {}, h("span", { class: "row" }, h("img", { class: "thumb", src: video.urls.poster, alt: "", loading: "lazy" }), swatch(swatchOf(masklet.color).hex), h("span", {}, masklet.name))),
    h("td", {}, h("span", { class: kind === "verify" ? "chip" : "chip chip-info", title: KINDS[kind].todo }, KINDS[kind].name)),
    h("td", {}, h("a", { href: `/videos/${video.id}` }, video.name)),
    h("td", { class: "muted" }, kind === "decide" ? "two people" : nameOf(masklet.tracked_by)),
    h("td", { class: "number muted" }, String(masklet.edited_frame_count)),
    h("td", { class: "number muted" }, suspicion === null ? "" : suspicion.toFixed(2)),
    h("td", { class: "number muted" }, String(priority)),
    h("td", { class: "muted whole", title: new Date(item.waiting_since).toLocaleString() }, formatAgo(item.waiting_since)),
    h("td", { class: "actions" }, act(item, project)),
  );
}

/** How much of it waits for the signed-in person. @param {MyTasks} mine @param {number} count of all that is listed */
function showCounts({ queues }, count) {
  const wanted = JUDGING.filter((kind) => !asked.kind || kind === asked.kind);
  const waiting = queues.filter(({ kind, waiting: left }) => wanted.includes(kind) && left > 0);
  const words = waiting.map(({ kind, waiting: left }) => `${left.toLocaleString("en")} to ${KINDS[kind].name.toLowerCase()}`);
  fill(counted, count === 0 ? "" : words.length > 0 ? `${words.join(", ")} for you; ${formatCount(count, "open task")} in all` : `${formatCount(count, "open task")}, none for you`);
  const chosen = asked.kind ? `?kinds=${asked.kind}` : "";
  next.hidden = waiting.length === 0;
  next.href = `/projects/${slug}/reviews/next${chosen}`;
  batch.hidden = !waiting.some(({ kind }) => kind === (asked.kind || "verify"));
  batch.href = `/projects/${slug}/reviews/batch${chosen}`;
}

/** @param {Page<ReviewItem>} listed @param {Project} project */
function showRows(listed, project) {
  if (listed.count === 0) {
    const text = asked.kind ? "Choose another kind above, or wait: this page looks again by itself." : "Submitted masklets show up here by themselves.";
    return fill(body, h("section", { class: "panel" }, emptyState({ symbol: "check", title: "Nothing waits for a verdict", text })));
  }
  fillKeyed(rows, listed.results, (item) => item.task, (item) => row(item, project));
  const columns = ["Masklet", "Task", "Video", "Tracked by", "Edited frames", "Suspicion", "Priority", "Waiting", ""];
  const numbers = new Set(["Edited frames", "Suspicion", "Priority"]);
  const titles = h("tr", {}, columns.map((title) => h("th", { class: numbers.has(title) ? "number" : null }, title)));
  if (!rows.isConnected) fill(body, h("section", { class: "panel" }, h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, titles), rows)), h("div", { class: "pager" })));
  showPager(/** @type {HTMLElement} */ (body.querySelector(".pager")), { page: asked.page, count: listed.count, size: SIZE, turnTo: (to) => ask({ page: to }) });
  return undefined;
}

const looking = poll(async () => {
  try {
    const wanted = { kind: asked.kind, order: asked.order, page: String(asked.page), page_size: String(SIZE) };
    const [project, mine, listed] = await Promise.all([api.projects.get(slug), api.tasks.mine(slug), api.projects.reviews(slug, wanted)]);
    if (!body.isConnected) fill(page, head, body);
    showCounts(mine, listed.count);
    showRows(listed, project);
    return WAIT;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && asked.page > 1) {
      asked.page = 1; // Others did so much meanwhile that this page is not there any more.
      return 0;
    }
    throw error;
  }
}, page);
keys.listen();
