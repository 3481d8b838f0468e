import { reduce as reduceDomain, stateOf } from "../store.js";
import { annotatedFrameAt, humanFrames, maskletOf, presentMasklets, refineMarks } from "../selectors.js";
import { mayChange, modeOf } from "./mode.js";

/**
 * @import {Masklet, Snapshot, Task} from "../types.js"
 * @import {Action, DomainState} from "../store.js"
 * @import {Mode} from "./mode.js"
 */

const BRUSH_FIRST = 1 / 40; // of the frame's shorter side
const BRUSH_LEAST = 0.5; // video pixels, radius
const BRUSH_MOST = 400;

/**
 * How this person looks at it: nothing of this is sent.
 *
 * @typedef {"point" | "box" | "brush" | "eraser" | "hand"} ToolName
 * @typedef {"human" | "end" | "frame"} Reach
 *
 * @typedef {object} ViewState
 * @property {number} frame
 * @property {1 | -1} direction The last way the person went.
 * @property {number | null} selected Masklet.
 * @property {boolean} making A masklet is on its way, to be selected when it is there: nothing else is until then.
 * @property {ToolName} tool
 * @property {number} brush Radius in video pixels.
 * @property {ReadonlySet<number>} hidden Masklets.
 * @property {boolean} outlineOnly
 * @property {boolean} follow Whether the view goes to the newest mask of a pass.
 * @property {Reach} reach How far a pass goes.
 * @property {number | null} target The frame that reach "frame" goes to.
 * @property {boolean} together Whether a pass takes all masklets along.
 * @property {boolean} playing
 * @property {number} speed
 *
 * @typedef {{domain: DomainState, view: ViewState, mode: Mode, begun: ReadonlySet<number>}} AppState Masklets in `begun` are of this selection, by this person.
 * @typedef {{type: "view", view: Partial<ViewState>}
 *   | {type: "goto", frame: number}
 *   | {type: "select", masklet: number | null}
 *   | {type: "making"}
 *   | {type: "hide", masklet: number, hidden: boolean}
 *   | {type: "brush", factor: number}} ViewAction
 */

/** @param {Snapshot} snapshot @param {Task | null} [task] The one that the page was opened for. @returns {AppState} */
export function appStateOf(snapshot, task = null) {
  const domain = stateOf(snapshot);
  const mode = modeOf(snapshot.protocol, task);
  const { height, width } = snapshot.video;
  const begun = new Set(snapshot.begun);
  const first = presentMasklets(domain).find((masklet) => mayChange({ mode, begun }, masklet)) ?? (mode.oneFrame ? null : presentMasklets(domain)[0]) ?? null;
  return {
    domain,
    mode,
    begun,
    view: {
      frame: task && first ? firstFrame(domain, first) : 0,
      direction: 1,
      selected: first?.id ?? null,
      making: false,
      tool: mode.tools[0] ?? "hand",
      brush: Math.max(Math.min(height, width) * BRUSH_FIRST, 2),
      hidden: new Set(),
      outlineOnly: false,
      follow: true,
      reach: "human",
      target: null,
      together: false,
      playing: false,
      speed: 1,
    },
  };
}

/** Where work on a masklet begins: at the first mark of a reviewer, else where it was selected. @param {DomainState} domain @param {Masklet} masklet */
function firstFrame(domain, masklet) {
  const marked = refineMarks(masklet).map((mark) => mark.frame_index);
  const frames = marked.length > 0 ? marked : humanFrames(domain, masklet.id);
  return annotatedFrameAt(domain.video, frames.length > 0 ? Math.min(...frames) : 0);
}

/** @param {AppState} state @param {Action | ViewAction} action @returns {AppState} */
export function reduce(state, action) {
  switch (action.type) {
    case "view":
      return { ...state, view: { ...state.view, ...action.view } };
    case "goto":
      return { ...state, view: gone(state, action.frame) };
    case "select":
      return { ...state, view: { ...state.view, selected: action.masklet, making: false } };
    case "making":
      return { ...state, view: { ...state.view, selected: null, making: true } };
    case "hide":
      return { ...state, view: { ...state.view, hidden: withMember(state.view.hidden, action.masklet, action.hidden) } };
    case "brush": {
      const brush = Math.min(Math.max(state.view.brush * action.factor, BRUSH_LEAST), BRUSH_MOST);
      return { ...state, view: { ...state.view, brush } };
    }
    default:
      return withValidSelection(withBegun(state, reduceDomain(state.domain, action)));
  }
}

/** A masklet that this person makes while the page is open is theirs. @param {AppState} state @param {DomainState} domain @returns {AppState} */
function withBegun(state, domain) {
  const made = domain.masklets.filter(({ id, created_by }) => created_by === domain.session.user && !maskletOf(state.domain, id));
  return { ...state, domain, begun: made.length > 0 ? new Set([...state.begun, ...made.map(({ id }) => id)]) : state.begun };
}

/** @param {AppState} state @param {number} frame @returns {ViewState} */
function gone({ domain, view }, frame) {
  const next = annotatedFrameAt(domain.video, frame);
  if (next === view.frame) return view;
  return { ...view, frame: next, direction: next > view.frame ? 1 : -1 };
}

/** A masklet that was deleted is selected no longer: the next one is. @param {AppState} state @returns {AppState} */
function withValidSelection(state) {
  const selected = maskletOf(state.domain, state.view.selected);
  if (state.view.making || (selected && !selected.deleted)) return state;
  const others = presentMasklets(state.domain).filter((masklet) => !state.mode.oneFrame || mayChange(state, masklet));
  const after = selected ? others.find((other) => other.number > selected.number) : undefined;
  const next = (after ?? others.at(-1))?.id ?? null;
  return next === state.view.selected ? state : { ...state, view: { ...state.view, selected: next } };
}

/** @param {ReadonlySet<number>} set @param {number} member @param {boolean} isIn */
function withMember(set, member, isIn) {
  const copy = new Set(set);
  if (isIn) copy.add(member);
  else copy.delete(member);
  return copy;
}
