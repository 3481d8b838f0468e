/** One clip on the screen: which frame, play, and what of it was seen. */

/** @import {Attention} from "../attention.js" */
/** @import {Overlay} from "../layers/masks.js" */
/** @import {Shown, Video} from "../types.js" */
import { Frames } from "../frames.js";
import { Player } from "../player.js";
import { Seen } from "./seen.js";

const SETTLED = 60; // ms after which a frame that stays counts as seen

/** How the person likes to look; stays from clip to clip. @typedef {{speed: number, loop: boolean, autoplay: boolean, overlay: Overlay}} Taste */

/**
 * @typedef {object} ClipParts
 * @property {Shown} snapshot
 * @property {number | null} task Null where nothing is counted.
 * @property {number | null} masklet The one that is judged.
 * @property {number} start Frame index to begin at.
 * @property {Frames} frames
 * @property {Attention | null} attention Null there as well.
 * @property {() => string} session Its address.
 * @property {Taste} taste
 * @property {() => void} show Draws all that depends on the frame.
 */

export class Clip {
  frame = 0;
  #timer = 0;

  /** @param {ClipParts} parts */
  constructor(parts) {
    const { video } = parts.snapshot;
    this.parts = parts;
    this.video = video;
    this.taste = parts.taste;
    this.frames = parts.frames;
    this.frames.onLoad = (loaded) => { if (loaded === this.frame) this.show(); };
    this.seen = new Seen(parts.task, video);
    this.player = new Player({
      stride: video.stride,
      count: video.annotated_count,
      frame: () => this.frame,
      show: (frameIndex) => this.seek(frameIndex),
      isReady: (frameIndex) => this.frames.has(frameIndex) || this.frames.hasFailed(frameIndex),
      onChange: () => this.show(),
    }, parts.taste.speed);
    this.player.loop = parts.taste.loop;
  }

  get last() {
    return (this.video.annotated_count - 1) * this.video.stride;
  }

  get picture() {
    return this.frames.get(this.frame);
  }

  begin() {
    this.seek(this.parts.start);
    if (this.taste.autoplay) this.player.play();
  }

  /** Ends play and counting; the frames may be released by whoever made them. */
  end() {
    this.player.pause();
    this.#look(null);
    if (this.parts.attention) this.seen.keep();
    this.frames.onLoad = () => undefined;
    clearTimeout(this.#timer);
  }

  /** @param {number} frameIndex */
  seek(frameIndex) {
    const direction = frameIndex < this.frame ? -1 : 1;
    this.frame = Math.min(Math.max(frameIndex, 0), this.last);
    this.frames.want(this.frame, direction);
    this.show();
  }

  /** A person's seek stops the play. @param {number} frameIndex */
  jump(frameIndex) {
    this.player.pause();
    this.seek(frameIndex);
  }

  /** To the nearest of these frames in a direction. @param {readonly number[]} frames @param {1 | -1} direction */
  toNearest(frames, direction) {
    const ahead = frames.filter((frame) => (frame - this.frame) * direction > 0);
    if (ahead.length > 0) this.jump(direction > 0 ? Math.min(...ahead) : Math.max(...ahead));
  }

  /** To the next frame that was not shown yet, from the start again after the last. */
  toUnseen() {
    const all = Array.from({ length: this.video.annotated_count }, (_, i) => i * this.video.stride).filter((frame) => !this.seen.has(frame));
    const next = all.find((frame) => frame > this.frame) ?? all[0];
    if (next !== undefined) this.jump(next);
  }

  show() {
    this.#look(this.picture ? this.frame : null);
    this.parts.show();
    clearTimeout(this.#timer);
    if (this.parts.attention && !this.seen.has(this.frame) && this.picture) this.#timer = setTimeout(() => this.show(), SETTLED);
  }

  /** @param {1 | -1} direction */
  changeSpeed(direction) {
    this.player.changeSpeed(direction);
    this.taste.speed = this.player.speed;
  }

  toggleLoop() {
    this.taste.loop = this.player.loop = !this.player.loop;
    this.show();
  }

  /** @param {number | null} frame */
  #look(frame) {
    const { attention, session, masklet } = this.parts;
    if (!attention) return;
    this.seen.look(frame);
    attention.look({ session: session(), masklet, frame, playing: this.player.playing });
  }
}

/** Frames of the video, loading from where its clip begins. @param {Video} video @param {number} start frame index */
export function framesFrom(video, start) {
  const frames = new Frames(video, () => undefined);
  frames.want(start);
  return frames;
}

/** The first frame on which one of the masklets is visible. @param {Shown} shown */
export function firstVisible({ masks }) {
  const visible = masks.filter((mask) => mask.state !== "absent").map((mask) => mask.frame_index);
  return visible.length > 0 ? Math.min(...visible) : 0;
}
