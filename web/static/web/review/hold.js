/** The reviewer's hold on a masklet: kept while the page is open, taken up again when it was lost. */

/** @import {Masklet, Snapshot, VerdictRequest} from "../types.js" */
import { ApiError, openVerify, SessionApi } from "../api.js";
import { keepHold, letGo } from "../ui/heartbeat.js";

export class ReviewHold {
  /**
   * @param {Snapshot} snapshot
   * @param {Masklet} masklet
   * @param {{lost: (error: unknown) => void, reached: (reached: boolean) => void}} listener `lost`: for good
   */
  constructor(snapshot, masklet, listener) {
    this.masklet = masklet;
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

  /** Gives the verdict, under a new hold if this one was lost meanwhile. @param {VerdictRequest} verdict @returns {Promise<Masklet>} */
  async judge(verdict) {
    try {
      return await this.session.verdict(verdict);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "session_closed") throw error;
      await this.#takeUp();
      return this.session.verdict(verdict);
    }
  }

  #keep() {
    // Another tab of the same person, or a reload, closes the hold that both share.
    const lost = () => void this.#takeUp().catch((error) => this.listener.lost(error));
    return keepHold(this.session, { lost, reached: this.listener.reached });
  }

  async #takeUp() {
    this.stop();
    const { session } = await openVerify(this.masklet.id);
    this.session = new SessionApi(session.id);
    this.beat = this.#keep();
  }
}
