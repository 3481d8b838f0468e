/** The videos that a run is to be of, chosen among all that are ready. */

/** @import {Page} from "../types.js" */
/** @import {Choice} from "./api.js" */
import { ApiError } from "../api.js";
import { messageOf, openDialog, toast } from "../ui/dialogs.js";
import { fill, h } from "../ui/dom.js";
import { formatAgo, formatCount, formatDuration } from "../ui/format.js";
import { emptyState, failedState } from "../ui/parts.js";
import { maskletCounts } from "../ui/video_card.js";
import { autoRuns, MOST_AT_ONCE } from "./api.js";
import { isActive, runChip } from "./runs.js";

const TYPING_WAIT = 250; // ms

class ChooseDialog {
  /** @type {Map<number, Choice>} What is chosen, also where a search hides it. */
  #chosen = new Map();
  /** @type {{video: Choice, box: HTMLInputElement}[]} */
  #listed = [];
  #turn = 0; // of the newest search: answers to earlier ones are let go
  #page = 1;
  #last = 0; // place of the box that was changed last, from which Shift goes on
  #search = h("input", { class: "input", type: "search", placeholder: "Name, id, author, country or tag", "aria-label": "Search videos" });
  #onlyNew = h("input", { type: "checkbox" });
  #all = h("input", { type: "checkbox", "aria-label": "All that are listed" });
  #rows = h("tbody", {});
  #place = h("div", { class: "auto-list" });
  #more = h("button", { class: "btn btn-small", type: "button" });
  #counted = h("span", { class: "grow", role: "status" });
  #note = h("p", { class: "small muted auto-note", role: "alert" });
  #none = h("button", { class: "btn btn-ghost", type: "button" }, "Choose none");
  #start = h("button", { class: "btn btn-primary", type: "submit", disabled: true });
  #table;
  #dialog;

  /** @param {() => void} begun */
  constructor(begun) {
    const head = h("tr", {}, h("th", {}, this.#all), ["Video", "Length", "Masklets", "Last run"].map((text) => h("th", {}, text)));
    this.#table = h("table", { class: "table" }, h("thead", {}, head), this.#rows);
    const bar = h("div", { class: "auto-search row" }, this.#search, h("label", { class: "check whole" }, this.#onlyNew, "Only new ones"));
    const foot = h("div", { class: "dialog-foot" }, this.#counted, this.#none, h("button", { class: "btn", type: "button", onclick: () => this.#dialog.close() }, "Cancel"), this.#start);
    const form = h("form", {}, bar, this.#place, this.#note, foot);
    form.addEventListener("submit", (event) => { event.preventDefault(); void this.#begin(begun); });
    this.#listen();
    this.#dialog = openDialog("Choose videos for auto masklets", form);
    this.#dialog.classList.add("auto-dialog");
    this.#search.focus();
    this.#show();
    void this.#load();
  }

  #listen() {
    let typing = 0;
    const anew = () => { this.#page = 1; void this.#load(); };
    this.#search.addEventListener("input", () => { this.#turn += 1; this.#wait(true); clearTimeout(typing); typing = setTimeout(anew, TYPING_WAIT); });
    this.#search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // it would begin the runs
      if (event.key === "ArrowDown") this.#focus(0, event);
    });
    this.#onlyNew.addEventListener("change", anew);
    this.#all.addEventListener("change", () => { for (const one of this.#listed) this.#set(one, this.#all.checked); this.#show(); });
    this.#none.addEventListener("click", () => { this.#chosen.clear(); for (const { box } of this.#listed) box.checked = false; this.#show(); this.#search.focus(); });
    this.#more.addEventListener("click", () => { this.#page += 1; void this.#load(); });
  }

  async #load() {
    const turn = ++this.#turn;
    this.#wait(this.#page === 1);
    try {
      const listed = await autoRuns.videos({ q: this.#search.value.trim(), new: this.#onlyNew.checked ? "true" : "", page: this.#page });
      if (turn === this.#turn) this.#list(listed);
    } catch (error) {
      if (turn === this.#turn) fill(this.#place, failedState(error, () => this.#load()));
    }
    if (turn === this.#turn) this.#wait(false);
  }

  /** What is listed is not what was searched for: nobody is to choose among it. @param {boolean} wait */
  #wait(wait) {
    this.#place.inert = wait;
    this.#place.setAttribute("aria-busy", String(wait));
  }

  /** @param {Page<Choice>} page */
  #list({ results, count, next }) {
    if (this.#page === 1) {
      this.#listed = [];
      fill(this.#rows);
    }
    for (const video of results) this.#rows.append(this.#row(video));
    this.#more.hidden = !next;
    fill(this.#more, `Show more: ${this.#listed.length.toLocaleString("en")} of ${formatCount(count, "video")} are listed`);
    if (count > 0) fill(this.#place, this.#table, this.#more);
    else fill(this.#place, this.#nothing());
    this.#show();
  }

  #nothing() {
    if (this.#search.value.trim()) return emptyState({ symbol: "search", title: "No video matches", text: "Only videos that are ready are looked through." });
    if (this.#onlyNew.checked) return emptyState({ symbol: "check", title: "None is new", text: "Every video that is ready had a run, or is in one. Those that had one can have another." });
    return emptyState({ symbol: "film", title: "No video is ready yet", text: "Upload videos, and choose them here once they are ingested." });
  }

  /** @param {Choice} video */
  #row(video) {
    const { last_run: run } = video;
    const busy = run !== null && isActive(run.state);
    const box = h("input", { type: "checkbox", checked: this.#chosen.has(video.id), disabled: busy, "aria-label": video.name });
    const one = { video, box };
    const place = this.#listed.push(one) - 1;
    const told = run && [runChip(run.state), h("span", { class: "small faint whole" }, run.state === "finished" ? `${run.kept} kept, ${formatAgo(run.created_at)}` : formatAgo(run.created_at))];
    const row = h(
      "tr",
      { class: busy ? "auto-busy" : "auto-choice" },
      h("td", {}, box),
      h("td", {}, h("span", { class: "row" }, h("img", { class: "thumb", src: video.urls.poster, alt: "", loading: "lazy" }), h("span", {}, video.name, h("br"), h("code", { class: "faint" }, video.video_id)))),
      h("td", { class: "muted whole" }, video.is_image ? "image" : formatDuration(video.duration_s)),
      h("td", {}, maskletCounts(video.masklets)),
      h("td", {}, told ? h("span", { class: "row row-wrap" }, told) : h("span", { class: "faint" }, "None")),
    );
    row.addEventListener("click", (event) => {
      if (busy) return;
      if (event.target !== box) box.checked = !box.checked;
      this.#pick(place, event.shiftKey);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") this.#focus(place + 1, event);
      if (event.key === "ArrowUp") this.#focus(place - 1, event);
    });
    return row;
  }

  /** @param {number} place @param {KeyboardEvent} event */
  #focus(place, event) {
    event.preventDefault();
    (this.#listed[place]?.box ?? (place < 0 ? this.#search : this.#more)).focus();
  }

  /** @param {number} place whose box was changed @param {boolean} through with all from the last one on */
  #pick(place, through) {
    const to = /** @type {{video: Choice, box: HTMLInputElement}} */ (this.#listed[place]).box.checked;
    const from = through ? this.#last : place;
    for (const one of this.#listed.slice(Math.min(from, place), Math.max(from, place) + 1)) this.#set(one, to);
    this.#last = place;
    this.#show();
  }

  /** @param {{video: Choice, box: HTMLInputElement}} one @param {boolean} to */
  #set({ video, box }, to) {
    if (box.disabled) return;
    box.checked = to;
    if (to) this.#chosen.set(video.id, video);
    else this.#chosen.delete(video.id);
  }

  /** How much is chosen, and what is to be known of it. */
  #show() {
    const free = this.#listed.filter(({ box }) => !box.disabled);
    const here = free.filter(({ box }) => box.checked).length;
    this.#all.disabled = free.length === 0;
    this.#all.checked = here > 0 && here === free.length;
    this.#all.indeterminate = here > 0 && here < free.length;
    const count = this.#chosen.size;
    const hidden = count - here;
    fill(this.#counted, count === 0 ? h("span", { class: "faint" }, "Space chooses, Shift and a click choose all up to there") : `${count.toLocaleString("en")} chosen${hidden > 0 ? `, ${hidden} of them not listed now` : ""}`);
    const again = [...this.#chosen.values()].filter(({ last_run: run }) => run?.state === "finished").length;
    const over = count > MOST_AT_ONCE;
    this.#say(over ? `At most ${MOST_AT_ONCE.toLocaleString("en")} at once: choose fewer.` : again > 0 ? `${again === count ? (count === 1 ? "It" : "All of them") : again} had a run: another one looks for what the video does not have yet.` : "");
    this.#none.hidden = count === 0;
    this.#start.disabled = count === 0 || over;
    fill(this.#start, count === 0 ? "Run" : `Run on ${formatCount(count, "video")}`);
  }

  /** @param {string} text @param {boolean} [bad] */
  #say(text, bad = false) {
    this.#note.className = `small auto-note ${bad ? "bad" : "muted"}`;
    this.#note.textContent = text;
    this.#note.hidden = !text;
  }

  /** @param {() => void} begun */
  async #begin(begun) {
    this.#start.disabled = true;
    try {
      const { runs } = await autoRuns.start([...this.#chosen.keys()]);
      this.#dialog.close();
      toast(`${formatCount(runs.length, "run")} will begin as workers come free.`, "good");
      begun();
    } catch (error) {
      if (error instanceof ApiError && error.code === "running") {
        for (const id of error.data.videos) this.#chosen.delete(id);
        this.#page = 1;
        await this.#load();
      }
      this.#start.disabled = this.#chosen.size === 0;
      this.#say(messageOf(error), true); // a toast would stand behind this dialog
    }
  }
}

/** @param {() => void} begun is told of new runs */
export function openChooseDialog(begun) {
  new ChooseDialog(begun);
}
