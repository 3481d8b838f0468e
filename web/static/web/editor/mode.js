import { isWorkable } from "../selectors.js";

/**
 * @import {Masklet, Protocol, SessionEvent, Task} from "../types.js"
 * @import {AppState, ToolName} from "./state.js"
 */

/**
 * What the page offers: by the project's protocol, and by the task that it was opened for.
 *
 * @typedef {object} Mode
 * @property {Task | null} task
 * @property {readonly ToolName[]} tools
 * @property {boolean} mayAdd New masklets, and deleting them.
 * @property {boolean} mayPrompt
 * @property {boolean} mayDecide Accept frames, and declare them absent or unknown.
 * @property {boolean} mayTrack Start passes.
 * @property {boolean} oneFrame Whether a masklet is prompted on one frame only.
 * @property {number} leastEdited Frames that a person has to work on in a masklet for it not to be too easy.
 * @property {string} noPass Why there are no passes, in words; empty where there are.
 */

/** @type {Protocol["tools"]} */
const TOOLS = ["point", "box", "brush", "eraser"];

/** A video opened by oneself, in a project that restricts nothing. @type {Mode} */
export const FREE = { task: null, tools: [...TOOLS, "hand"], mayAdd: true, mayPrompt: true, mayDecide: true, mayTrack: true, oneFrame: false, leastEdited: 0, noPass: "" };

/** @param {Protocol | undefined} protocol @param {Task | null} task @returns {Mode} */
export function modeOf(protocol, task) {
  const tools = TOOLS.filter((tool) => protocol?.tools.includes(tool) ?? true);
  const mayTrack = protocol?.propagate ?? true;
  /** @type {Mode} */
  const mode = { ...FREE, task, tools: [...tools, "hand"], mayTrack, leastEdited: protocol?.min_edited_frames ?? 0, noPass: mayTrack ? "" : "Phase 1: each frame is segmented by itself, nothing is propagated." };
  switch (task?.kind) {
    case "select":
      return { ...mode, mayDecide: false, mayTrack: false, oneFrame: true, noPass: "One frame of each object is enough: nothing is propagated here." };
    case "track":
    case "refine":
      return { ...mode, mayAdd: false };
    case "exhaust":
      return { ...mode, tools: ["hand"], mayAdd: false, mayPrompt: false, mayDecide: false, mayTrack: false, noPass: "Only to look at: nothing is changed here." };
    default:
      return mode;
  }
}

/** Acts that only some modes have, by their ids in the shortcut registry. @type {Readonly<Record<string, (mode: Mode) => boolean>>} */
const NEEDS = {
  "tool-point": ({ tools }) => tools.includes("point"),
  "tool-box": ({ tools }) => tools.includes("box"),
  "tool-brush": ({ tools }) => tools.includes("brush"),
  "tool-eraser": ({ tools }) => tools.includes("eraser"),
  "brush-smaller": paints,
  "brush-larger": paints,
  add: ({ mayAdd }) => mayAdd,
  delete: ({ mayAdd }) => mayAdd,
  rename: ({ mayPrompt }) => mayPrompt,
  undo: ({ mayPrompt }) => mayPrompt,
  redo: ({ mayPrompt }) => mayPrompt,
  save: ({ mayPrompt }) => mayPrompt,
  submit: ({ mayPrompt, oneFrame }) => mayPrompt && !oneFrame,
  accept: ({ mayDecide }) => mayDecide,
  absent: ({ mayDecide }) => mayDecide,
  clear: ({ mayDecide }) => mayDecide,
  propagate: ({ mayTrack }) => mayTrack,
  "propagate-back": ({ mayTrack }) => mayTrack,
  "propagate-both": ({ mayTrack }) => mayTrack,
  follow: ({ mayTrack }) => mayTrack,
};

/** @param {Mode} mode */
function paints({ tools }) {
  return tools.includes("brush") || tools.includes("eraser");
}

/** Whether an act is on the page. @param {Mode} mode @param {string} id */
export function offers(mode, id) {
  return NEEDS[id]?.(mode) ?? true;
}

/** Whether the masklet is this person's to change here: of a selection what they began in it. @param {Pick<AppState, "mode" | "begun">} state @param {Masklet} masklet */
export function mayChange({ mode, begun }, masklet) {
  return isWorkable(masklet) && (!mode.oneFrame || begun.has(masklet.id));
}

/** Whether the project asks for edited frames in it: not in what a model proposed, nor in what was sent back. @param {Pick<AppState, "mode">} state @param {Masklet} masklet */
export function asksForEdits({ mode }, masklet) {
  return mode.leastEdited > 0 && masklet.type === "manual" && masklet.state === "in_work";
}

/** Whether the masklet, handed in as it stands, is set aside. @param {Pick<AppState, "mode">} state @param {Masklet} masklet */
export function isTooEasy({ mode }, masklet) {
  return asksForEdits({ mode }, masklet) && masklet.edited_frame_count < mode.leastEdited;
}

/** Whether an event is about what the page shows: a task shows its own masklets, whatever else is done in the video. @param {AppState} state @param {SessionEvent} event */
export function concerns({ domain, mode }, event) {
  if (!mode.task) return true;
  const known = (/** @type {number} */ id) => domain.masklets.some((masklet) => masklet.id === id);
  switch (event.type) {
    case "masklet":
      return known(event.data.id) || (mode.mayAdd && event.data.created_by === domain.session.user && event.data.state === "in_work");
    case "change":
      return known(event.data.masklet.id);
    case "masks":
      return event.data.propagation.masklets.some(known);
    case "propagation":
      return event.data.masklets.some(known);
    case "click_failed":
      return known(event.data.masklet);
    default:
      return true;
  }
}
