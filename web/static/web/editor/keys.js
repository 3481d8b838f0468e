import { Shortcuts } from "../shortcuts.js";
import { FREE, offers } from "./mode.js";

/**
 * @import {Shortcut} from "../shortcuts.js"
 * @import {Commands} from "./commands.js"
 * @import {Mode} from "./mode.js"
 * @import {TaskDesk} from "./task_desk.js"
 * @import {TaskKind} from "../types.js"
 */

/** What the pointer does, for the overlay. @type {Record<string, [string, string][]>} */
export const GESTURES = {
  "On the frame": [
    ["Left click", "Positive point: this is the object"],
    ["Right click", "Negative point: this is not"],
    ["Click a point", "Take it back"],
    ["Hold Ctrl", "Place several points before the model runs"],
    ["Wheel", "Zoom at the cursor"],
    ["Middle drag", "Move the frame; Shift and drag does too"],
    ["Right drag", "With brush or eraser: the other of the two"],
  ],
};

/** @typedef {[id: string, label: string, keys: readonly string[], run: (key?: string) => void, repeats?: boolean]} Row */

/** @param {string} group @param {Row[]} rows @returns {Shortcut[]} */
function acts(group, rows) {
  return rows.map(([id, label, keys, run, repeats = false]) => ({ id, label, group, keys, run, repeats }));
}

/** The workspace's set of keys. @param {Commands} commands @param {Mode} [mode] @param {TaskDesk | null} [desk] @param {readonly Shortcut[]} [more] those of parts that bring their own */
export function workspaceKeys(commands, mode = FREE, desk = null, more = []) {
  const all = [goKeys, toolKeys, maskletKeys, trackKeys, decideKeys].flatMap((keys) => keys(commands));
  return new Shortcuts([...all.filter(({ id }) => offers(mode, id)), ...(desk ? taskKeys(desk) : []), ...more]);
}

/** @param {TaskDesk} desk */
function taskKeys(desk) {
  return acts("Task", [
    ...(answers(desk)[desk.task.kind] ?? []),
    ["skip", "Skip the task, and say why", ["Alt+S"], () => desk.skip()],
    ["hold", "Put the task on hold", ["Alt+H"], () => desk.hold()],
    ["give-back", "Give the task back", ["Alt+G"], () => desk.giveBack()],
  ]);
}

/** @param {TaskDesk} desk @returns {Partial<Record<TaskKind, Row[]>>} */
function answers(desk) {
  return {
    select: [["selected", "Done selecting", ["Ctrl+Enter"], () => desk.finishSelection()]],
    exhaust: [
      ["nothing-left", "Nothing is left", ["N"], () => desk.answer(false)],
      ["something-left", "Something is left", ["S"], () => desk.answer(true)],
    ],
  };
}

/** @param {Commands} c */
function goKeys(c) {
  return acts("Go", [
    ["play", "Play or pause", ["Space"], () => c.play()],
    ["next", "Next frame", ["F", "ArrowRight"], () => c.step(1), true],
    ["previous", "Previous frame", ["D", "ArrowLeft"], () => c.step(-1), true],
    ["next-ten", "10 frames on", ["V", "Shift+ArrowRight"], () => c.step(10), true],
    ["previous-ten", "10 frames back", ["C", "Shift+ArrowLeft"], () => c.step(-10), true],
    ["next-human", "Next frame a person decided", ["R"], () => c.toHuman(1)],
    ["previous-human", "Previous frame a person decided", ["E"], () => c.toHuman(-1)],
    ["worst", "Worst frame by triage; from there the next worst", ["Q"], () => c.toWorst()],
    ["first", "First frame", ["Home"], () => c.goTo(0)],
    ["last", "Last frame", ["End"], () => c.goTo(Infinity)],
    ["frame", "Go to a frame by number", ["G"], () => c.askFrame()],
    ["slower", "Half speed", ["J"], () => c.changeSpeed(-1)],
    ["faster", "Double speed", ["L"], () => c.changeSpeed(1)],
  ]);
}

/** @param {Commands} c */
function toolKeys(c) {
  return acts("Tools", [
    ["tool-point", "Points", ["W"], () => c.setTool("point")],
    ["tool-box", "Box", ["T"], () => c.setTool("box")],
    ["tool-brush", "Brush", ["B"], () => c.setTool("brush")],
    ["tool-eraser", "Eraser", ["X"], () => c.setTool("eraser")],
    ["tool-hand", "Move the frame", ["M"], () => c.setTool("hand")],
    ["brush-smaller", "Smaller brush", ["["], () => c.brush(1 / 1.25), true],
    ["brush-larger", "Larger brush", ["]"], () => c.brush(1.25), true],
    ["fit", "Whole frame", ["0"], () => c.fit()],
    ["actual-size", "100 %", ["Z"], () => c.actualSize()],
    ["zoom-in", "Closer", ["+", "="], () => c.zoom(1.25), true],
    ["zoom-out", "Farther", ["-"], () => c.zoom(0.8), true],
  ]);
}

/** @param {Commands} c */
function maskletKeys(c) {
  return acts("Masklets", [
    ["add", "New masklet", ["N"], () => c.addMasklet()],
    ["select-next", "Next masklet", ["Tab"], () => c.selectNext(1)],
    ["select-previous", "Previous masklet", ["Shift+Tab"], () => c.selectNext(-1)],
    ["select", "Masklet by its number", ["1", "2", "3", "4", "5", "6", "7", "8", "9"], (key) => c.selectNumber(Number(key))],
    ["rename", "Rename", ["F2"], () => c.rename()],
    ["hide", "Hide or show", ["H"], () => c.toggleHidden()],
    ["outline", "Outlines only", ["Shift+H"], () => c.toggleOutline()],
    ["delete", "Delete", ["Delete"], () => c.deleteMasklet()],
  ]);
}

/** @param {Commands} c */
function trackKeys(c) {
  return acts("Track", [
    ["propagate", "Propagate forward", ["P"], () => c.propagate("forward")],
    ["propagate-back", "Propagate backward", ["Shift+P"], () => c.propagate("backward")],
    ["propagate-both", "Propagate both ways", ["Alt+P"], () => c.propagate("both")],
    ["stop", "Stop; what is done stays. Lets go of a drag, a selection, a tool", ["Escape"], () => c.escape()],
    ["follow", "Follow the newest mask", ["Shift+F"], () => c.toggleFollow()],
  ]);
}

/** @param {Commands} c */
function decideKeys(c) {
  return acts("Decide", [
    ["accept", "Accept the frame", ["K"], () => c.mark("accept")],
    ["absent", "Not visible in the frame", ["O"], () => c.mark("absent")],
    ["clear", "Make the frame unknown again", ["Backspace"], () => c.mark("clear")],
    ["undo", "Undo", ["Ctrl+Z"], () => c.undo("undo")],
    ["redo", "Redo", ["Ctrl+Shift+Z", "Ctrl+Y"], () => c.undo("redo")],
    ["submit", "Submit for review", ["Ctrl+Enter"], () => c.submit()],
    ["save", "Everything is saved as you go", ["Ctrl+S"], () => c.saySaved()],
    ["keys", "This list", ["?", "F1"], () => c.showKeys()],
  ]);
}
