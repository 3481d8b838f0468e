/** A project's settings and its members. */

/** @import {Member, Project, Role} from "./types.js" */
import { confirmAct, toast, toastError } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { api } from "./ui/page_api.js";
import { failedState, panel } from "./ui/parts.js";
import { mayDo } from "./ui/shell.js";

/** @type {readonly [Role, string][]} */
const ROLES = [["annotator", "labels"], ["reviewer", "gives verdicts"], ["manager", "uploads, exports and sees all"], ["owner", "also changes the project and its members"]];
const GB = 1e9; // bytes
const MEGAPIXEL = 1e6;

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);

/** @param {string} label @param {HTMLElement} control @param {string} [hint] */
const field = (label, control, hint) => h("label", { class: "field" }, h("span", {}, label), control, hint && h("span", { class: "field-hint" }, hint));

/** Shown limits are rounded, so only what a person wrote is sent. @param {HTMLInputElement} input */
const touched = (input) => input.value !== input.defaultValue;

/** @param {Project} project @param {boolean} mayChange */
function projectForm(project, mayChange) {
  const disabled = !mayChange;
  const number = (/** @type {string} */ name, /** @type {number} */ value, /** @type {number} */ min) => h("input", { class: "input", type: "number", name, value: Number(value.toFixed(2)), min, step: "any", required: true, disabled });
  const name = h("input", { class: "input", name: "name", value: project.name, required: true, maxlength: 100, disabled, autocomplete: "off" });
  const stride = h("input", { class: "input", value: project.stride, disabled: true });
  const independent = h("input", { type: "checkbox", checked: project.independent_review, disabled });
  const upload = number("upload", project.max_upload_bytes / GB, 0.01);
  const duration = number("duration", project.max_duration_s, 1);
  const pixels = number("pixels", project.max_pixels / MEGAPIXEL, 0.01);
  const save = h("button", { class: "btn btn-primary", type: "submit", disabled: true }, "Save");
  const form = h(
    "form",
    { class: "panel-body stack" },
    h("div", { class: "fields" }, field("Name", name), field("Stride", stride, "Every n-th frame is annotated."), field("Largest upload, GB", upload), field("Longest video, seconds", duration), field("Largest frame, megapixels", pixels)),
    h("label", { class: "check" }, independent, "Nobody reviews their own masklets. Leave this on unless one person does everything."),
    mayChange && h("div", { class: "row" }, save),
  );
  form.addEventListener("input", () => { save.disabled = false; });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      await api.projects.change(slug, {
        name: name.value.trim(),
        independent_review: independent.checked,
        ...(touched(upload) && { max_upload_bytes: Math.round(Number(upload.value) * GB) }),
        ...(touched(duration) && { max_duration_s: Number(duration.value) }),
        ...(touched(pixels) && { max_pixels: Math.round(Number(pixels.value) * MEGAPIXEL) }),
      });
      toast("Saved.", "good");
    } catch (error) {
      save.disabled = false;
      toastError(error);
    }
  });
  return panel("Project", [form]);
}

/** @param {Member} member @param {boolean} mayChange */
function memberRow({ user: { username }, role }, mayChange) {
  const select = h("select", { class: "select", disabled: !mayChange, "aria-label": `Role of ${username}` }, ROLES.map(([value]) => h("option", { value, selected: value === role }, value)));
  select.addEventListener("change", async () => {
    try {
      await api.projects.setMember(slug, username, /** @type {Role} */ (select.value));
      toast(`${username} is ${select.value} now.`, "good");
    } catch (error) {
      toastError(error);
    }
    await load();
  });
  const remove = async () => {
    if (!(await confirmAct({ title: `Remove ${username}?`, text: `${username} will not see this project any more. What ${username} made stays.`, act: "Remove", danger: true }))) return;
    await api.projects.removeMember(slug, username).catch(toastError);
    await load();
  };
  const act = mayChange && h("button", { class: "btn btn-ghost btn-icon btn-small", type: "button", "aria-label": `Remove ${username}`, title: `Remove ${username}`, onclick: remove }, icon("trash"));
  return h("tr", {}, h("td", {}, h("span", { class: "row" }, h("span", { class: "avatar", "aria-hidden": "true" }, username.slice(0, 1).toUpperCase()), username)), h("td", {}, select), h("td", { class: "actions" }, act));
}

function addForm() {
  const username = h("input", { class: "input", name: "username", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const role = h("select", { class: "select", name: "role" }, ROLES.map(([value, does]) => h("option", { value }, `${value}: ${does}`)));
  const form = h("form", { class: "panel-body form-row" }, field("Username", username), field("Role", role), h("button", { class: "btn", type: "submit" }, icon("plus"), "Add"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await api.projects.setMember(slug, username.value.trim(), /** @type {Role} */ (role.value));
      toast(`${username.value.trim()} was added.`, "good");
      await load();
    } catch (error) {
      toastError(error);
    }
  });
  return form;
}

async function load() {
  try {
    const [project, members] = await Promise.all([api.projects.get(slug), api.projects.members(slug)]);
    const mayChange = mayDo(project.role, "own");
    page.setAttribute("aria-busy", "false");
    const table = h("table", { class: "table members" }, h("thead", {}, h("tr", {}, h("th", {}, "Person"), h("th", {}, "Role"), h("th", {}))), h("tbody", {}, members.map((member) => memberRow(member, mayChange))));
    fill(
      page,
      h("div", { class: "page-head" }, h("h1", {}, "Settings")),
      !mayChange && h("p", { class: "notice" }, "Only an owner of this project can change what stands here."),
      projectForm(project, mayChange),
      panel(formatCount(members.length, "member"), [table, mayChange && addForm()]),
    );
  } catch (error) {
    fill(page, failedState(error, () => void load()));
  }
}

void load();
