import { ApiError, openAnnotate, openSession, SessionApi } from "../api.js";
import { h } from "../ui/dom.js";
import { api } from "../ui/page_api.js";
import { Connection } from "./connection.js";
import { openLostDialog, openSignedOutDialog } from "./dialogs.js";
import { nextButton } from "./task_dialogs.js";

/**
 * @import {SessionEvent, Snapshot, Task, Video} from "../types.js"
 */

const TASK_DONE = "task_done";

/**
 * @typedef {object} HoldListener
 * @property {(event: SessionEvent) => void} event
 * @property {(connected: boolean) => void} connected
 * @property {(snapshot: Snapshot) => void} snapshot
 * @property {(isLost: boolean) => void} lost
 * @property {() => boolean} hasUnsent Whether acts wait: then it is taken up again without asking.
 * @property {() => void} [done] What is held turns out to be done, by this person.
 */

/**
 * What is held, a video or a task: how it is taken up, and what is said and offered when it was lost.
 * @typedef {object} Held
 * @property {() => Promise<Snapshot>} open
 * @property {string} title
 * @property {string} lost
 * @property {(said: (message: string) => void) => HTMLElement} leave What else to do.
 */

/** @param {Video} video @returns {Held} */
export function heldVideo({ id, project }) {
  return {
    open: () => openAnnotate(id),
    title: "You no longer hold this video",
    lost: "The connection was away for too long, or the video was opened elsewhere.",
    leave: () => h("a", { class: "btn", href: `/projects/${project}` }, "To the project"),
  };
}

/** @param {Task} task @returns {Held} */
export function heldTask({ id, project }) {
  return {
    open: () => openTask(id),
    title: "You no longer hold this task",
    lost: "The connection was away for too long, or the task was left elsewhere: it went back to the queue.",
    leave: (said) => nextButton(project, said, ""),
  };
}

/** Claims the task, or takes it up again. Throws ApiError. @param {number} id */
async function openTask(id) {
  try {
    const { session } = await api.tasks.claim(id);
    return await openSession(session ?? 0);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "not_open")) throw error;
    const task = await api.tasks.get(id);
    const mine = task.state === "done" && task.holder === document.body.dataset.username;
    throw mine ? new ApiError(409, TASK_DONE, "You have done this task already.") : error;
  }
}

/** This person's hold on the video or the task: kept, lost, and taken up again. */
export class Hold {
  /** @type {HTMLDialogElement | null} */
  #dialog = null;
  /** @type {Promise<boolean> | null} */
  #taking = null;

  /** @param {Snapshot} snapshot @param {Held} held @param {HoldListener} listener */
  constructor(snapshot, held, listener) {
    this.held = held;
    this.listener = listener;
    this.api = new SessionApi(snapshot.session.id);
    this.connection = this.#connect(snapshot);
  }

  /** Lets go, so that others may work on it. */
  async close() {
    this.end();
    await this.api.close();
  }

  /** Renews it no longer. */
  end() {
    this.connection.stop();
  }

  /** Takes it up again; whether it worked. @returns {Promise<boolean>} */
  takeUp() {
    this.#taking ??= this.#takeUp().finally(() => (this.#taking = null));
    return this.#taking;
  }

  async #takeUp() {
    try {
      const snapshot = await this.held.open();
      this.connection.stop();
      this.api = new SessionApi(snapshot.session.id);
      this.#dialog?.close();
      this.listener.snapshot(snapshot);
      this.listener.lost(false);
      this.connection = this.#connect(snapshot);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === TASK_DONE) this.listener.done?.();
      else this.#say(reasonOf(error));
      return false;
    }
  }

  /** The server says that the session is ours no longer. */
  onLost() {
    this.connection.stop();
    if (this.#taking) return;
    if (this.listener.hasUnsent()) void this.takeUp();
    else this.#say(this.held.lost);
  }

  /** @param {string} reason */
  #say(reason) {
    this.listener.lost(true);
    this.#dialog?.close();
    this.#dialog = openLostDialog(reason, () => void this.takeUp(), this.held);
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
  if (error.code !== "held" || !holder || !until) return error.message;
  const time = new Date(until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return `${holder} is working on this video. Their hold runs until ${time} unless they go on.`;
}
