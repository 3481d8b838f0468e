/** A reviewer's hold on a task: kept while it is judged, taken up again when it was lost. */

/** @import {Masklet, Snapshot, Task, VerdictRequest} from "../types.js" */
import { ApiError, openSession, openVerify, request, SessionApi } from "../api.js";
import { keepHold, letGo } from "../ui/heartbeat.js";
import { api } from "../ui/page_api.js";

const LOST = new Set(["session_closed", "not_held"]);

/** A task that is the signed-in person's, with what its page shows. @typedef {{task: Task, snapshot: Snapshot}} Opened */
/** @typedef {{id: number, j: number | null, f: number | null}} Pair */

/** Claims the task, or takes up one's own. @param {number} id @returns {Promise<Opened>} */
export async function openTask(id) {
  try {
    return await claimed(id);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "session_closed") throw error;
    return claimed(id); // The page before let go of it in this moment.
  }
}

/** @param {number} id @returns {Promise<Opened>} */
async function claimed(id) {
  const task = await api.tasks.claim(id);
  if (task.session === null) throw new ApiError(409, "session_closed", "This task was let go. Open it again.");
  return { task, snapshot: await openSession(task.session) };
}

/** Claims the task to judge the masklet, whichever is open. @param {number} masklet @returns {Promise<Opened>} */
export async function openMasklet(masklet) {
  const snapshot = await openVerify(masklet);
  return { task: await api.tasks.get(Number(snapshot.session.task)), snapshot };
}

export class ReviewHold {
  /**
   * @param {Opened} opened
   * @param {{lost: (error: unknown) => void, reached: (reached: boolean) => void}} listener `lost`: for good
   */
  constructor({ task, snapshot }, listener) {
    this.task = task;
    this.listener = listener;
    this.session = new SessionApi(snapshot.session.id);
    this.beat = this.#keep();
  }

  /** Stops renewing; the session may live on. */
  stop() {
    this.beat.stop();
  }

  /** Gives it back while the page goes away. */
  letGo() {
    this.stop();
    letGo(this.session);
  }

  /** @param {VerdictRequest} verdict @returns {Promise<Masklet>} */
  judge(verdict) {
    return this.held(() => this.session.verdict(verdict));
  }

  /** Names the better of two masklets, or neither. @param {{chosen: number | null, comment: string}} decision @returns {Promise<Pair>} */
  decide(decision) {
    return this.held(() => request("POST", `${this.session.url}/decision`, decision));
  }

  /** Asks under a new hold if this one was lost meanwhile, as by the page before that goes late. @template T @param {() => Promise<T>} call */
  async held(call) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError) || !LOST.has(error.code)) throw error;
      await this.#takeUp();
      return call();
    }
  }

  #keep() {
    // Another tab of the same person, or a reload, closes the hold that both share.
    const lost = () => void this.#takeUp().catch((error) => this.listener.lost(error));
    return keepHold(this.session, { lost, reached: this.listener.reached });
  }

  async #takeUp() {
    this.stop();
    const { session } = await api.tasks.claim(this.task.id);
    this.session = new SessionApi(Number(session));
    this.beat = this.#keep();
  }
}
