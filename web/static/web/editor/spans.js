/**
 * @import {Direction, Video} from "../types.js"
 * @import {ViewState} from "./state.js"
 */

/**
 * The span that a pass is asked for, or a sentence that says why there is none. Without bounds the
 * server stops at the nearest human frames.
 * @param {Pick<ViewState, "frame" | "reach" | "target">} view @param {Pick<Video, "annotated_count" | "stride">} video @param {Direction} direction
 * @returns {{start_frame: number, direction: Direction, first_frame?: number, last_frame?: number, whole?: boolean} | string}
 */
export function spanOf({ frame, reach, target }, video, direction) {
  const last = (video.annotated_count - 1) * video.stride;
  if (last === 0) return "An image has no other frames to track into.";
  if (direction === "forward" && frame === last) return "This is the last frame: propagate backward instead.";
  if (direction === "backward" && frame === 0) return "This is the first frame: propagate forward instead.";
  const span = { start_frame: frame, direction };
  if (reach === "end") return { ...span, whole: true };
  if (reach === "human") return span;
  if (target === null || target === frame) return "Choose the frame to track to.";
  if (direction === "forward" && target < frame) return `Frame ${target} lies before this one: propagate backward.`;
  if (direction === "backward" && target > frame) return `Frame ${target} lies after this one: propagate forward.`;
  return target > frame ? { ...span, last_frame: target } : { ...span, first_frame: target };
}
