/** A project's settings, its protocol and its members. */

/** @import {Project} from "./types.js" */
import { membersPanel } from "./settings/members.js";
import { labelled } from "./settings/fields.js";
import { protocolForm } from "./settings/protocol_form.js";
import { toast, toastError } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { api } from "./ui/page_api.js";
import { failedState, panel } from "./ui/parts.js";
import { mayDo } from "./ui/shell.js";
import { keepUnsaved } from "./ui/unsaved.js";

const GB = 1e9; // bytes
const MEGAPIXEL = 1e6;

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);

/** Shown limits are rounded, so only what a person wrote is sent. @param {HTMLInputElement} input */
const touched = (input) => input.value !== input.defaultValue;

/** @param {Project} project @param {boolean} mayOwn */
function projectForm(project, mayOwn) {
  const disabled = !mayOwn;
  const number = (/** @type {string} */ name, /** @type {number} */ value, /** @type {number} */ min) => h("input", { class: "input", type: "number", name, value: Number(value.toFixed(2)), min, step: "any", required: true, disabled });
  const name = h("input", { class: "input", name: "name", value: project.name, required: true, maxlength: 100, disabled, autocomplete: "off" });
  const stride = h("input", { class: "input", value: project.stride, disabled: true });
  const upload = number("upload", project.max_upload_bytes / GB, 0.01);
  const duration = number("duration", project.max_duration_s, 1);
  const pixels = number("pixels", project.max_pixels / MEGAPIXEL, 0.01);
  const save = h("button", { class: "btn btn-primary", type: "submit", disabled: true }, "Save");
  const form = h(
    "form",
    { class: "panel-body stack", "aria-label": "Project" },
    h("div", { class: "fields" }, labelled("Name", name), labelled("Stride", stride, "Every n-th frame is annotated."), labelled("Largest upload, GB", upload), labelled("Longest video, seconds", duration), labelled("Largest frame, megapixels", pixels)),
    mayOwn && h("div", { class: "row" }, save),
  );
  keepUnsaved(form, () => !save.disabled);
  form.addEventListener("input", () => { save.disabled = false; });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      await api.projects.change(slug, {
        name: name.value.trim(),
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

async function load() {
  try {
    const [project, members] = await Promise.all([api.projects.get(slug), api.projects.members(slug)]);
    const mayOwn = mayDo(project.role, "own");
    const maySteer = mayDo(project.role, "steer");
    fill(
      page,
      h("div", { class: "page-head" }, h("h1", {}, "Settings"), h("div", { class: "grow" }), h("a", { class: "btn", href: `/projects/${slug}/verifier` }, "Verifier model")),
      !mayOwn && h("p", { class: "notice settings-notice" }, "You steer the protocol, queues and skills; only an owner changes the rest."),
      protocolForm(project, { maySteer, mayOwn }),
      membersPanel({ slug, maySteer, mayOwn }, members),
      projectForm(project, mayOwn),
    );
  } catch (error) {
    fill(page, failedState(error, () => void load()));
  }
  page.setAttribute("aria-busy", "false");
}

void load();
