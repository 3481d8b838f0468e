import { ApiError, openAnnotate, SessionApi } from "../api.js";
import { Connection } from "./connection.js";
import { openLostDialog, openSignedOutDialog } from "./dialogs.js";

/**
 * @import {SessionEvent, Snapshot, Video} from "../types.js"
 */

/**
 * @typedef {object} HoldListener
 * @property {(event: SessionEvent) => void} event
 * @property {(connected: boolean) => void} connected
 * @property {(snapshot: Snapshot) => void} snapshot
 * @property {(isLost: boolean) => void} lost
 * @property {() => boolean} hasUnsent Whether acts wait: then the video is taken up again without asking.
 */

/** This person's hold on the video: kept, lost, and taken up again. */
export class Hold {
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  /** @type {Promise<boolean> | null} */
  #taking = null;

  /** @param {Snapshot} snapshot @param {HoldListener} listener */
  constructor(snapshot, listener) {
    this.video = snapshot.video;
    this.listener = listener;
    this.api = new SessionApi(snapshot.session.id);
    this.connection = this.#connect(snapshot);
  }

  /** Lets go, so that others may work on it. */
  async close() {
    this.connection.stop();
    await this.api.close();
  }

  /** Takes the video up again; whether it worked. @returns {Promise<boolean>} */
  takeUp() {
    this.#taking ??= this.#takeUp().finally(() => (this.#taking = null));
    return this.#taking;
  }

  async #takeUp() {
    try {
      const snapshot = await openAnnotate(this.video.id);
      this.connection.stop();
      this.api = new SessionApi(snapshot.session.id);
      this.#dialog?.close();
      this.listener.snapshot(snapshot);
      this.listener.lost(false);
      this.connection = this.#connect(snapshot);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#say(reasonOf(error));
      return false;
    }
  }

  /** The server says that the session is ours no longer. */
  onLost() {
    this.connection.stop();
    if (this.#taking) return;
    if (this.listener.hasUnsent()) void this.takeUp();
    else this.#say("The connection was away for too long, or the video was opened elsewhere.");
  }

  /** @param {string} reason */
  #say(reason) {
    this.listener.lost(true);
    this.#dialog?.close();
    this.#dialog = openLostDialog(reason, () => void this.takeUp(), this.video.project);
  }

  /** @param {Snapshot} snapshot */
  #connect(snapshot) {
    const connection = new Connection(this.api, {
      event: (event) => {
        this.listener.event(event);
        if (event.type === "session" && event.data.state === "closed") this.onLost();
      },
      connected: this.listener.connected,
      snapshot: this.listener.snapshot,
      lost: () => this.onLost(),
      signedOut: openSignedOutDialog,
    });
    connection.start(snapshot.last_event_id);
    return connection;
  }
}

/** @param {ApiError} error */
export function reasonOf(error) {
  const { held_by: holder, until } = error.data;
  if (error.code !== "held" || !holder) return error.message;
  const time = new Date(until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return `${holder} is working on this video. Their hold runs until ${time} unless they go on.`;
}
