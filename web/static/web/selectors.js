/**
 * Named questions to the state.
 * @import {FrameState, Mask, Masklet, Prompt, Propagation, Verdict, Video} from "./types.js"
 * @import {DomainState, Pending} from "./store.js"
 */

const RUNNING = new Set(["queued", "running", "stopping"]);
const WORKABLE = new Set(["in_work", "refine"]);

/** Masklets that are not deleted. @param {DomainState} state */
export function presentMasklets(state) {
  return state.masklets.filter((masklet) => !masklet.deleted);
}

/** @param {DomainState} state @param {number | null} id */
export function maskletOf(state, id) {
  return state.masklets.find((masklet) => masklet.id === id) ?? null;
}

/** The number that people see and keys select: counted from 1. @param {Masklet} masklet */
export function signOf(masklet) {
  return masklet.number + 1;
}

/** Whether an annotator may change it. @param {Masklet} masklet */
export function isWorkable(masklet) {
  return WORKABLE.has(masklet.state) && !masklet.deleted;
}

/** @param {DomainState} state @param {number} masklet @param {number} frameIndex @returns {Mask | null} */
export function maskOf(state, masklet, frameIndex) {
  return state.masks.get(masklet)?.get(frameIndex) ?? null;
}

/** @param {DomainState} state @param {number} masklet @param {number} frameIndex @returns {FrameState} */
export function frameStateOf(state, masklet, frameIndex) {
  return maskOf(state, masklet, frameIndex)?.state ?? "unknown";
}

/** What is drawn on the frame: the last stroke on its way to the server, else the stored mask. @param {DomainState} state @param {number} masklet @param {number} frameIndex */
export function shownCounts(state, masklet, frameIndex) {
  const here = state.pending.filter((pending) => pending.masklet === masklet && pending.frame_index === frameIndex);
  const drawn = here.flatMap((pending) => pending.prompts).findLast((prompt) => prompt.kind === "mask");
  if (drawn?.kind === "mask") return drawn.counts;
  const mask = maskOf(state, masklet, frameIndex);
  return mask && mask.state !== "absent" ? mask.counts : null;
}

/** @param {DomainState} state @param {number} masklet @param {number} frameIndex */
export function promptsOf(state, masklet, frameIndex) {
  return state.prompts.filter((prompt) => prompt.masklet === masklet && prompt.frame_index === frameIndex);
}

/** Whether the model owes the masklet a mask, on this frame or on any where none is named. @param {DomainState} state @param {number} masklet @param {number} [frameIndex] */
export function isAwaiting(state, masklet, frameIndex) {
  return [...state.awaiting.values()].some((wait) => wait.masklet === masklet && (frameIndex ?? wait.frame_index) === wait.frame_index);
}

/** Annotated frame indices, first to last. @param {Video} video */
export function annotatedFrames(video) {
  return Array.from({ length: video.annotated_count }, (_, i) => i * video.stride);
}

/** The nearest annotated frame. @param {Video} video @param {number} frameIndex */
export function annotatedFrameAt(video, frameIndex) {
  const slot = Math.round(frameIndex / video.stride);
  return Math.min(Math.max(slot, 0), video.annotated_count - 1) * video.stride;
}

/** The frames that a person decided, in order. @param {DomainState} state @param {number} masklet */
export function humanFrames(state, masklet) {
  const frames = [...(state.masks.get(masklet)?.values() ?? [])];
  return frames.filter((mask) => mask.human).map((mask) => mask.frame_index).sort((a, b) => a - b);
}

/** The human frame before or after, of the masklet or of any where it is null. @param {DomainState} state @param {number | null} masklet @param {number} frameIndex @param {1 | -1} direction */
export function nextHumanFrame(state, masklet, frameIndex, direction) {
  const ids = masklet === null ? presentMasklets(state).map((other) => other.id) : [masklet];
  const beyond = ids.flatMap((id) => humanFrames(state, id)).filter((frame) => (frame - frameIndex) * direction > 0);
  if (beyond.length === 0) return null;
  return direction > 0 ? Math.min(...beyond) : Math.max(...beyond);
}

/** Suspicion below which a mask is not shown as suspicious: there is always a little. */
const SUSPICIOUS = 0.1;

/** How much a mask looks like a failure, 0 to 1, and 0 where it is not worth showing. @param {Mask | null | undefined} mask */
export function suspicionOf(mask) {
  const suspicion = mask?.suspicion ?? 0;
  return suspicion >= SUSPICIOUS ? suspicion : 0;
}

/** The frame of the worst mask; from there that of the next worst, and after the last the worst again. @param {Iterable<Mask>} masks of one masklet @param {number} frameIndex where the person is @returns {number | null} */
export function nextWorstFrame(masks, frameIndex) {
  const worst = [...masks].filter((mask) => suspicionOf(mask) > 0).sort((a, b) => suspicionOf(b) - suspicionOf(a) || a.frame_index - b.frame_index);
  const at = worst.findIndex((mask) => mask.frame_index === frameIndex);
  return worst[(at + 1) % Math.max(worst.length, 1)]?.frame_index ?? null;
}

/** Stretches of frames that nobody and nothing has looked at, as first and last frame index. @param {DomainState} state @param {number} masklet @returns {[number, number][]} */
export function unknownRanges(state, masklet) {
  const frames = state.masks.get(masklet);
  /** @type {[number, number][]} */
  const ranges = [];
  for (const frameIndex of annotatedFrames(state.video)) {
    if (frames?.has(frameIndex)) continue;
    const last = ranges.at(-1);
    if (last && last[1] === frameIndex - state.video.stride) last[1] = frameIndex;
    else ranges.push([frameIndex, frameIndex]);
  }
  return ranges;
}

/** Passes that are at work or wait for a worker. @param {DomainState} state */
export function runningPropagations(state) {
  return state.propagations.filter((propagation) => RUNNING.has(propagation.state));
}

/** The pass that works on the masklet. @param {DomainState} state @param {number} masklet */
export function propagationOf(state, masklet) {
  return runningPropagations(state).find((propagation) => propagation.masklets.includes(masklet)) ?? null;
}

/** Reviewers' marks that the masklet came back with, newest verdict only. @param {Masklet} masklet */
export function refineMarks(masklet) {
  const verdict = newestVerdict(masklet);
  return masklet.state === "refine" && verdict ? verdict.marks : [];
}

/** @param {readonly Verdict[]} verdicts */
export function newestFirst(verdicts) {
  return [...verdicts].sort((a, b) => b.created_at.localeCompare(a.created_at));
}

/** @param {Masklet} masklet */
export function newestVerdict(masklet) {
  return newestFirst(masklet.verdicts)[0] ?? null;
}
