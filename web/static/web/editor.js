/** The workspace's entry: opens the session, or says why it cannot. */

import { ApiError } from "./api.js";
import { heldTask, heldVideo, reasonOf } from "./editor/hold.js";
import { nextButton } from "./editor/task_dialogs.js";
import { Workspace } from "./editor/workspace.js";
import { toast } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { api } from "./ui/page_api.js";
import { emptyState, failedState } from "./ui/parts.js";
import { KINDS, kindsOfPage, pageOf } from "./ui/tasks.js";

/** @import {Task, Video} from "./types.js" */

const POLL = 3000; // ms, while the video is ingested

const root = byId("editor", HTMLElement);
const id = document.body.dataset.video ?? "";
const asked = new URLSearchParams(location.search).get("task");

/** @param {Video} video */
function libraryLink(video) {
  return h("a", { class: "btn", href: `/projects/${video.project}` }, "To the project");
}

/** @param {Video} video */
function showNotReady(video) {
  if (video.state === "refused") {
    fill(root, emptyState({ symbol: "alert", title: "This video was refused", text: video.refusal?.message ?? "It cannot be used.", act: libraryLink(video) }));
    return;
  }
  const text = `${Math.round(video.progress * 100)} % done. The page opens by itself.`;
  fill(root, emptyState({ symbol: "film", title: `${video.name} is being prepared`, text, act: libraryLink(video) }));
  setTimeout(open, POLL);
}

/** @param {ApiError} error @param {Video} video */
function showRefused(error, video) {
  if (error.code === "by_tasks_only") {
    const work = h("a", { class: "btn btn-primary", href: `/projects/${video.project}/work` }, "To the Work page");
    return fill(root, emptyState({ symbol: "list", title: "Work comes from the queue here", text: error.message, act: work }));
  }
  if (error.code !== "held") return fill(root, failedState(error, open));
  const again = h("button", { class: "btn btn-primary", type: "button", onclick: open }, "Try again");
  const act = h("div", { class: "row" }, libraryLink(video), again);
  fill(root, emptyState({ symbol: "users", title: "Somebody else holds this video", text: reasonOf(error), act }));
}

/** A task that this person does not hold: it is not taken up by only looking at its address. @param {Task} task @param {string} [reason] Why it cannot be taken up. */
function showTaskAway(task, reason) {
  const { name } = KINDS[task.kind];
  const text = reason ?? (task.state === "waiting" ? "It waits in the queue, for anybody. What was done on it is kept." : task.holder ? `${task.holder} has it at present.` : `It is ${task.state} by now.`);
  const takeUp = h("button", { class: "btn", type: "button", onclick: () => void openTask(task) }, "Take it up again");
  const next = nextButton(task.project, (message) => toast(message));
  const work = h("a", { class: "btn", href: `/projects/${task.project}/work` }, "To the Work page");
  fill(root, emptyState({ symbol: "list", title: `You do not hold this task (${name}, ${task.video.name})`, text, act: h("div", { class: "row" }, work, task.state === "waiting" && takeUp, next) }));
  next.focus();
}

/** @param {Task} task */
async function openTask(task) {
  try {
    const snapshot = await heldTask(task).open();
    document.title = `${KINDS[task.kind].name} · ${task.video.name} · Maskloom`;
    new Workspace(root, snapshot, task);
  } catch (error) {
    if (!(error instanceof ApiError) || error.isTransient) throw error;
    showTaskAway(await api.tasks.get(task.id), error.message);
  }
}

/** @param {string} taskId */
async function openAskedTask(taskId) {
  const task = await api.tasks.get(taskId);
  const page = pageOf(task, kindsOfPage());
  if (!page.startsWith(`${location.pathname}?`)) return location.replace(page);
  const mine = task.holder === document.body.dataset.username && (task.state === "claimed" || task.state === "on_hold");
  return mine ? openTask(task) : showTaskAway(task);
}

/** @param {Video} video */
async function openVideo(video) {
  try {
    new Workspace(root, await heldVideo(video).open(), null);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showRefused(error, video);
  }
}

async function open() {
  try {
    if (asked) return await openAskedTask(asked);
    const video = await api.videos.get(id);
    document.title = `${video.name} · Maskloom`;
    if (video.state !== "ready") return showNotReady(video);
    await openVideo(video);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      const home = h("a", { class: "btn", href: "/" }, "To the projects");
      fill(root, emptyState({ symbol: "search", title: `There is no such ${asked ? "task" : "video"}`, text: "It was deleted, or it is not in one of your projects.", act: home }));
    } else fill(root, failedState(error, open));
    if (!(error instanceof ApiError)) throw error;
  } finally {
    root.removeAttribute("aria-busy");
  }
}

void open();
