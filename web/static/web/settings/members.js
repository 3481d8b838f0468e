/** Who works in the project: role, queue and skills of each. */

/** @import {Member, Role} from "../types.js" */
import { confirmAct, toast, toastError } from "../ui/dialogs.js";
import { fillKeyed, h } from "../ui/dom.js";
import { formatCount } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { api } from "../ui/page_api.js";
import { keepUnsaved } from "../ui/unsaved.js";
import { labelled } from "./fields.js";

/** @type {readonly [Role, string][]} */
const ROLES = [["annotator", "labels"], ["reviewer", "gives verdicts"], ["manager", "uploads, exports, steers and sees all"], ["owner", "also changes the project and its members"]];
const QUEUES = /** @type {const} */ (["training", "production"]);

/** @typedef {{slug: string, maySteer: boolean, mayOwn: boolean, changed: () => Promise<void>}} Place */

/** @param {{slug: string, maySteer: boolean, mayOwn: boolean}} project @param {Member[]} members */
export function membersPanel({ slug, maySteer, mayOwn }, members) {
  const count = h("h2", { class: "grow" });
  const rows = h("tbody", {});
  const place = { slug, maySteer, mayOwn, changed: async () => show(await api.projects.members(slug)) };
  const show = (/** @type {Member[]} */ now) => {
    count.textContent = formatCount(now.length, "member");
    fillKeyed(rows, now, ({ user }) => user.username, (member) => memberRow(member, place)); // what is being typed beside stays
  };
  show(members);
  const head = ["Person", "Role", "Queue", "Skills", ""].map((title) => h("th", {}, title));
  const table = h("table", { class: "table members" }, h("thead", {}, h("tr", {}, head)), rows);
  return h("section", { class: "panel" }, h("div", { class: "panel-head" }, count), h("div", { class: "table-scroll" }, table), mayOwn && addMemberForm(place));
}

/** @param {Member} member @param {Place} place */
function memberRow(member, place) {
  const { username } = member.user;
  const { maySteer, mayOwn } = place;
  /** @param {Partial<Member>} fields @param {string} said */
  const set = async (fields, said) => {
    try {
      await api.projects.setMember(place.slug, username, fields);
      toast(said, "good");
    } catch (error) {
      toastError(error);
      [role.value, queue.value, skills.value] = [member.role, member.queue, member.skills.join(", ")];
    }
    await place.changed();
  };
  const role = select(ROLES.map(([value]) => value), member.role, `Role of ${username}`, !mayOwn);
  role.addEventListener("change", () => void set({ role: /** @type {Role} */ (role.value) }, `${username} is ${role.value} now.`));
  const queue = select(QUEUES, member.queue, `Queue of ${username}`, !maySteer);
  queue.addEventListener("change", () => void set({ queue: /** @type {Member["queue"]} */ (queue.value) }, `${username} is served from the ${queue.value} queue now.`));
  const skills = h("input", { class: "input", value: member.skills.join(", "), placeholder: "none", "aria-label": `Skills of ${username}, with commas between`, title: "Tasks that ask for a skill go to people who have it.", disabled: !maySteer, autocomplete: "off" });
  skills.addEventListener("change", () => void set({ skills: skills.value.split(",").map((skill) => skill.trim()).filter(Boolean) }, `The skills of ${username} are saved.`));
  return h("tr", {}, h("td", {}, h("span", { class: "row" }, h("span", { class: "avatar", "aria-hidden": "true" }, username.slice(0, 1).toUpperCase()), username)), h("td", {}, role), h("td", {}, queue), h("td", {}, skills), h("td", { class: "actions" }, mayOwn && removeButton(username, place)));
}

/** @param {readonly string[]} values @param {string} value @param {string} label @param {boolean} disabled */
function select(values, value, label, disabled) {
  return h("select", { class: "select", disabled, "aria-label": label }, values.map((option) => h("option", { value: option, selected: option === value }, option)));
}

/** @param {string} username @param {Place} place */
function removeButton(username, { slug, changed }) {
  const remove = async () => {
    if (!(await confirmAct({ title: `Remove ${username}?`, text: `${username} will not see this project any more. What ${username} made stays.`, act: "Remove", danger: true }))) return;
    await api.projects.removeMember(slug, username).catch(toastError);
    await changed();
  };
  return h("button", { class: "btn btn-ghost btn-icon btn-small", type: "button", "aria-label": `Remove ${username}`, title: `Remove ${username}`, onclick: remove }, icon("trash"));
}

/** @param {Place} place */
function addMemberForm({ slug, changed }) {
  const username = h("input", { class: "input", name: "username", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const role = h("select", { class: "select", name: "role" }, ROLES.map(([value, does]) => h("option", { value }, `${value}: ${does}`)));
  const form = h("form", { class: "panel-body form-row" }, labelled("Username", username), labelled("Role", role), h("button", { class: "btn", type: "submit" }, icon("plus"), "Add"));
  keepUnsaved(form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await api.projects.setMember(slug, username.value.trim(), { role: /** @type {Role} */ (role.value) });
      toast(`${username.value.trim()} was added.`, "good");
      form.reset();
      await changed();
    } catch (error) {
      toastError(error);
    }
  });
  return form;
}
