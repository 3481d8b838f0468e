/** Tasks as who steers the queue sees them, and the answers to whether anything is left. */

/** @import {SteeredTask} from "../types.js" */
/** @import {SteerBar} from "./steer_bar.js" */
import { swatchOf } from "../palette.js";
import { h } from "../ui/dom.js";
import { formatAgo, formatCount } from "../ui/format.js";
import { stateChip, swatch } from "../ui/parts.js";
import { KINDS, saidOn } from "../ui/tasks.js";

/** What a task is on, in words. @param {SteeredTask} task */
export const placeOf = ({ masklet, video }) => (masklet ? `${masklet.name} in ${video.name}` : video.name);

/** Whether somebody has the task, or is not offered it any more. @param {SteeredTask} task */
export const isReleasable = ({ holder, skips }) => holder !== null || skips > 0;

/** Whether it was asked for on a video, and nobody has it. @param {SteeredTask} task */
export const mayBeCalledOff = ({ masklet, state }) => masklet === null && state === "waiting";

/** @param {SteeredTask} task */
function place({ masklet, video }) {
  const of = h("a", { class: "truncate", href: `/videos/${video.id}` }, video.name);
  return masklet ? h("span", { class: "row" }, swatch(swatchOf(masklet.color).hex), h("a", { class: "truncate", href: `/masklets/${masklet.id}` }, masklet.name), h("span", { class: "faint" }, "in"), of) : of;
}

/** How many people skipped the task; opened, who they are and what they said. @param {SteeredTask} task */
function skippedBy({ skips, skip_reasons }) {
  const said = skip_reasons.map(({ user, reason, at }) => h("li", { title: new Date(at).toLocaleString() }, h("strong", {}, user), `: ${reason}`));
  return skips > 0 && h("details", { class: "skips" }, h("summary", {}, formatCount(skips, "person", "people")), h("ul", { class: "stack small wrap-anywhere" }, said));
}

/** @param {string} moment */
const ago = (moment) => h("td", { class: "muted whole", title: new Date(moment).toLocaleString() }, formatAgo(moment));

export const TASK_COLUMNS = /** @type {const} */ ([["", ""], ["Task", ""], ["On", ""], ["State", ""], ["Priority", "number"], ["Skill", ""], ["Skipped by", ""], ["Note", ""], ["Waiting since", ""], ["", ""]]);

/** @param {SteeredTask} task @param {SteerBar} bar */
export function taskRow(task, bar) {
  const { id, kind, state, queue, holder, for_user, priority, skill, waiting_since } = task;
  const name = `${KINDS[kind].name} ${placeOf(task)}`;
  const box = h("input", { type: "checkbox", checked: bar.chosen.has(id), "aria-label": name });
  box.addEventListener("change", () => bar.choose(task, box.checked));
  const button = (/** @type {string} */ words, /** @type {() => unknown} */ run) => h("button", { class: "btn btn-small", type: "button", "aria-label": `${words}: ${name}`, onclick: run }, words);
  const acts = h("span", { class: "row" }, isReleasable(task) && button(holder ? "Release" : "Offer again", () => bar.release([task])), mayBeCalledOff(task) && button("Call off", () => bar.callOff([task])));
  return h(
    "tr",
    { "data-task": id },
    h("td", {}, box),
    h("td", {}, h("strong", {}, KINDS[kind].name)),
    h("td", {}, place(task)),
    h("td", {}, h("span", { class: "row" }, stateChip(state), holder && h("span", { class: "muted" }, holder), queue === "training" && h("span", { class: "chip chip-info" }, "Training"), for_user && !holder && h("span", { class: "faint" }, `for ${for_user}`))),
    h("td", { class: "number" }, String(priority)),
    h("td", {}, skill && h("span", { class: "chip" }, skill)),
    h("td", {}, skippedBy(task)),
    h("td", { class: "muted wrap-anywhere" }, saidOn(task)),
    ago(waiting_since),
    h("td", { class: "actions" }, acts),
  );
}

export const ANSWER_COLUMNS = /** @type {const} */ ([["Video", ""], ["Question", ""], ["Answer", ""], ["What", ""], ["Said by", ""], ["", ""]]);

/** @param {SteeredTask} task to exhaust, done */
export function answerRow(task) {
  return h("tr", {}, h("td", {}, place(task)), h("td", { class: "muted wrap-anywhere" }, task.note), h("td", {}, answerChip(task)), h("td", { class: "wrap-anywhere" }, task.answer_note), h("td", { class: "muted" }, task.holder ?? "–"), ago(task.done_at ?? task.created_at));
}

/** @param {SteeredTask} task to exhaust, done */
export function answerChip({ outcome }) {
  return outcome === "something_left" ? h("span", { class: "chip chip-warn" }, "Something is left") : h("span", { class: "chip chip-good" }, "Nothing is left");
}
