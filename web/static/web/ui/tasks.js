/** Tasks in words, where each is done, and how the next one is opened. */

/** @import {Task, TaskKind} from "../types.js" */
import { api } from "./page_api.js";

/** Each kind's name and what to do, in one line. @type {Readonly<Record<TaskKind, {name: string, todo: string}>>} */
export const KINDS = {
  select: { name: "Select", todo: "Choose objects that nobody has yet, each in one frame. Somebody else tracks them." },
  track: { name: "Track", todo: "Make this masklet right on every frame, then submit it." },
  refine: { name: "Refine", todo: "Correct what the reviewer marked, then submit it again." },
  verify: { name: "Verify", todo: "Does the masklet follow its object on every frame?" },
  audit: { name: "Audit", todo: "It was accepted: is it right on every frame?" },
  decide: { name: "Decide", todo: "Two people tracked this object: which masklet is better?" },
  exhaust: { name: "Exhaust", todo: "Look through the video: is an object left that nobody has?" },
};

/** @type {ReadonlySet<TaskKind>} */
const JUDGED = new Set(["verify", "audit", "decide"]);

/** The kinds that the page was opened to go on with; none is all. @returns {TaskKind[]} */
export function kindsOfPage() {
  const asked = new URLSearchParams(location.search).get("kinds")?.split(",") ?? [];
  return /** @type {TaskKind[]} */ (asked.filter((kind) => kind in KINDS));
}

/** The address of the page that the task is done on. @param {Task} task @param {readonly TaskKind[]} [kinds] to go on with */
export function pageOf(task, kinds = []) {
  const page = JUDGED.has(task.kind) && task.masklet ? `/masklets/${task.masklet.id}/review` : `/videos/${task.video.id}/annotate`;
  return `${page}?task=${task.id}${kinds.length ? `&kinds=${kinds.join(",")}` : ""}`;
}

/** What others say to whoever does the task, and why its holder put it on hold. @param {Task} task */
export const saidOn = ({ note, held_because }) => [note, held_because].filter(Boolean).join(" · ");

/** Claims the next task and opens it; false when none waits for the signed-in person. @param {string} slug @param {readonly TaskKind[]} [kinds] */
export async function openNext(slug, kinds = []) {
  const [task] = (await api.tasks.next(slug, kinds)).tasks;
  if (task) location.assign(pageOf(task, kinds));
  return task !== undefined;
}
