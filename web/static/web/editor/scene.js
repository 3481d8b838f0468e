import { swatchOf } from "../palette.js";
import {
  isAwaiting, maskletOf, maskOf, presentMasklets, promptsOf, propagationOf, refineMarks, shownCounts, signOf, frameStateOf, suspicionOf,
} from "../selectors.js";
import { mayChange } from "./mode.js";

/**
 * @import {PointPrompt} from "../types.js"
 * @import {ShownMask} from "../layers/masks.js"
 * @import {ShownPrompt} from "../layers/prompts.js"
 * @import {Lane} from "../timeline_lanes.js"
 * @import {AppState} from "./state.js"
 */

/** The masks to draw on a frame. `painting` leaves the selected one to the brush. @param {AppState} state @param {number} frame @param {boolean} painting @returns {ShownMask[]} */
export function shownMasks(state, frame, painting) {
  const { domain, view, mode } = state;
  return presentMasklets(domain).flatMap((masklet) => {
    const { id, color } = masklet;
    const selected = id === view.selected;
    if (view.hidden.has(id) || (selected && painting)) return [];
    const counts = shownCounts(domain, id, frame);
    return counts ? [{ counts, color, number: signOf(masklet), selected, dimmed: mode.oneFrame && !mayChange(state, masklet) }] : [];
  });
}

/** The selected masklet's prompts on this frame: stored, on their way, and held back with Ctrl. @param {AppState} state @param {readonly PointPrompt[]} held @returns {ShownPrompt[]} */
export function shownPrompts({ domain, view }, held) {
  const { selected, frame } = view;
  if (selected === null) return held.map((prompt) => ({ prompt, sent: false, waiting: false }));
  const waiting = isAwaiting(domain, selected, frame);
  const awaited = new Set([...domain.awaiting].filter(([, wait]) => wait.masklet === selected).map(([change]) => change));
  const stored = promptsOf(domain, selected, frame).map((prompt) => ({ prompt, sent: true, waiting: waiting && awaited.has(prompt.change) }));
  const sending = domain.pending
    .filter((pending) => pending.masklet === selected && pending.frame_index === frame)
    .flatMap((pending) => pending.prompts.map((prompt) => ({ prompt, sent: false, waiting: true })));
  return [...stored, ...sending, ...held.map((prompt) => ({ prompt, sent: false, waiting: false }))];
}

/** Reviewers' marks of the selected masklet on this frame. @param {AppState} state */
export function shownMarks({ domain, view }) {
  const masklet = maskletOf(domain, view.selected);
  if (!masklet) return [];
  return refineMarks(masklet).map((mark, i) => ({ mark, number: i + 1 })).filter(({ mark }) => mark.frame_index === view.frame);
}

/** A lane for each masklet. @param {AppState} state @returns {Lane[]} */
export function lanesOf({ domain, view }) {
  return presentMasklets(domain).map((masklet) => {
    const { id, name, color } = masklet;
    const prompted = new Set(domain.prompts.filter((prompt) => prompt.masklet === id).map((prompt) => prompt.frame_index));
    const pass = propagationOf(domain, id);
    return {
      masklet: id,
      number: signOf(masklet),
      name,
      hex: swatchOf(color).hex,
      selected: id === view.selected,
      hidden: view.hidden.has(id),
      stateAt: (frame) => frameStateOf(domain, id, frame),
      hasPrompts: (frame) => prompted.has(frame),
      marks: refineMarks(masklet).map((mark) => mark.frame_index),
      suspicionAt: (frame) => suspicionOf(maskOf(domain, id, frame)),
      running: pass && { first: pass.first_frame, last: pass.last_frame },
    };
  });
}
