import { maskletOf, promptsOf, shownCounts } from "../selectors.js";
import { BoxTool } from "../tools/box.js";
import { BrushTool } from "../tools/brush.js";
import { HandTool } from "../tools/hand.js";
import { PointsTool } from "../tools/points.js";
import { mayChange } from "./mode.js";

/**
 * @import {NewPrompt, PointPrompt} from "../types.js"
 * @import {Store} from "../store.js"
 * @import {Acts} from "./acts.js"
 * @import {Stage, Tool} from "./stage.js"
 * @import {AppState, ToolName} from "./state.js"
 */

/** The workspace's tools, and what they have in hand that is not sent yet. */
export class ToolBox {
  painting = false;
  /** @type {readonly PointPrompt[]} */
  held = [];

  /** @param {Store<AppState, any>} store @param {Acts} acts @param {() => Stage} stage @param {(message: string) => void} say */
  constructor(store, acts, stage, say) {
    this.store = store;
    this.acts = acts;
    this.stage = stage;
    this.say = say;
    const viewport = () => stage().viewport;
    this.points = new PointsTool({
      viewport,
      prompts: () => this.#selectedPrompts(),
      place: (points) => this.#place(points),
      remove: (prompt) => this.#remove(prompt),
      hold: (held) => {
        this.held = held;
        stage().redraw();
      },
    });
    /** @type {Record<ToolName, Tool>} */
    this.tools = {
      point: this.points,
      box: new BoxTool({ viewport, place: (box) => this.#place([box]) }),
      brush: this.#brush(false),
      eraser: this.#brush(true),
      hand: new HandTool((dx, dy) => stage().look(viewport().panned(dx, dy))),
    };
  }

  get inHand() {
    return this.tools[this.store.state.view.tool];
  }

  /** @param {boolean} erases */
  #brush(erases) {
    const view = () => this.store.state.view;
    return new BrushTool(this.store.state.domain.video, erases, {
      mayPaint: () => this.#mayPaint(),
      counts: () => {
        const { selected, frame } = view();
        return selected === null ? null : shownCounts(this.store.state.domain, selected, frame);
      },
      color: () => maskletOf(this.store.state.domain, view().selected)?.color ?? 0,
      radius: () => view().brush,
      onPaint: (painting) => {
        this.painting = painting;
        this.stage().redraw();
      },
      place: (counts) => this.#place([{ kind: "mask", counts }]),
    });
  }

  #mayPaint() {
    const masklet = maskletOf(this.store.state.domain, this.store.state.view.selected);
    if (!masklet || mayChange(this.store.state, masklet)) return true;
    this.say(`${masklet.name} cannot be changed now.`);
    return false;
  }

  #selectedPrompts() {
    const { domain, view } = this.store.state;
    return view.selected === null ? [] : promptsOf(domain, view.selected, view.frame);
  }

  /** @param {NewPrompt[]} prompts */
  #place(prompts) {
    const { selected, frame } = this.store.state.view;
    this.acts.prompt(selected, frame, prompts);
  }

  /** @param {number} prompt */
  #remove(prompt) {
    const { selected } = this.store.state.view;
    if (selected !== null) this.acts.removePrompt(selected, prompt);
  }
}
