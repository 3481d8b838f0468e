/** Several clips one after the other in one page: the next one is loaded while this one is judged. */

/** @import {Frames} from "../frames.js" */
/** @import {Task, TaskKind, VerdictKind} from "../types.js" */
/** @import {Opened} from "./hold.js" */
/** @import {Following, Stand} from "./stand.js" */
import { SessionApi } from "../api.js";
import { toast, toastError, toastOnNextPage } from "../ui/dialogs.js";
import { fill, h } from "../ui/dom.js";
import { formatCount } from "../ui/format.js";
import { letGo } from "../ui/heartbeat.js";
import { icon } from "../ui/icons.js";
import { api } from "../ui/page_api.js";
import { emptyState } from "../ui/parts.js";
import { firstVisible, framesFrom } from "./clip.js";
import { openTask } from "./hold.js";

const MOST = 8; // clips

/** @typedef {VerdictKind | "left"} Outcome */
/** @typedef {{task: Task, ready: Promise<Opened> | null, opened: Opened | null, frames: Frames | null, outcome: Outcome | null}} Entry */

/** A sign and a word for each outcome. @type {Readonly<Record<Outcome, readonly [string, string]>>} */
const SIGNS = { satisfactory: ["✓", "satisfactory"], unsatisfactory: ["↩", "unsatisfactory"], rejected: ["✕", "rejected"], left: ["–", "not judged"] };

export class Batch {
  /** @type {Entry[]} */
  entries = [];
  at = 0;

  /** @param {Stand} stand @param {string} slug @param {readonly TaskKind[]} kinds */
  constructor(stand, slug, kinds) {
    this.stand = stand;
    this.slug = slug;
    this.kinds = kinds;
    this.strip = h("div", { class: "batch", role: "group", "aria-label": "Batch" });
  }

  /** Takes what this person holds of these kinds, and as many more as fill the batch; false when nothing waits. */
  async begin() {
    const { held } = await api.tasks.mine(this.slug);
    const own = held.filter((task) => task.state === "claimed" && this.kinds.includes(task.kind)).slice(0, MOST);
    const more = own.length < MOST ? (await api.tasks.next(this.slug, this.kinds, MOST - own.length)).tasks : [];
    // After a reload, what was held a moment ago may have been given back and come again.
    const both = new Map([...own, ...more].map((task) => [task.id, task]));
    this.entries = [...both.values()].map((task) => ({ task, ready: null, opened: null, frames: null, outcome: null }));
    this.at = 0;
    if (this.entries.length > 0) await this.#show(0);
    return this.entries.length > 0;
  }

  /** Gives back what is left while the page goes away. */
  leave() {
    this.stand.leave();
    const current = this.stand.hold?.task.id;
    for (const { task, outcome } of this.entries) if (!outcome && task.session !== null && task.id !== current) letGo(new SessionApi(task.session));
  }

  get #current() {
    const open = this.entries.findIndex(({ outcome }) => outcome === null);
    return open < 0 ? this.entries.length : open;
  }

  /** @param {number} at */
  async #show(at) {
    const entry = /** @type {Entry} */ (this.entries[at]);
    if (!entry.opened) fill(this.strip, h("span", { class: "spinner" }), h("span", { class: "whole", role: "status" }, "Opening the next clip…"));
    try {
      const opened = await this.#ready(entry);
      this.at = at;
      entry.frames ??= framesFrom(opened.snapshot.video, firstVisible(opened.snapshot));
      this.#drawStrip();
      const given = entry.outcome && entry.outcome !== "left" ? entry.outcome : undefined;
      this.stand.show(opened, entry.frames, this.#following(entry), { acts: this.#acts(), strip: this.strip, given });
      this.#forget(at);
      const next = this.entries[this.#current + 1];
      if (next && !given) void this.#ready(next).catch(() => undefined); // said when its turn comes
    } catch (error) {
      entry.outcome = "left"; // somebody else has it by now, or it is not wanted any more
      toastError(error);
      this.#goOn();
    }
  }

  /** The clip, its first frames on their way. @param {Entry} entry */
  #ready(entry) {
    entry.ready ??= openTask(entry.task.id).then((opened) => {
      entry.opened = opened;
      entry.task = opened.task;
      entry.frames = framesFrom(opened.snapshot.video, firstVisible(opened.snapshot));
      return opened;
    });
    return entry.ready;
  }

  /** Frees the frames of clips that are not near. @param {number} at */
  #forget(at) {
    this.entries.forEach((entry, i) => {
      if (i === at || i === this.#current || i === this.#current + 1) return;
      entry.frames?.release();
      entry.frames = null;
    });
  }

  /** @param {Entry} entry @returns {Following} */
  #following(entry) {
    const left = (/** @type {string} */ said) => this.#settled(entry, "left", said);
    return { done: (said, verdict) => this.#settled(entry, verdict ?? "left", said), left, gaveBack: left };
  }

  /** @param {Entry} entry @param {Outcome} outcome @param {string} said */
  #settled(entry, outcome, said) {
    entry.outcome = outcome;
    toast(said, "good");
    this.#goOn();
  }

  #goOn() {
    const at = this.#current;
    if (at < this.entries.length) void this.#show(at);
    else this.#showEnd();
  }

  #acts() {
    return { previous: () => this.#look(-1), following: () => this.#look(1), leave: () => void this.#leaveBatch() };
  }

  /** To a clip that was judged, for looking only, and back. @param {1 | -1} direction */
  #look(direction) {
    const shown = this.entries.map((entry, i) => (i === this.#current || (entry.outcome && entry.outcome !== "left") ? i : -1)).filter((i) => i >= 0);
    const next = shown.filter((i) => (i - this.at) * direction > 0);
    if (next.length > 0) return void this.#show(direction > 0 ? Math.min(...next) : Math.max(...next));
    return toast(direction > 0 ? "This one is to be judged first." : "Nothing was judged before this one.");
  }

  async #leaveBatch() {
    // A claim that overtook what gives its task back would hold it again.
    await this.entries[this.#current + 1]?.ready?.catch(() => undefined);
    const left = this.entries.length - this.entries.filter(({ outcome }) => outcome).length;
    toastOnNextPage(`${this.#tally()} ${left > 0 ? `${formatCount(left, "clip")} given back.` : ""}`);
    location.assign(`/projects/${this.slug}/reviews`); // leaving gives back the rest
  }

  #tally() {
    const counts = Object.entries(SIGNS).map(([outcome, [, word]]) => [this.entries.filter((entry) => entry.outcome === outcome).length, word]);
    const said = counts.filter(([count]) => count).map(([count, word]) => `${count} ${word}`);
    return said.length > 0 ? `${said.join(", ")}.` : "Nothing was judged.";
  }

  #drawStrip() {
    const here = Math.min(this.#current, this.entries.length - 1);
    const chips = this.entries.map(({ outcome }, i) => {
      const [sign, word] = outcome ? SIGNS[outcome] : ["", i === here ? "to be judged now" : "waiting"];
      return h("li", { class: `batch-clip${outcome ? ` batch-${outcome}` : ""}`, "aria-current": i === this.at && "true", title: `Clip ${i + 1}: ${word}`, "aria-label": `Clip ${i + 1}: ${word}` }, sign || String(i + 1));
    });
    fill(this.strip, h("span", { class: "whole", role: "status" }, `${this.at + 1} of ${this.entries.length}`), h("ol", { class: "batch-clips" }, chips));
  }

  #showEnd() {
    const again = h("a", { class: "btn btn-primary", href: `${location.pathname}${location.search}` }, "Next batch", icon("chevron_right"));
    const all = h("a", { class: "btn", href: `/projects/${this.slug}/reviews` }, "All reviews");
    this.stand.say(emptyState({ symbol: "check", title: "The batch is done", text: this.#tally(), act: h("div", { class: "row" }, all, again) }));
    again.focus(); // Enter goes on
  }
}
