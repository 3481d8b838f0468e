/** What the task is, how far the batch is, and what may be done with the task itself; without one, how the masklet stands. */

/** @import {Shortcuts} from "../shortcuts.js" */
/** @import {Look, Masklet, Task} from "../types.js" */
/** @import {IconName} from "../ui/icons.js" */
import { actButton } from "../editor/buttons.js";
import { askButton, askedOf } from "../queue/ask.js";
import { fill, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { api } from "../ui/page_api.js";
import { stateChip } from "../ui/parts.js";
import { currentMe, mayDo } from "../ui/shell.js";
import { KINDS, saidOn } from "../ui/tasks.js";

/** @type {readonly [string, IconName, string][]} */
const ACTS = [["previous", "chevron_left", ""], ["following", "chevron_right", ""], ["skip", "step_forward", "Skip…"], ["hold", "pause", "Hold…"], ["give_back", "retry", "Give back"], ["leave", "cross", "Leave batch"]];

/** @param {Task} task @param {Shortcuts} keys @param {HTMLElement | null} strip @returns {HTMLElement} */
export function taskBar(task, keys, strip) {
  const { name, todo } = KINDS[task.kind];
  return h(
    "section",
    { class: "task-bar", "aria-label": "Task" },
    h("span", { class: "chip chip-accent" }, name),
    task.queue === "training" && h("span", { class: "chip chip-info", title: "Tasks to learn on" }, "Training"),
    h("span", { class: "task-todo truncate", title: todo }, todo),
    saidOn(task) && h("span", { class: "task-note truncate", title: saidOn(task) }, saidOn(task)),
    h("span", { class: "grow" }),
    strip,
    ACTS.filter(([id]) => keys.has(id)).map(([id, symbol, text]) => actButton(keys, id, icon(symbol), text)),
  );
}

/** What who steers can have done with the masklet, or what is open on it. @param {string} project slug @param {Masklet} masklet @param {string} why it was set aside @param {HTMLElement} place to show it in @param {() => void} done looks again */
async function offerTasks(project, masklet, why, place, done) {
  const { results } = await api.tasks.list(project, { masklet: String(masklet.id), state: "open" });
  const kind = askedOf(masklet.state, why);
  const open = results.map(({ kind: asked, holder }) => h("span", { class: "chip" }, `${KINDS[asked].name}: ${holder ?? "waiting"}`));
  const ask = kind && results.length === 0 && askButton({ slug: project, kind, masklet: masklet.id, on: masklet.name, done });
  fill(place, ...open, ask);
}

/** @param {Look} look @param {Masklet} masklet @returns {HTMLElement} */
export function lookBar(look, masklet) {
  const { video } = look;
  const { id } = masklet;
  const review = h("a", { class: "btn btn-small", href: `/masklets/${id}/review`, hidden: true }, "Review it");
  const asks = h("span", { class: "row" });
  const stands = h("span", { class: "row" });
  const show = async (/** @type {Masklet} */ now, /** @type {string} */ why) => {
    fill(stands, stateChip(now.state, why ? `Set aside: ${why.replace("_", " ")}` : undefined));
    const { projects } = await currentMe();
    const role = projects.find(({ slug }) => slug === video.project)?.role;
    review.hidden = now.state !== "submitted" || !mayDo(role, "review");
    if (mayDo(role, "steer")) await offerTasks(video.project, now, why, asks, () => void lookAgain());
  };
  const lookAgain = () => api.masklets.get(id).then((now) => show(now, now.state === "set_aside" ? look.set_aside : "")).catch(() => undefined);
  void show(masklet, look.set_aside).catch(() => undefined);
  return h(
    "section",
    { class: "task-bar", "aria-label": "Masklet" },
    stands,
    h("span", { class: "task-todo truncate" }, "You are looking only: nothing is held, judged or counted."),
    h("span", { class: "grow" }),
    asks,
    review,
    h("a", { class: "btn btn-small", href: `/videos/${video.id}` }, "The video"),
  );
}
