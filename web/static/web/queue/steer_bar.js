/** What is done to several tasks of the queue at once: priority, skill, release, and taking the first two back. */

/** @import {Member, SteeredTask} from "../types.js" */
import { confirmAct, messageOf, toast } from "../ui/dialogs.js";
import { fill, h } from "../ui/dom.js";
import { formatCount } from "../ui/format.js";
import { forMany } from "../ui/many.js";
import { api } from "../ui/page_api.js";
import { LEAST_PRIORITY, MOST_PRIORITY, skillList } from "./ask.js";
import { isReleasable, mayBeCalledOff, placeOf } from "./rows.js";

/** @typedef {{priority?: number, skill?: string}} Fields */

/** @param {readonly SteeredTask[]} tasks */
const words = (tasks) => (tasks.length === 1 && tasks[0] ? placeOf(tasks[0]) : formatCount(tasks.length, "task"));

export class SteerBar {
  /** @type {Map<number, SteeredTask>} By id, all of them listed. */
  chosen = new Map();
  /** @type {{id: number, fields: Fields}[]} What the last change had found. */
  #before = [];
  #busy = false;
  #all = h("input", { type: "checkbox", "aria-label": "All tasks of this page" });
  #counted = h("span", { class: "whole" });
  #said = h("span", { class: "grow muted", role: "status" });
  #priority = h("input", { class: "input steer-priority", type: "number", min: LEAST_PRIORITY, max: MOST_PRIORITY, step: 1, required: true, "aria-label": "Priority of the chosen tasks", placeholder: "0" });
  #skill = h("input", { class: "input steer-skill", maxlength: 50, list: "steer-skills", placeholder: "none", autocomplete: "off", "aria-label": "Skill that the chosen tasks ask for" });
  #setPriority = h("button", { class: "btn btn-small", type: "submit" }, "Set priority", h("kbd", { class: "kbd" }, "P"));
  #setSkill = h("button", { class: "btn btn-small", type: "submit" }, "Set skill", h("kbd", { class: "kbd" }, "S"));
  #release = h("button", { class: "btn btn-small", type: "button" }, "Release", h("kbd", { class: "kbd" }, "R"));
  #callOff = h("button", { class: "btn btn-small", type: "button", title: "What was asked for on videos, and nobody has begun" }, "Call off");
  #undo = h("button", { class: "btn btn-small", type: "button", hidden: true }, "Undo", h("kbd", { class: "kbd" }, "Z"));

  /** @param {readonly Member[]} members @param {{listed: () => readonly SteeredTask[], changed: () => void}} page changed: looks again */
  constructor(members, page) {
    this.page = page;
    const form = (/** @type {HTMLElement[]} */ parts, /** @type {() => Fields} */ fields) => {
      const made = h("form", { class: "row" }, parts);
      made.addEventListener("submit", (event) => { event.preventDefault(); void this.#set(fields()); });
      return made;
    };
    this.element = h(
      "div",
      { class: "steer-bar row row-wrap", role: "group", "aria-label": "The chosen tasks" },
      h("label", { class: "check" }, this.#all, this.#counted),
      form([this.#priority, this.#setPriority], () => ({ priority: this.#priority.valueAsNumber })),
      form([this.#skill, this.#setSkill, skillList("steer-skills", members)], () => ({ skill: this.#skill.value.trim() })),
      this.#release,
      this.#callOff,
      this.#said,
      this.#undo,
    );
    this.#all.addEventListener("change", () => this.chooseAll(this.#all.checked));
    this.#release.addEventListener("click", () => void this.release());
    this.#callOff.addEventListener("click", () => void this.callOff());
    this.#undo.addEventListener("click", () => void this.undo());
    this.#show();
  }

  /** @param {SteeredTask} task @param {boolean} isChosen */
  choose(task, isChosen) {
    if (isChosen) this.chosen.set(task.id, task);
    else this.chosen.delete(task.id);
    this.#show();
  }

  /** @param {boolean} areChosen */
  chooseAll(areChosen) {
    this.chosen = new Map(areChosen ? this.page.listed().map((task) => [task.id, task]) : []);
    for (const box of document.querySelectorAll("tr[data-task] input")) if (box instanceof HTMLInputElement) box.checked = areChosen;
    this.#show();
  }

  /** What is listed now: what left is not chosen any more. */
  follow() {
    this.chosen = new Map(this.page.listed().filter(({ id }) => this.chosen.has(id)).map((task) => [task.id, task]));
    this.#show();
  }

  /** @param {"priority" | "skill"} name */
  focus(name) {
    if (this.chosen.size === 0) return toast("Choose tasks first: Space on a row's box, or A for all of this page.");
    return (name === "priority" ? this.#priority : this.#skill).focus();
  }

  /** @param {SteeredTask[]} [tasks] those that are chosen, by default */
  async release(tasks = [...this.chosen.values()]) {
    const wanted = tasks.filter(isReleasable);
    if (wanted.length === 0 || this.#busy) return tasks.length > 0 ? toast("Nobody holds these tasks, and nobody skipped them.") : this.focus("priority");
    const working = [...new Set(wanted.filter(({ state }) => state === "claimed").map(({ holder }) => holder))];
    const text = `${working.join(", ")} ${working.length === 1 ? "is" : "are"} at work. What they did stays, and whoever is next goes on from there; their page tells them that the task is not theirs any more.`;
    if (working.length > 0 && !(await confirmAct({ title: wanted.length === 1 ? "Release the task?" : `Release ${wanted.length} tasks?`, text, act: "Release" }))) return undefined;
    await this.#run(wanted, ({ id }) => api.tasks.release(id), `offered again: ${words(wanted)}.`);
    return undefined;
  }

  /** @param {SteeredTask[]} [tasks] those that are chosen, by default */
  async callOff(tasks = [...this.chosen.values()]) {
    const wanted = tasks.filter(mayBeCalledOff);
    if (wanted.length === 0 || this.#busy) return;
    const text = "Nobody has begun them, and nobody will. You can ask for them again.";
    if (wanted.length > 1 && !(await confirmAct({ title: `Call off ${wanted.length} tasks?`, text, act: "Call off", danger: true }))) return;
    await this.#run(wanted, ({ id }) => api.tasks.callOff(id), `called off: ${words(wanted)}.`);
  }

  async undo() {
    const before = this.#before;
    if (before.length === 0 || this.#busy) return;
    await this.#run(before, ({ id, fields }) => api.tasks.edit(id, fields), `as before: ${formatCount(before.length, "task")}.`);
  }

  /** @param {Fields} fields */
  async #set(fields) {
    const tasks = [...this.chosen.values()];
    if (tasks.length === 0 || this.#busy) return;
    const before = tasks.map(({ id, priority, skill }) => ({ id, fields: fields.skill === undefined ? { priority } : { skill } }));
    const what = fields.skill === undefined ? `priority ${fields.priority}` : fields.skill ? `skill ${fields.skill}` : "no skill";
    await this.#run(tasks, ({ id }) => api.tasks.edit(id, fields), `${what}: ${formatCount(tasks.length, "task")}.`);
    this.#before = before;
    this.#show();
  }

  /** @template T @param {readonly T[]} items @param {(item: T) => Promise<unknown>} act @param {string} what was done */
  async #run(items, act, what) {
    this.#busy = true;
    this.#before = [];
    this.#show();
    const errors = await forMany(items, act, (done) => { this.#said.textContent = `${done} of ${items.length}`; });
    this.#busy = false;
    this.#said.textContent = errors.length > 0 ? `${formatCount(errors.length, "task")} of ${items.length} could not be changed. ${messageOf(errors[0])}` : what.charAt(0).toUpperCase() + what.slice(1);
    this.#show();
    this.page.changed();
  }

  #show() {
    const count = this.chosen.size;
    const listed = this.page.listed().length;
    this.#all.disabled = listed === 0;
    this.#all.checked = count > 0 && count === listed;
    this.#all.indeterminate = count > 0 && count < listed;
    fill(this.#counted, count === 0 ? h("span", { class: "faint" }, "None chosen") : `${count} chosen`);
    for (const control of [this.#priority, this.#skill, this.#setPriority, this.#setSkill]) control.disabled = count === 0 || this.#busy;
    this.#release.disabled = this.#busy || ![...this.chosen.values()].some(isReleasable);
    this.#callOff.disabled = this.#busy || ![...this.chosen.values()].some(mayBeCalledOff);
    this.#undo.hidden = this.#before.length === 0;
  }
}
