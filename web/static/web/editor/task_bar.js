import { isWorkable, presentMasklets } from "../selectors.js";
import { icon } from "../ui/icons.js";
import { h } from "../ui/dom.js";
import { KINDS, saidOn } from "../ui/tasks.js";
import { actButton, setButton } from "./buttons.js";
import { chosenMasklets } from "./task_desk.js";

/**
 * @import {Shortcuts} from "../shortcuts.js"
 * @import {Task} from "../types.js"
 * @import {AppState} from "./state.js"
 */

/** What the task is, and what a person can do with it. */
export class TaskBar {
  /** @param {Task} task @param {Shortcuts} shortcuts */
  constructor(task, shortcuts) {
    const { name, todo } = KINDS[task.kind];
    this.chosen = h("span", { class: "faint small whole", role: "status" });
    this.finish = this.#finish(task, shortcuts);
    this.element = h("section", { class: "task-bar", "aria-label": "Task" },
      h("span", { class: "chip chip-accent" }, name),
      task.queue === "training" && h("span", { class: "chip chip-info", title: "Tasks to learn on" }, "Training"),
      h("span", { class: "task-todo truncate", title: todo }, todo),
      saidOn(task) && h("span", { class: "task-note truncate", title: saidOn(task) }, saidOn(task)),
      h("span", { class: "grow" }), this.chosen,
      actButton(shortcuts, "skip", icon("step_forward"), "Skip…"), actButton(shortcuts, "hold", icon("pause"), "Hold…"), actButton(shortcuts, "give-back", icon("retry"), "Give back"),
      this.finish,
    );
  }

  /** @param {Task} task @param {Shortcuts} shortcuts */
  #finish({ kind }, shortcuts) {
    if (kind === "select") return [actButton(shortcuts, "selected", icon("check"), "Done selecting", "btn-primary")];
    if (kind === "exhaust") return [actButton(shortcuts, "something-left", icon("plus"), "Something is left", ""), actButton(shortcuts, "nothing-left", icon("check"), "Nothing is left", "btn-primary")];
    return [actButton(shortcuts, "submit", "send", "Submit", "btn-primary")];
  }

  /** @param {AppState} state */
  show(state) {
    const { oneFrame, mayPrompt } = state.mode;
    if (oneFrame) this.chosen.textContent = `${chosenMasklets(state).length} chosen`;
    else if (mayPrompt) for (const button of this.finish) setButton(button, { disabled: !presentMasklets(state.domain).some(isWorkable) });
  }
}
