/** What a manager has done that does not follow from the work: asked for on videos and on masklets. */

/** @import {Member, TaskKind} from "../types.js" */
import { messageOf, openDialog, toast } from "../ui/dialogs.js";
import { h } from "../ui/dom.js";
import { formatCount } from "../ui/format.js";
import { forMany } from "../ui/many.js";
import { api } from "../ui/page_api.js";

/** @typedef {"select" | "exhaust" | "track" | "audit" | "verify"} Asked */

/** act: the button's words, of one masklet by its name; note: what the person who does it is told. @type {Readonly<Record<Asked, {act: string, of?: (name: string) => string, todo: string, note: string, done: string}>>} */
export const ASKED = {
  select: { act: "Have objects selected", todo: "Somebody chooses objects that nobody has yet, each in one frame. Each of them is then tracked by somebody else.", note: "What to choose (optional)", done: "wait to be selected in" },
  exhaust: { act: "Ask whether anything is left", todo: "Somebody looks through the video for an object that nobody has. Where something is left, objects are selected next.", note: "What to look for (optional)", done: "wait to be looked through" },
  track: { act: "Have it tracked", of: (name) => `Have ${name} tracked`, todo: "Whoever pulls the task makes the masklet right on every frame and submits it.", note: "What to know (optional)", done: "waits to be tracked" },
  audit: { act: "Have it audited", of: (name) => `Have ${name} audited`, todo: "Somebody who had no part in it judges the accepted masklet anew, without the earlier verdicts.", note: "What to look at (optional)", done: "waits to be audited" },
  verify: { act: "Have it looked at again", of: (name) => `Have ${name} looked at again`, todo: "It waits for a verdict again, from somebody who neither worked on it nor judged it. What was said of it stays.", note: "What to look at (optional)", done: "waits to be verified" },
};
export const LEAST_PRIORITY = -100;
export const MOST_PRIORITY = 100;

/** The skills that people of the project have, for a field that lists them. @param {string} id of the list @param {readonly Member[]} members */
export function skillList(id, members) {
  const skills = [...new Set(members.flatMap((member) => member.skills))].sort();
  return h("datalist", { id }, skills.map((skill) => h("option", { value: skill }, formatCount(members.filter((member) => member.skills.includes(skill)).length, "person", "people"))));
}

/**
 * Asks for a task on each of some videos, or on one masklet; one that is open there already stays as it is.
 * @param {{slug: string, kind: Asked, videos?: readonly number[], masklet?: number, on: string, done: () => void}} what
 *   on: in words
 */
export async function openAskDialog({ slug, kind, videos = [], masklet, on, done }) {
  const { act, todo, note: noteLabel } = ASKED[kind];
  const members = await api.projects.members(slug).catch(() => []); // without them the field lists nothing
  const note = h("textarea", { class: "textarea", rows: 2, maxlength: 5000 });
  const priority = h("input", { class: "input", type: "number", value: 0, min: LEAST_PRIORITY, max: MOST_PRIORITY, step: 1, required: true });
  const skill = h("input", { class: "input", maxlength: 50, list: "ask-skills", placeholder: "none", autocomplete: "off" });
  const said = h("p", { class: "small muted", role: "status" });
  const go = h("button", { class: "btn btn-primary", type: "submit" }, act);
  const field = (/** @type {string} */ label, /** @type {HTMLElement} */ control, /** @type {string} */ hint) => h("label", { class: "field" }, h("span", {}, label), control, h("span", { class: "field-hint" }, hint));
  const fields = h("div", { class: "fields" }, field("Priority", priority, "Higher ones come first; 0 is usual."), field("Skill", skill, "Only who has it is given the task."));
  const body = h("div", { class: "dialog-body" }, h("p", {}, h("strong", {}, on), h("br"), todo), h("label", { class: "field" }, h("span", {}, noteLabel), note), fields, skillList("ask-skills", members), said);
  const form = h("form", {}, body, h("div", { class: "dialog-foot" }, h("button", { class: "btn", type: "button", onclick: () => dialog.close() }, "Cancel"), go));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    const fields = { priority: priority.valueAsNumber, skill: skill.value.trim(), note: note.value.trim() };
    /** @type {{video?: number, masklet?: number}[]} */
    const places = masklet === undefined ? videos.map((video) => ({ video })) : [{ masklet }];
    let before = 0; // were open already, otherwise than they are asked for now
    const ask = async (/** @type {typeof places[number]} */ place) => {
      const task = await (kind === "verify" && masklet !== undefined ? api.masklets.reopen(masklet, fields) : api.tasks.ask(slug, { kind, ...fields, ...place }));
      if (task.state !== "waiting" || task.priority !== fields.priority || task.skill !== fields.skill || task.note !== fields.note) before += 1;
    };
    const errors = await forMany(places, ask, (through) => { said.textContent = `${through} of ${places.length}`; });
    go.disabled = false;
    if (errors.length < places.length) done();
    if (errors.length > 0) return void (said.textContent = `${places.length - errors.length} of ${places.length} are asked for. ${messageOf(errors[0])}`);
    dialog.close();
    const asked = `${masklet === undefined ? formatCount(videos.length, "video") : on} ${ASKED[kind].done}.`.replace(/^(1 video) wait /, "$1 waits ");
    toast(before > 0 ? `${asked} ${before === 1 ? "One was" : `${before} were`} asked for before: what was said then stays.` : asked, "good");
    return undefined;
  });
  const dialog = openDialog(act, form);
  note.focus();
}

/** @param {Parameters<typeof openAskDialog>[0]} what @param {string} [label] instead of the usual words, for who does not see where it stands */
export function askButton(what, label) {
  return h("button", { class: "btn btn-small", type: "button", "aria-label": label, onclick: () => void openAskDialog(what) }, ASKED[what.kind].act);
}

/** What can be asked for on a masklet as it stands, if anything. @param {string} state @param {string} [why] it was set aside, as far as the page knows @returns {Extract<Asked, TaskKind> | null} */
export function askedOf(state, why = "") {
  const isClosed = state === "rejected" || (state === "set_aside" && (why === "too_easy" || why === "auto_failure"));
  return isClosed ? "verify" : state === "accepted" ? "audit" : state === "in_work" ? "track" : null;
}
