/** The keys of the pages on which a person judges; each act has its button as well. */

/** @import {Shortcut} from "../shortcuts.js" */
/** @import {Clip} from "./clip.js" */

const FAR = 10; // annotated frames
const ZOOM = 1.25;

/** What may be done with the task itself; a batch has the last three. @typedef {{skip: () => void, hold: () => void, giveBack: () => void, previous?: () => void, following?: () => void, leave?: () => void}} TaskActs */
/** @typedef {{overlay: () => void, fit: () => void, zoom: (factor: number) => void, help: () => void}} ViewActs */
/** @typedef {{mark: () => void, markFrame: () => void, cancel: () => void, satisfactory: () => void, unsatisfactory: () => void, reject: () => void}} VerdictActs */
/** What E goes to. @typedef {{label: string, to: (direction: 1 | -1) => void}} Landmark */

/** @param {Clip} clip @param {Landmark} landmark @returns {Shortcut[]} */
export function playKeys(clip, { label, to }) {
  const step = (/** @type {number} */ slots) => clip.jump(clip.frame + slots * clip.video.stride);
  const group = "Play";
  return [
    { id: "play", group, label: "Play or pause", keys: ["Space"], run: () => clip.player.toggle() },
    { id: "back", group, label: "One annotated frame back", keys: ["D", "ArrowLeft"], repeats: true, run: () => step(-1) },
    { id: "forward", group, label: "One annotated frame forward", keys: ["F", "ArrowRight"], repeats: true, run: () => step(1) },
    { id: "far_back", group, label: "Ten back", keys: ["C", "Shift+ArrowLeft"], repeats: true, run: () => step(-FAR) },
    { id: "far_forward", group, label: "Ten forward", keys: ["V", "Shift+ArrowRight"], repeats: true, run: () => step(FAR) },
    { id: "landmark_back", group, label: `Previous frame ${label}`, keys: ["Shift+E"], run: () => to(-1) },
    { id: "landmark_forward", group, label: `Next frame ${label}`, keys: ["E"], run: () => to(1) },
    ...(clip.parts.attention ? [{ id: "unseen", group, label: "Next frame that you were not shown yet", keys: ["U"], run: () => clip.toUnseen() }] : []),
    { id: "first", group, label: "First frame", keys: ["Home"], run: () => clip.jump(0) },
    { id: "last", group, label: "Last frame", keys: ["End"], run: () => clip.jump(clip.last) },
    { id: "slower", group, label: "Half speed", keys: ["J"], run: () => clip.changeSpeed(-1) },
    { id: "faster", group, label: "Double speed", keys: ["L"], run: () => clip.changeSpeed(1) },
    { id: "loop", group, label: "Loop", keys: ["Shift+L"], run: () => clip.toggleLoop() },
  ];
}

/** @param {ViewActs} acts @param {readonly string[]} fit keys @returns {Shortcut[]} */
export function viewKeys(acts, fit = ["0"]) {
  const group = "View";
  return [
    { id: "overlay", group, label: "Overlay: on, outline, off", keys: ["H"], run: acts.overlay },
    { id: "fit", group, label: "Whole frame", keys: fit, run: acts.fit },
    { id: "zoom_in", group, label: "Zoom in", keys: ["+", "="], repeats: true, run: () => acts.zoom(ZOOM) },
    { id: "zoom_out", group, label: "Zoom out", keys: ["-"], repeats: true, run: () => acts.zoom(1 / ZOOM) },
    { id: "help", group, label: "This list", keys: ["?", "F1"], run: acts.help },
  ];
}

/** @param {VerdictActs} acts @returns {Shortcut[]} */
export function verdictKeys(acts) {
  const group = "Verdict";
  return [
    { id: "mark", group, label: "Mark a place", keys: ["I"], run: acts.mark },
    { id: "mark_frame", group, label: "Mark the whole frame", keys: ["Shift+I"], run: acts.markFrame },
    { id: "cancel", group, label: "Stop marking", keys: ["Escape"], run: acts.cancel },
    { id: "satisfactory", group, label: "Satisfactory", keys: ["A"], run: acts.satisfactory },
    { id: "unsatisfactory", group, label: "Unsatisfactory", keys: ["S"], run: acts.unsatisfactory },
    { id: "reject", group, label: "Reject: not a well-defined object", keys: ["R"], run: acts.reject },
  ];
}

/** @param {TaskActs} acts @param {boolean} isOver judged already: there is nothing to skip @returns {Shortcut[]} */
export function taskKeys({ skip, hold, giveBack, previous, following, leave }, isOver) {
  const group = "Task";
  /** @type {Shortcut[]} */
  const own = [
    { id: "skip", group, label: "Skip the task, and say why", keys: ["Alt+S"], run: skip },
    { id: "hold", group, label: "Put the task on hold", keys: ["Alt+H"], run: hold },
    { id: "give_back", group, label: "Give the task back", keys: ["Alt+G"], run: giveBack },
  ];
  return [
    ...(isOver ? [] : own),
    ...(previous ? [{ id: "previous", group, label: "Look at the clip before", keys: ["["], run: previous }] : []),
    ...(following ? [{ id: "following", group, label: "On to the clip after", keys: ["]"], run: following }] : []),
    ...(leave ? [{ id: "leave", group, label: "Leave the batch, and give back the rest", keys: ["Alt+Q"], run: leave }] : []),
  ];
}
