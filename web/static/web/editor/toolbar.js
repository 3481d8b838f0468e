import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { actButton, setButton } from "./buttons.js";

/**
 * @import {Shortcuts} from "../shortcuts.js"
 * @import {AppState, ToolName} from "./state.js"
 * @import {ToolIcon} from "./icons.js"
 */

/** @type {readonly [ToolName, ToolIcon][]} */
const TOOLS = [["point", "point"], ["box", "frame_box"], ["brush", "brush"], ["eraser", "eraser"], ["hand", "hand"]];
const SLIDER_STEPS = 60;
const BRUSH_LEAST = 1; // video pixels, radius
const BRUSH_MOST = 200;

/** The tools at the left, and the size of brush and eraser. */
export class Toolbar {
  /** @param {Shortcuts} shortcuts @param {{brush: (radius: number) => void}} acts */
  constructor(shortcuts, acts) {
    this.tools = TOOLS.filter(([name]) => shortcuts.has(`tool-${name}`)).map(([name, symbol]) => ({ name, button: actButton(shortcuts, `tool-${name}`, symbol) }));
    this.outline = actButton(shortcuts, "outline", icon("outline"));
    this.size = h("output", { class: "brush-size" });
    /** @type {HTMLInputElement} */
    this.slider = h("input", { type: "range", class: "brush-slider", min: 0, max: SLIDER_STEPS, "aria-label": "Brush size", title: "Brush size ([ and ])", oninput: () => acts.brush(radiusOf(Number(this.slider.value))) });
    this.brush = h("div", { class: "brush-panel" }, this.slider, this.size);
    this.element = h("div", { class: "toolbar", role: "toolbar", "aria-label": "Tools", "aria-orientation": "vertical" },
      this.tools.map(({ button }) => button), this.brush,
      h("div", { class: "toolbar-rest" }, this.outline, actButton(shortcuts, "fit", "fit")),
    );
  }

  /** @param {AppState} state */
  show({ view }) {
    for (const { name, button } of this.tools) setButton(button, { pressed: view.tool === name });
    setButton(this.outline, { pressed: view.outlineOnly });
    this.brush.hidden = view.tool !== "brush" && view.tool !== "eraser";
    this.slider.value = String(stepOf(view.brush));
    this.size.textContent = `${Math.round(view.brush * 2)} px`;
  }
}

/** Small sizes need finer steps than large ones. @param {number} step */
function radiusOf(step) {
  return BRUSH_LEAST * (BRUSH_MOST / BRUSH_LEAST) ** (step / SLIDER_STEPS);
}

/** @param {number} radius */
function stepOf(radius) {
  return Math.round((SLIDER_STEPS * Math.log(Math.max(radius, BRUSH_LEAST) / BRUSH_LEAST)) / Math.log(BRUSH_MOST / BRUSH_LEAST));
}
