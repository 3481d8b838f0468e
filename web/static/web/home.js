/** All projects of the signed-in person; the only one is opened at once. */

/** @import {Project} from "./types.js" */
import { api } from "./ui/page_api.js";
import { openDialog, toastError } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { emptyState, failedState } from "./ui/parts.js";
import { beginsWithWork, currentMe } from "./ui/shell.js";
import { maskletCounts } from "./ui/video_card.js";

const list = byId("projects", HTMLElement);

/** @param {Project} project */
function card(project) {
  return h(
    "a",
    { class: "card", href: `/projects/${project.slug}` },
    h("span", { class: "row" }, h("strong", { class: "grow truncate" }, project.name), h("span", { class: "faint small" }, project.role)),
    h("span", { class: "muted" }, formatCount(project.counts.videos, "video")),
    maskletCounts(project.counts, { words: true }),
  );
}

function openNewProject() {
  const name = h("input", { class: "input", name: "name", required: true, maxlength: 100, autocomplete: "off" });
  const stride = h("input", { class: "input", name: "stride", type: "number", min: 1, max: 24, value: 4, required: true });
  const form = h(
    "form",
    {},
    h(
      "div",
      { class: "dialog-body" },
      h("label", { class: "field" }, h("span", {}, "Name"), name),
      h("label", { class: "field" }, h("span", {}, "Stride"), stride, h("span", { class: "field-hint" }, "Every n-th frame of the 24 fps working video is annotated. 4 gives SA-V's 6 frames per second.")),
    ),
    h("div", { class: "dialog-foot" }, h("button", { class: "btn btn-primary", type: "submit" }, "Make project")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const project = await api.projects.create({ name: name.value.trim(), stride: Number(stride.value) });
      sessionStorage.clear(); // What the top bar remembers does not know it yet.
      location.assign(`/projects/${project.slug}`);
    } catch (error) {
      toastError(error);
    }
  });
  openDialog("New project", form);
  name.focus();
}

async function load() {
  try {
    const [results, me] = await Promise.all([api.projects.list(), currentMe()]);
    const only = results.length === 1 ? results[0] : undefined;
    if (only && !me.is_staff) return location.replace(`/projects/${only.slug}${beginsWithWork(only.role) ? "/work" : ""}`);
    const button = byId("new-project", HTMLButtonElement);
    button.hidden = !me.is_staff;
    button.onclick = openNewProject;
    if (results.length > 0) return fill(list, ...results.map(card));
    const text = me.is_staff ? "A project holds videos, the people who work on them, and what they make." : "Ask the owner of a project to add you. Then it shows up here.";
    const act = me.is_staff ? h("button", { class: "btn btn-primary", type: "button", onclick: openNewProject }, icon("plus"), "New project") : null;
    return fill(list, emptyState({ symbol: "box", title: "No projects yet", text, act }));
  } catch (error) {
    return fill(list, failedState(error, () => void load()));
  } finally {
    list.setAttribute("aria-busy", "false");
  }
}

void load();
