/** "What is next for me", on pages that are about something else, and what stands beside the queue. */

/** @import {MyTasks, Project, Video} from "../types.js" */
import { toast, toastError } from "./dialogs.js";
import { fill, h } from "./dom.js";
import { formatCount } from "./format.js";
import { api } from "./page_api.js";
import { mayOpenVideos } from "./shell.js";
import { KINDS, openNext } from "./tasks.js";

/** The next video that the person may open by themselves, where the project lets them. @param {Project} project @returns {Promise<Video | null>} */
export async function freeVideo(project) {
  return mayOpenVideos(project) ? (await api.projects.work(project.slug)).next_video : null;
}

/** @param {Video | null} video */
export function videoOffer(video) {
  return video && h(
    "a",
    { class: "work-item", href: `/videos/${video.id}/annotate` },
    h("span", { class: "chip chip-accent" }, "Next video"),
    h("span", { class: "grow truncate" }, video.name),
    h("span", { class: "btn btn-small" }, "Start annotating"),
  );
}

/** How many tasks wait for the person, in words. @param {MyTasks} mine */
export function waitingWords({ queues }) {
  const total = queues.reduce((sum, { waiting }) => sum + waiting, 0);
  if (total === 0) return "Nothing waits for you now";
  const parts = queues.filter(({ waiting }) => waiting > 0).map(({ kind, waiting }) => `${waiting.toLocaleString("en")} to ${KINDS[kind].name.toLowerCase()}`);
  return `${formatCount(total, "task")} wait${total === 1 ? "s" : ""} for you: ${parts.join(", ")}`;
}

/** @param {Project} project @param {MyTasks} mine */
function queueOffer({ slug }, mine) {
  const open = async () => {
    if (!(await openNext(slug).catch(toastError))) toast("Somebody else was faster: nothing waits for you now.");
  };
  const held = mine.held.length > 0 && h("a", { class: "chip chip-warn", href: `/projects/${slug}/work` }, `${mine.held.length} in your hands`);
  const next = mine.queues.some(({ waiting }) => waiting > 0) && h("button", { class: "btn btn-primary btn-small", type: "button", onclick: () => void open() }, "Next task");
  return (next || held) && h("div", { class: "work-item" }, h("a", { class: "grow truncate", href: `/projects/${slug}/work` }, waitingWords(mine)), held, next);
}

/**
 * @param {HTMLElement} section
 * @param {Project} project
 */
export async function showWork(section, project) {
  const [mine, video] = await Promise.all([api.tasks.mine(project.slug), freeVideo(project)]);
  const offers = [queueOffer(project, mine), videoOffer(video)];
  section.hidden = !offers.some(Boolean);
  fill(section, offers);
}
