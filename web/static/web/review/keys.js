/** The keys of the review page; each act has its button as well. */

/** @import {Shortcut} from "../shortcuts.js" */

/**
 * @typedef {object} Acts
 * @property {() => void} play
 * @property {(slots: number) => void} step
 * @property {(direction: 1 | -1) => void} edited
 * @property {(end: "first" | "last") => void} jump
 * @property {(direction: 1 | -1) => void} speed
 * @property {() => void} loop
 * @property {() => void} overlay
 * @property {() => void} mark
 * @property {() => void} markFrame
 * @property {() => void} cancel
 * @property {() => void} satisfactory
 * @property {() => void} unsatisfactory
 * @property {() => void} reject
 * @property {() => void} fit
 * @property {(factor: number) => void} zoom
 * @property {() => void} help
 */

const FAR = 10; // annotated frames
const ZOOM = 1.25;

/** @param {Acts} acts @returns {Shortcut[]} */
export function reviewKeys(acts) {
  return [
    { id: "play", group: "Play", label: "Play or pause", keys: ["Space"], run: acts.play },
    { id: "back", group: "Play", label: "One annotated frame back", keys: ["D", "ArrowLeft"], repeats: true, run: () => acts.step(-1) },
    { id: "forward", group: "Play", label: "One annotated frame forward", keys: ["F", "ArrowRight"], repeats: true, run: () => acts.step(1) },
    { id: "far_back", group: "Play", label: "Ten back", keys: ["C", "Shift+ArrowLeft"], repeats: true, run: () => acts.step(-FAR) },
    { id: "far_forward", group: "Play", label: "Ten forward", keys: ["V", "Shift+ArrowRight"], repeats: true, run: () => acts.step(FAR) },
    { id: "edited_back", group: "Play", label: "Previous frame a person decided", keys: ["Shift+E"], run: () => acts.edited(-1) },
    { id: "edited_forward", group: "Play", label: "Next frame a person decided", keys: ["E"], run: () => acts.edited(1) },
    { id: "first", group: "Play", label: "First frame", keys: ["Home"], run: () => acts.jump("first") },
    { id: "last", group: "Play", label: "Last frame", keys: ["End"], run: () => acts.jump("last") },
    { id: "slower", group: "Play", label: "Half speed", keys: ["J"], run: () => acts.speed(-1) },
    { id: "faster", group: "Play", label: "Double speed", keys: ["L"], run: () => acts.speed(1) },
    { id: "loop", group: "Play", label: "Loop", keys: ["Shift+L"], run: acts.loop },
    { id: "overlay", group: "View", label: "Overlay: on, outline, off", keys: ["H"], run: acts.overlay },
    { id: "fit", group: "View", label: "Whole frame", keys: ["0"], run: acts.fit },
    { id: "zoom_in", group: "View", label: "Zoom in", keys: ["+", "="], repeats: true, run: () => acts.zoom(ZOOM) },
    { id: "zoom_out", group: "View", label: "Zoom out", keys: ["-"], repeats: true, run: () => acts.zoom(1 / ZOOM) },
    { id: "mark", group: "Verdict", label: "Mark a place", keys: ["I"], run: acts.mark },
    { id: "mark_frame", group: "Verdict", label: "Mark the whole frame", keys: ["Shift+I"], run: acts.markFrame },
    { id: "cancel", group: "Verdict", label: "Stop marking", keys: ["Escape"], run: acts.cancel },
    { id: "satisfactory", group: "Verdict", label: "Satisfactory", keys: ["A"], run: acts.satisfactory },
    { id: "unsatisfactory", group: "Verdict", label: "Unsatisfactory", keys: ["S"], run: acts.unsatisfactory },
    { id: "reject", group: "Verdict", label: "Reject: not a well-defined object", keys: ["R"], run: acts.reject },
    { id: "help", group: "View", label: "This list", keys: ["?", "F1"], run: acts.help },
  ];
}
