/** The comments of a video, beside its frame: the same panel in the workspace and in the review. */

/** @import {Shortcut} from "./shortcuts.js" */
/** @import {NewThread, Thread, Video} from "./types.js" */
/** @import {Pin, ThreadStage} from "./threads/pins.js" */
import { keySign } from "./shortcuts.js";
import { Composer } from "./threads/composer.js";
import { drawPins, placeOf } from "./threads/pins.js";
import { threadRow } from "./threads/row.js";
import { messageOf, toast } from "./ui/dialogs.js";
import { fill, fillKeyed, h } from "./ui/dom.js";
import { icon } from "./ui/icons.js";
import { api } from "./ui/page_api.js";

/**
 * @typedef {object} ThreadsPage
 * @property {Video} video
 * @property {ThreadStage} stage
 * @property {() => number} frame
 * @property {(frame: number) => void} goTo
 * @property {() => {id: number, name: string} | null} masklet What a new comment can be about.
 * @property {(masklet: number) => string | null} nameOf Null for a masklet that the page does not show.
 * @property {boolean} [namesNobody] Of others: who they are is not to lead this person.
 */

/** @type {Readonly<Record<string, import("./ui/icons.js").IconName>>} */
const ICONS = { "thread-previous": "chevron_left", "thread-next": "chevron_right", "thread-new": "plus" };

export class Threads {
  /** @type {Map<number, Thread>} */
  #threads = new Map();
  /** @type {Map<number, string>} By thread. */
  #drafts = new Map();
  /** @type {number | null} */
  #open = null;
  /** @type {Composer | null} */
  #composer = null;
  #missed = ""; // why the list could not be fetched
  #asked = Number(new URLSearchParams(location.search).get("thread")); // by the address, once

  /** @param {ThreadsPage} page */
  constructor(page) {
    this.page = page;
    this.shortcuts = this.#shortcuts();
    this.count = h("span", { class: "chip", hidden: true });
    this.room = h("div", {});
    this.list = h("ol", { class: "thread-list" });
    this.nothing = h("p", { class: "faint small thread-nothing" });
    this.element = h("section", { class: "side-section threads", "aria-label": "Comments" }, h("div", { class: "side-head" }, h("h2", {}, "Comments"), this.count, h("span", { class: "grow" }), this.shortcuts.map(actButton)), this.room, this.nothing, this.list);
    page.stage.above = (context, viewport) => drawPins(context, viewport, this.#pins());
    void this.load();
  }

  /** Fetches all of them, in place of what the page believes. */
  async load() {
    try {
      const { results } = await api.threads.list(this.page.video.id);
      this.#threads = new Map(results.map((thread) => [thread.id, thread]));
      this.#missed = "";
      this.#goToAsked();
    } catch (error) {
      this.#missed = messageOf(error);
    }
    this.#show();
  }

  #goToAsked() {
    const thread = this.#threads.get(this.#asked);
    if (thread && this.#isShown(thread)) this.#go(thread);
    else if (this.#asked) toast("The comment that was asked for is not shown here.");
    this.#asked = 0;
  }

  /** Takes a thread in that is told of by an event or an answer. @param {Thread} thread */
  take(thread) {
    const known = this.#threads.get(thread.id);
    const newest = thread.comments.at(-1);
    if (known && (known.comments.at(-1)?.id ?? 0) > (newest?.id ?? 0)) return; // an event that an answer overtook
    this.#threads.set(thread.id, thread);
    const isNews = newest && newest.id !== known?.comments.at(-1)?.id && newest.user !== document.body.dataset.username;
    if (isNews && this.#isShown(thread)) toast(`${this.#sayer(newest.user)} wrote a comment${thread.first_frame === null ? "" : ` on frame ${thread.first_frame}`}.`);
    this.#show();
  }

  /** Gives up what is being written; the page goes away. */
  end() {
    this.#composer?.close();
  }

  /** @returns {Shortcut[]} */
  #shortcuts() {
    const group = "Comments";
    return [
      { id: "thread-previous", group, label: "Previous unresolved comment", keys: ["Shift+Y"], run: () => this.#step(-1) },
      { id: "thread-next", group, label: "Next unresolved comment", keys: ["Y"], run: () => this.#step(1) },
      { id: "thread-new", group, label: "Comment on this frame", keys: ["Shift+C"], run: () => this.#compose() },
    ];
  }

  /** Unresolved ones first, then by frame. */
  get #ordered() {
    const shown = [...this.#threads.values()].filter((thread) => this.#isShown(thread));
    const frame = (/** @type {Thread} */ { first_frame: first }) => first ?? -1;
    return shown.sort((a, b) => Number(a.resolved_at !== null) - Number(b.resolved_at !== null) || frame(a) - frame(b) || a.id - b.id);
  }

  /** @param {Thread} thread */
  #isShown({ masklet }) {
    return masklet === null || this.page.nameOf(masklet) !== null;
  }

  /** @param {string | null} user */
  #sayer = (user) => (user === null || (this.page.namesNobody && user !== document.body.dataset.username) ? "Somebody" : user);

  /** @param {1 | -1} direction */
  #step(direction) {
    const unresolved = this.#ordered.filter((thread) => thread.resolved_at === null);
    const at = unresolved.findIndex((thread) => thread.id === this.#open);
    const here = this.page.frame();
    const near = direction === 1 ? unresolved.findIndex((thread) => (thread.first_frame ?? -1) >= here) : unresolved.findLastIndex((thread) => (thread.first_frame ?? -1) <= here);
    const wanted = at === -1 ? near : at + direction;
    const next = unresolved[(wanted + unresolved.length) % unresolved.length] ?? unresolved[0];
    if (!next) return toast("There is no unresolved comment.");
    this.#go(next);
  }

  /** @param {Thread} thread */
  #go(thread) {
    this.#open = thread.id;
    const { first_frame: first, last_frame: last } = thread;
    const here = this.page.frame();
    if (first !== null && !(first <= here && here <= (last ?? first))) this.page.goTo(first);
    this.#show();
    this.list.querySelector(`[data-thread="${thread.id}"]`)?.scrollIntoView({ block: "nearest" });
  }

  #compose() {
    if (this.#composer) return this.#composer.text.focus();
    const { video, stage } = this.page;
    this.#composer = new Composer({
      video,
      stage,
      frame: this.page.frame(),
      masklet: this.page.masklet(),
      send: (fields) => this.#begin(fields),
      close: () => {
        this.#composer = null;
        this.#show();
        stage.canvas.focus({ preventScroll: true });
      },
    });
    this.#show();
    this.#composer.text.focus();
  }

  /** @param {NewThread} fields */
  async #begin(fields) {
    const thread = await api.threads.begin(this.page.video.id, fields);
    this.#open = thread.id;
    this.take(thread);
  }

  #show() {
    const { list, room, nothing, count, page } = this;
    if (room.firstChild !== (this.#composer?.element ?? null)) fill(room, this.#composer?.element);
    const ordered = this.#ordered;
    const unresolved = ordered.filter((thread) => thread.resolved_at === null).length;
    this.element.classList.toggle("threads-open", this.#composer !== null || this.#open !== null);
    count.hidden = unresolved === 0;
    count.textContent = `${unresolved} open`;
    nothing.hidden = (ordered.length > 0 || this.#composer !== null) && !this.#missed;
    nothing.textContent = this.#missed || "None yet.";
    const rows = ordered.map((thread, i) => ({ thread, sign: String(i + 1), about: thread.masklet === null ? "" : (page.nameOf(thread.masklet) ?? ""), open: thread.id === this.#open, sayer: this.#sayer }));
    fillKeyed(list, rows, (row) => row.thread.id, (row) => threadRow({ ...row, draft: this.#drafts.get(row.thread.id) ?? "" }, this.#listener(row.thread)));
    page.stage.redraw();
  }

  /** @param {Thread} thread @returns {import("./threads/row.js").RowListener} */
  #listener({ id, resolved_at }) {
    return {
      toggle: () => {
        const thread = this.#threads.get(id);
        if (this.#open !== id && thread) return this.#go(thread);
        this.#open = null;
        this.#show();
      },
      draft: (text) => void this.#drafts.set(id, text),
      answer: async (text) => {
        const thread = await api.threads.answer(id, text);
        this.#drafts.delete(id);
        this.take(thread);
      },
      settle: async () => this.take(await (resolved_at === null ? api.threads.resolve(id) : api.threads.reopen(id))),
    };
  }

  /** @returns {Pin[]} */
  #pins() {
    const here = this.page.frame();
    const pins = this.#ordered.flatMap((thread, i) => {
      const place = placeOf(thread);
      const current = thread.id === this.#open;
      const isHere = thread.first_frame !== null && thread.first_frame <= here && here <= (thread.last_frame ?? thread.first_frame);
      return place && isHere && (current || thread.resolved_at === null) ? [{ place, sign: String(i + 1), current }] : [];
    });
    const composer = this.#composer;
    return composer?.place && composer.what.frame === here ? [...pins, { place: composer.place, sign: "+", current: true }] : pins;
  }
}

/** @param {Shortcut} shortcut */
function actButton({ id, label, keys, run }) {
  const title = `${label} (${keySign(keys[0] ?? "")})`;
  return h("button", { class: "btn btn-ghost btn-icon btn-small", type: "button", title, "aria-label": label, "data-act": id, onclick: () => run() }, icon(ICONS[id] ?? "comment"));
}
