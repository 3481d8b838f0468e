/**
 * @import {
 *   Change, Direction, FrameState, Mask, Masklet, NewPrompt, Prompt, Propagation, Session, SessionEvent, Snapshot, Video,
 * } from "./types.js"
 * @import {OutboxState} from "./outbox.js"
 * @import {Part} from "./ui/stopped.js"
 */

/**
 * What the server holds, and what of ours is on its way to it. Read only: the reducer gives a new one.
 *
 * An act that has not been answered is shown at once as `pending`; clicks answered without a mask wait
 * in `awaiting` for the model. `seen` keeps the newest masklet version that each change came with, so
 * that an event older than an answer already applied is known as such. `cleared` keeps the change that
 * made a frame unknown, so that a late mask does not bring it back.
 *
 * @typedef {object} Pending
 * @property {string} key The act's client_id.
 * @property {number} masklet
 * @property {number} frame_index
 * @property {NewPrompt[]} prompts
 *
 * @typedef {object} DomainState
 * @property {Session} session
 * @property {Video} video
 * @property {readonly Masklet[]} masklets By number; deleted ones too.
 * @property {ReadonlyMap<number, ReadonlyMap<number, Mask>>} masks By masklet, then frame index.
 * @property {readonly Prompt[]} prompts
 * @property {readonly Propagation[]} propagations
 * @property {readonly Pending[]} pending
 * @property {ReadonlyMap<number, {masklet: number, frame_index: number}>} awaiting By change.
 * @property {ReadonlyMap<number, number>} seen Masklet version, by change.
 * @property {ReadonlyMap<string, number>} cleared Change, by `masklet/frame`.
 * @property {OutboxState} outbox
 * @property {boolean} connected Whether the event stream is.
 * @property {readonly Part[]} stopped What does not run behind the page.
 */

/**
 * @typedef {{type: "snapshot", snapshot: Snapshot}
 *   | {type: "event", event: SessionEvent}
 *   | {type: "change", change: Change}
 *   | {type: "masklet", masklet: Masklet}
 *   | {type: "propagation", propagation: Propagation}
 *   | {type: "pending", pending: Pending}
 *   | {type: "settled", key: string}
 *   | {type: "outbox", outbox: OutboxState}
 *   | {type: "connected", connected: boolean}
 *   | {type: "stopped", stopped: readonly Part[]}} Action
 */

const ENDED = new Set(["stopped", "finished", "failed"]);

/** @param {Snapshot} snapshot @returns {DomainState} */
export function stateOf(snapshot) {
  /** @type {Map<number, Map<number, Mask>>} */
  const masks = new Map();
  for (const mask of snapshot.masks) {
    const frames = masks.get(mask.masklet) ?? new Map();
    masks.set(mask.masklet, frames.set(mask.frame_index, mask));
  }
  return {
    session: snapshot.session,
    video: snapshot.video,
    masklets: [...snapshot.masklets].sort(byNumber),
    masks,
    prompts: snapshot.prompts,
    propagations: snapshot.propagations,
    pending: [],
    awaiting: new Map(),
    seen: new Map(),
    cleared: new Map(),
    outbox: { mode: "idle", waiting: 0 },
    connected: true,
    stopped: [],
  };
}

/** @param {DomainState} state @param {Action} action @returns {DomainState} */
export function reduce(state, action) {
  switch (action.type) {
    case "snapshot":
      return { ...stateOf(action.snapshot), pending: state.pending, outbox: state.outbox, connected: state.connected, stopped: state.stopped };
    case "event":
      return applyEvent(state, action.event);
    case "change":
      return applyChange(state, action.change);
    case "masklet":
      return withMasklet(state, action.masklet);
    case "propagation":
      return withPropagation(state, action.propagation);
    case "pending":
      return { ...state, pending: [...state.pending, action.pending] };
    case "settled":
      return { ...state, pending: state.pending.filter((pending) => pending.key !== action.key) };
    case "outbox":
      return { ...state, outbox: action.outbox };
    case "connected":
      return { ...state, connected: action.connected };
    case "stopped":
      return { ...state, stopped: action.stopped };
  }
}

/** @param {DomainState} state @param {SessionEvent} event @returns {DomainState} */
export function applyEvent(state, event) {
  switch (event.type) {
    case "change":
      return applyChange(state, event.data);
    case "masks":
      return withMasks(withPropagation(state, event.data.propagation), event.data.masks);
    case "propagation":
      return withPropagation(state, event.data);
    case "masklet":
      return withMasklet(state, event.data);
    case "session":
      return { ...state, session: event.data };
    case "click_failed":
      return { ...state, awaiting: without(state.awaiting, event.data.change) };
    case "thread":
    case "reset":
      return state;
  }
}

/** @param {DomainState} state @param {Change} answer @returns {DomainState} */
function applyChange(state, answer) {
  const { masklet, change } = answer;
  const seen = state.seen.get(change.id) ?? -1;
  // The model's mask may come before the answer to the click itself, which then says nothing new.
  if (seen > masklet.version || (answer.pending && seen === masklet.version)) return state;
  const removed = new Set(answer.removed_prompts);
  const added = new Map(answer.prompts.map((prompt) => [prompt.id, prompt]));
  const kept = state.prompts.filter((prompt) => !removed.has(prompt.id) && !added.has(prompt.id));
  const next = withMasks({ ...withMasklet(state, masklet), prompts: [...kept, ...added.values()] }, answer.masks, change.id);
  return {
    ...withoutMasks(next, masklet.id, answer.cleared, change.id),
    seen: new Map(state.seen).set(change.id, masklet.version),
    awaiting: awaitingAfter(state, answer),
  };
}

/** @param {DomainState} state @param {Change} answer */
function awaitingAfter(state, { masklet, change, pending }) {
  if (!pending || change.undone) return without(state.awaiting, change.id);
  const frame_index = change.frame_indices[0] ?? 0;
  return new Map(state.awaiting).set(change.id, { masklet: masklet.id, frame_index });
}

/** An older form of a masklet never replaces a newer one. @param {DomainState} state @param {Masklet} masklet @returns {DomainState} */
function withMasklet(state, masklet) {
  const present = state.masklets.find((other) => other.id === masklet.id);
  if (present && present.version > masklet.version) return state;
  const others = state.masklets.filter((other) => other.id !== masklet.id);
  return { ...state, masklets: [...others, masklet].sort(byNumber) };
}

/** @param {DomainState} state @param {Propagation} propagation @returns {DomainState} */
function withPropagation(state, propagation) {
  const present = state.propagations.find((other) => other.id === propagation.id);
  if (present && isOlder(propagation, present)) return state;
  const others = state.propagations.filter((other) => other.id !== propagation.id);
  return { ...state, propagations: [...others, propagation] };
}

/** An answer and the events overtake each other: an ended pass stays ended, a count never falls. @param {Propagation} one @param {Propagation} other */
function isOlder(one, other) {
  if (ENDED.has(other.state)) return !ENDED.has(one.state);
  return !ENDED.has(one.state) && one.attempt === other.attempt && one.frames_done < other.frames_done;
}

/**
 * A mask replaces the present one unless that is of a later change. An undo brings masks of earlier
 * changes back: `by` is the change that was undone, which they stand for.
 * @param {DomainState} state @param {readonly Mask[]} masks @param {number} [by] @returns {DomainState}
 */
function withMasks(state, masks, by) {
  if (masks.length === 0) return state;
  /** @type {Map<number, Map<number, Mask>>} */
  const changed = new Map();
  for (const mask of masks) {
    const frames = changed.get(mask.masklet) ?? new Map(state.masks.get(mask.masklet));
    const present = frames.get(mask.frame_index)?.change ?? state.cleared.get(keyOf(mask.masklet, mask.frame_index)) ?? -1;
    if (present <= Math.max(mask.change, by ?? -1)) frames.set(mask.frame_index, mask);
    changed.set(mask.masklet, frames);
  }
  return { ...state, masks: new Map([...state.masks, ...changed]) };
}

/** @param {DomainState} state @param {number} masklet @param {readonly number[]} frameIndices @param {number} by @returns {DomainState} */
function withoutMasks(state, masklet, frameIndices, by) {
  if (frameIndices.length === 0) return state;
  const frames = new Map(state.masks.get(masklet));
  const cleared = new Map(state.cleared);
  for (const frameIndex of frameIndices) {
    if ((frames.get(frameIndex)?.change ?? -1) > by) continue;
    frames.delete(frameIndex);
    cleared.set(keyOf(masklet, frameIndex), by);
  }
  return { ...state, masks: new Map(state.masks).set(masklet, frames), cleared };
}

/** @template K, V @param {ReadonlyMap<K, V>} map @param {K} key @returns {ReadonlyMap<K, V>} */
function without(map, key) {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

/** @param {number} masklet @param {number} frameIndex */
function keyOf(masklet, frameIndex) {
  return `${masklet}/${frameIndex}`;
}

/** @param {Masklet} a @param {Masklet} b */
function byNumber(a, b) {
  return a.number - b.number;
}

/**
 * Holds one state; listeners hear once per painted frame, with the state before.
 * @template S, A
 */
export class Store {
  /** @type {Set<(state: S, before: S) => void>} */
  #listeners = new Set();
  /** @type {S | null} */
  #shown = null;
  #scheduled = false;

  /** @param {S} state @param {(state: S, action: A) => S} reducer */
  constructor(state, reducer) {
    this.state = state;
    this.reducer = reducer;
  }

  /** @param {A} action */
  dispatch(action) {
    const before = this.state;
    this.state = this.reducer(before, action);
    if (this.state === before || this.#scheduled) return;
    this.#shown = before;
    this.#scheduled = true;
    requestAnimationFrame(() => this.#tell());
  }

  /** Answers with the way to leave. @param {(state: S, before: S) => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell() {
    const before = /** @type {S} */ (this.#shown);
    this.#scheduled = false;
    for (const listener of this.#listeners) listener(this.state, before);
  }
}
