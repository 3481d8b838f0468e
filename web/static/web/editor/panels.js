import { h } from "../ui/dom.js";
import { Doubts } from "./doubts.js";
import { FramePanel } from "./frame_panel.js";
import { Header } from "./header.js";
import { MaskletList } from "./masklet_list.js";
import { Notes } from "./notes.js";
import { PropagateBar } from "./propagate_bar.js";
import { TaskBar } from "./task_bar.js";
import { Toolbar } from "./toolbar.js";
import { Transport } from "./transport.js";

/**
 * @import {Workspace} from "./workspace.js"
 * @import {AppState} from "./state.js"
 */

const LEGEND = /** @type {const} */ (["unknown", "predicted", "edited", "accepted", "absent", "suspicious"]);

/** What stands around the canvas, and how it is laid out. */
export class Panels {
  /** @param {Workspace} workspace */
  constructor(workspace) {
    const { keys, commands, acts, store, stage, banner, timeline } = workspace;
    const goTo = (/** @type {number} */ frame) => commands.goTo(frame);
    const look = (/** @type {object} */ view) => store.dispatch({ type: "view", view });
    this.header = new Header(store.state, keys, { retry: () => workspace.outbox.retryNow(), close: () => void workspace.close() });
    this.toolbar = new Toolbar(keys, { brush: (brush) => look({ brush }) });
    this.masklets = new MaskletList(keys, {
      select: (masklet) => commands.select(masklet),
      toggleHidden: (masklet) => commands.toggleHidden(masklet),
      edit: (masklet, data) => acts.editMasklet(masklet, data),
      remove: (masklet) => acts.deleteMasklet(masklet),
      restore: (masklet) => acts.restoreMasklet(masklet),
    });
    this.notes = new Notes(goTo);
    this.doubts = new Doubts();
    this.transport = new Transport(keys, goTo);
    const { mode } = store.state;
    this.task = mode.task && new TaskBar(mode.task, keys);
    this.frame = mode.mayDecide ? new FramePanel(keys) : null;
    this.propagate = mode.mayTrack ? new PropagateBar(keys, { look }) : null;
    this.zoom = zoomPanel(workspace);
    const room = h("div", { class: "stage" }, stage.element, banner.element, banner.hint, this.zoom.element);
    const side = h("aside", { class: "side" }, this.masklets.element, this.doubts.element, this.notes.element, workspace.threads.element, legend());
    const noPass = h("span", { class: "no-pass faint small" }, mode.noPass);
    const controls = h("div", { class: "controls" }, this.transport.element, this.frame?.element, this.propagate?.element ?? noPass);
    this.element = h("div", { class: "editor-room" }, this.header.element, this.task?.element, this.toolbar.element, room, side, controls, timeline.element);
    this.element.classList.toggle("editor-image", store.state.domain.video.annotated_count < 2);
    this.element.addEventListener("click", (event) => returnFocus(event, stage.canvas));
    stage.element.addEventListener("viewport", () => this.zoom.show());
  }

  /** @param {AppState} state */
  show(state) {
    for (const panel of [this.header, this.task, this.toolbar, this.masklets, this.doubts, this.notes, this.transport, this.frame, this.propagate]) panel?.show(state);
  }
}

/** A button that was clicked with the pointer gives the keys back to the frame, or Space would press it again. @param {MouseEvent} event @param {HTMLElement} canvas */
function returnFocus(event, canvas) {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button && event.detail > 0 && document.activeElement === button) canvas.focus({ preventScroll: true });
}

/** @param {Workspace} workspace */
function zoomPanel({ stage, keys }) {
  const show = () => (value.textContent = `${Math.round(stage.viewport.scale * 100)} %`);
  const value = h("button", { class: "btn btn-ghost btn-small zoom-value", type: "button", title: keys.tooltip("actual-size"), onclick: () => stage.actualSize() });
  const fit = h("button", { class: "btn btn-ghost btn-small", type: "button", title: keys.tooltip("fit"), onclick: () => stage.fit() }, "Fit");
  return { element: h("div", { class: "zoom-panel" }, value, fit), show };
}

function legend() {
  const rows = LEGEND.map((state) => h("li", {}, h("span", { class: `frame-state frame-state-${state}` }, state)));
  return h("section", { class: "legend", "aria-label": "Frame states" }, h("ul", {}, rows));
}
