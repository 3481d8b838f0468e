import { ApiError, newClientId } from "../api.js";
import { isWorkable, maskletOf } from "../selectors.js";
import { mayChange } from "./mode.js";

/**
 * @import {Base, Frames, SessionApi} from "../api.js"
 * @import {Outbox} from "../outbox.js"
 * @import {Store} from "../store.js"
 * @import {Change, Direction, Masklet, NewPrompt} from "../types.js"
 * @import {AppState} from "./state.js"
 */

/**
 * @typedef {object} ActsListener
 * @property {(message: string, kind?: "good" | "bad" | "plain", act?: {label: string, run: () => void}) => void} say
 * @property {(error: ApiError, masklet: number | null) => void} refused
 * @property {() => Promise<boolean>} takeUp Takes the session up again; whether it worked.
 */

/** An act was sent, its answer was lost, and the masklet has changed since: most likely by this very act. */
export const ANSWER_LOST = "answer_lost";

const NOT_WORKABLE = {
  submitted: "This masklet waits for review and cannot be changed.",
  accepted: "This masklet is accepted and cannot be changed.",
  rejected: "This masklet was rejected and cannot be changed.",
  set_aside: "This masklet was set aside and cannot be changed.",
};

/** All that a person can do to the server's state, each as one act in the outbox. */
export class Acts {
  /** What waits for the masklet that is on its way. @type {((made: Masklet) => void)[] | null} */
  #waiting = null;

  /** @param {() => SessionApi} session @param {Store<AppState, any>} store @param {Outbox} outbox @param {ActsListener} listener */
  constructor(session, store, outbox, listener) {
    this.session = session;
    this.store = store;
    this.outbox = outbox;
    this.listener = listener;
  }

  get api() {
    return this.session();
  }

  /** Prompts on a frame; with no masklet they go to the one that is on its way, or a new one. @param {number | null} masklet @param {number} frame_index @param {NewPrompt[]} prompts */
  prompt(masklet, frame_index, prompts) {
    if (masklet === null) {
      if (!this.#waiting) this.addMasklet();
      this.#waiting?.push((made) => this.prompt(made.id, frame_index, prompts));
      return;
    }
    const label = prompts[0]?.kind === "mask" ? "stroke" : prompts[0]?.kind ?? "prompt";
    const key = newClientId();
    if (!this.#mayWork(masklet) || !this.#isOnItsFrame(masklet, frame_index)) return;
    this.store.dispatch({ type: "pending", pending: { key, masklet, frame_index, prompts } });
    this.#change(masklet, label, (base) => this.api.addPrompts(masklet, { ...base, frame_index, prompts }), key);
  }

  /** @param {number} masklet @param {number} prompt */
  removePrompt(masklet, prompt) {
    this.#change(masklet, "removed point", (base) => this.api.removePrompt(masklet, prompt, base));
  }

  /** @param {number} masklet @param {"accept" | "absent" | "clear"} verb @param {Frames} frames */
  mark(masklet, verb, frames) {
    this.#change(masklet, verb, (base) => this.api.mark(masklet, verb, { ...base, ...frames }));
  }

  /** @param {number} masklet @param {"undo" | "redo"} verb */
  step(masklet, verb) {
    this.#change(masklet, verb, (base) => this.api.step(masklet, verb, base));
  }

  /** What is done until it is there is done to it, not to the masklet selected before. */
  addMasklet() {
    const client_id = newClientId();
    const before = this.store.state.view.selected;
    /** @type {((made: Masklet) => void)[]} */
    const waiting = (this.#waiting = []);
    this.store.dispatch({ type: "making" });
    this.outbox.add({
      label: "new masklet",
      masklet: null,
      send: this.#held(() => this.api.createMasklet({ client_id })),
      done: (masklet) => {
        this.store.dispatch({ type: "masklet", masklet });
        this.#made(waiting, masklet.id);
        for (const then of waiting) then(masklet);
      },
      failed: (error) => {
        this.#made(waiting, before);
        this.listener.refused(error, null);
      },
    });
  }

  /** Of two that were asked for in haste the later is selected. @param {((made: Masklet) => void)[]} waiting @param {number | null} masklet */
  #made(waiting, masklet) {
    if (this.#waiting !== waiting) return;
    this.#waiting = null;
    this.store.dispatch({ type: "select", masklet });
  }

  /** @param {number} masklet @param {{name?: string, color?: number}} data */
  editMasklet(masklet, data) {
    this.#masklet(masklet, "masklet", (base) => this.api.changeMasklet(masklet, { ...base, ...data }));
  }

  /** @param {Pick<Masklet, "id" | "name">} masklet */
  deleteMasklet({ id, name }) {
    if (!this.#mayWork(id)) return;
    this.#masklet(id, "delete", (base) => this.api.deleteMasklet(id, base));
    this.listener.say(`${name} was deleted.`, "plain", { label: "Undo", run: () => this.restoreMasklet(id) });
  }

  /** @param {number} masklet */
  restoreMasklet(masklet) {
    this.#masklet(masklet, "restore", () => this.api.restoreMasklet(masklet));
    this.store.dispatch({ type: "select", masklet });
  }

  /** @param {number[]} masklets @param {{start_frame: number, direction: Direction, first_frame?: number, last_frame?: number, whole?: boolean}} span */
  propagate(masklets, span) {
    const client_id = newClientId();
    this.outbox.add({
      label: "propagation",
      masklet: null,
      send: this.#held(() => this.api.propagate({ ...span, masklets: this.#based(masklets), client_id })),
      done: (propagation) => this.store.dispatch({ type: "propagation", propagation }),
      failed: (error) => this.listener.refused(error, masklets[0] ?? null),
    });
  }

  /** @param {number} propagation */
  stop(propagation) {
    this.outbox.add({
      label: "stop",
      masklet: null,
      send: this.#held(() => this.api.stop(propagation)),
      done: (answer) => this.store.dispatch({ type: "propagation", propagation: answer }),
      failed: (error) => this.listener.refused(error, null),
    });
  }

  /** @param {number[]} masklets @param {(error: ApiError | null, handedIn: Masklet[]) => void} then Called with null and what became of them when all are handed in. */
  submit(masklets, then) {
    const client_id = newClientId();
    this.outbox.add({
      label: "submit",
      masklet: null,
      send: this.#held(() => this.api.submit({ masklets: this.#based(masklets), client_id })),
      done: (answer) => {
        for (const masklet of answer.masklets) this.store.dispatch({ type: "masklet", masklet });
        then(null, answer.masklets);
      },
      failed: (error) => then(error, []),
    });
  }

  /** An act on the task, after all that was done before it. @template T @param {string} label @param {() => Promise<T>} call @param {(answer: T) => void} done @param {(error: ApiError) => void} failed */
  onTask(label, call, done, failed) {
    this.outbox.add({ label, masklet: null, send: this.#held(call), done, failed });
  }

  /** @param {number[]} masklets */
  #based(masklets) {
    return masklets.map((id) => ({ id, base_version: this.#version(id) }));
  }

  /** @param {number} masklet */
  #version(masklet) {
    return maskletOf(this.store.state.domain, masklet)?.version ?? 0;
  }

  /** Says why when not. @param {number} id */
  #mayWork(id) {
    const masklet = maskletOf(this.store.state.domain, id);
    if (!masklet || mayChange(this.store.state, masklet)) return true;
    const why = masklet.deleted ? "This masklet is deleted." : isWorkable(masklet) ? "Somebody tracks this masklet already." : NOT_WORKABLE[/** @type {keyof typeof NOT_WORKABLE} */ (masklet.state)];
    this.listener.say(this.store.state.mode.mayAdd ? `${why} N begins another one.` : why, "plain");
    return false;
  }

  /** Where one frame is enough, whether this is it; says so when not. @param {number} masklet @param {number} frame_index */
  #isOnItsFrame(masklet, frame_index) {
    const { domain, mode } = this.store.state;
    const other = mode.oneFrame && [...domain.prompts, ...domain.pending].find((prompt) => prompt.masklet === masklet && prompt.frame_index !== frame_index);
    if (!other) return true;
    this.listener.say(`It is chosen on frame ${other.frame_index}: one frame is enough. N begins another object.`, "plain");
    return false;
  }

  /** @param {number} masklet @param {string} label @param {(base: Base) => Promise<Change>} call @param {string} [client_id] */
  #change(masklet, label, call, client_id = newClientId()) {
    if (!this.#mayWork(masklet)) return;
    const settle = () => this.store.dispatch({ type: "settled", key: client_id });
    this.outbox.add({
      label,
      masklet,
      send: this.#sender(masklet, client_id, call),
      done: (change) => {
        this.store.dispatch({ type: "change", change });
        settle();
      },
      failed: (error) => {
        settle();
        this.listener.refused(error, masklet);
      },
    });
  }

  /** @param {number} masklet @param {string} label @param {(base: Base) => Promise<Masklet>} call */
  #masklet(masklet, label, call) {
    this.outbox.add({
      label,
      masklet,
      send: this.#sender(masklet, newClientId(), call),
      done: (answer) => this.store.dispatch({ type: "masklet", masklet: answer }),
      failed: (error) => this.listener.refused(error, masklet),
    });
  }

  /**
   * The version is read when the act is first sent, after the acts before it have been answered; an act
   * whose answer was lost is sent again as it was.
   * @template T @param {number} masklet @param {string} client_id @param {(base: Base) => Promise<T>} call
   */
  #sender(masklet, client_id, call) {
    /** @type {Base | null} */
    let base = null;
    let lost = false;
    return this.#held(async () => {
      base ??= { base_version: this.#version(masklet), client_id };
      try {
        return await call(base);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (lost && error.code === "stale_version") throw new ApiError(409, ANSWER_LOST, "The connection was away. This is what the server has.", error.data);
        lost ||= error.isTransient;
        throw error;
      }
    });
  }

  /** An act that finds the session lapsed takes it up again and goes on. @template T @param {() => Promise<T>} call */
  #held(call) {
    return async () => {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "session_closed" && (await this.listener.takeUp()))) throw error;
        return await call();
      }
    };
  }
}
