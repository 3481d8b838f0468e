/** On a video's page, for who steers: its open tasks, what was answered about it, and what can be asked for. */

/** @import {Page, SteeredTask} from "../types.js" */
import { h } from "../ui/dom.js";
import { formatAgo } from "../ui/format.js";
import { api } from "../ui/page_api.js";
import { panel, stateChip } from "../ui/parts.js";
import { KINDS } from "../ui/tasks.js";
import { askButton } from "./ask.js";
import { answerChip } from "./rows.js";

/** @typedef {{open: Page<SteeredTask>, answers: Page<SteeredTask>}} VideoTasks */

const SHOWN = 8; // rows; the queue has them all
const KINDS_ASKED = /** @type {const} */ (["select", "exhaust"]);

/** @param {string} slug @param {number | string} video @returns {Promise<VideoTasks>} */
export async function tasksOfVideo(slug, video) {
  const of = { video: String(video) };
  const [open, answers] = await Promise.all([
    api.tasks.list(slug, { ...of, state: "open", order: "oldest", page_size: "200" }),
    api.tasks.list(slug, { ...of, state: "done", kind: "exhaust", page_size: String(SHOWN) }),
  ]);
  return { open, answers };
}

/** @param {{id: number, name: string, project: string}} video @param {VideoTasks} tasks @param {() => void} done looks again */
export function videoTasksPanel({ id, name, project }, { open, answers }, done) {
  const row = (/** @type {SteeredTask} */ { kind, masklet, state, holder }) => h("tr", {}, h("td", {}, h("strong", {}, KINDS[kind].name)), h("td", { class: "wrap-anywhere" }, masklet ? masklet.name : ""), h("td", {}, h("span", { class: "row row-wrap" }, stateChip(state), holder && h("span", { class: "muted" }, holder))));
  const said = (/** @type {SteeredTask} */ task) => h("li", {}, h("span", { class: "row row-wrap" }, answerChip(task), h("span", { class: "faint small" }, `${task.holder}, ${formatAgo(task.done_at ?? task.created_at)}`)), task.answer_note && h("p", { class: "wrap-anywhere" }, task.answer_note), task.note && h("p", { class: "faint small wrap-anywhere" }, `Asked: ${task.note}`));
  const asks = KINDS_ASKED.filter((kind) => !open.results.some((task) => task.kind === kind)).map((kind) => askButton({ slug: project, kind, videos: [id], on: name, done }));
  return panel(
    "Tasks",
    [
      open.count > 0 ? h("table", { class: "table" }, h("tbody", {}, open.results.slice(0, SHOWN).map(row))) : h("p", { class: "panel-body muted" }, "Nothing is asked for in this video at present."),
      answers.count > 0 && h("div", { class: "panel-body stack" }, h("h3", {}, "Was anything left?"), h("ul", { class: "stack" }, answers.results.map(said))),
      asks.length > 0 && h("div", { class: "panel-body row row-wrap" }, asks),
    ],
    [open.count > 0 && h("a", { class: "small", href: `/projects/${project}/queue?video=${id}` }, "In the queue")],
  );
}
