/** "What is next for me": masklets to refine, then the next free video. */

/** @import {Project, Verdict} from "../types.js" */
import { api } from "./page_api.js";
import { fill, h } from "./dom.js";
import { formatCount } from "./format.js";
import { icon } from "./icons.js";
import { stateChip } from "./parts.js";
import { mayDo } from "./shell.js";

const REFINE_SHOWN = 3;

/** @param {Verdict} verdict */
function whatToDo(verdict) {
  const marks = verdict.marks.length > 0 ? formatCount(verdict.marks.length, "mark") : "";
  return [verdict.comment, marks].filter(Boolean).join(" · ");
}

/**
 * @param {HTMLElement} section
 * @param {Project} project
 */
export async function showWork(section, project) {
  const waiting = project.counts.submitted;
  const review = mayDo(project.role, "review") && waiting > 0
    ? h("a", { class: "work-item", href: `/projects/${project.slug}/reviews` }, stateChip("submitted", "Review"), h("span", { class: "grow truncate" }, `${formatCount(waiting, "masklet")} waiting for a verdict`), icon("chevron_right"))
    : null;
  const work = mayDo(project.role, "annotate") ? await api.projects.work(project.slug) : { refine: [], next_video: null };
  const refine = work.refine.slice(0, REFINE_SHOWN).map(({ masklet, video, verdict }) => h(
    "a",
    { class: "work-item", href: `/videos/${video.id}/annotate?masklet=${masklet.id}` },
    stateChip("refine", "Refine"),
    h("span", { class: "truncate" }, `${masklet.name} in ${video.name}`),
    h("span", { class: "grow truncate muted" }, whatToDo(verdict)),
    icon("chevron_right"),
  ));
  const next = work.next_video && h(
    "a",
    { class: "work-item work-next", href: `/videos/${work.next_video.id}/annotate` },
    h("span", { class: "chip chip-accent" }, "Next for me"),
    h("span", { class: "grow truncate" }, work.next_video.name),
    h("span", { class: "btn btn-primary btn-small" }, "Start annotating"),
  );
  section.hidden = !review && refine.length === 0 && !next;
  fill(section, refine, next, review);
}
