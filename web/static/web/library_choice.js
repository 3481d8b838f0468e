/** Choosing videos in the library, for who steers: what is asked for is asked for in all of them. */

/** @import {Video} from "./types.js" */
import { ASKED, openAskDialog } from "./queue/ask.js";
import { fill, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";

const KINDS = /** @type {const} */ (["select", "exhaust"]);

export class LibraryChoice {
  /** @type {Map<number, Video>} By id, on whichever page of the library. */
  #chosen = new Map();
  #counted = h("span", { class: "grow", role: "status" });
  #acts = KINDS.map((kind) => h("button", { class: "btn btn-small btn-primary", type: "button", onclick: () => this.#ask(kind) }, ASKED[kind].act));
  #none = h("button", { class: "btn btn-small", type: "button", onclick: () => this.#setAll(false) }, "Choose none");

  /** @param {string} slug @param {HTMLElement} videos the cards @param {HTMLElement} button begins and ends it */
  constructor(slug, videos, button) {
    this.slug = slug;
    this.videos = videos;
    this.button = button;
    const all = h("button", { class: "btn btn-small", type: "button", onclick: () => this.#setAll(true) }, "All of this page");
    this.element = h("section", { class: "work choosing-bar", "aria-label": "Chosen videos", hidden: true }, h("div", { class: "work-item" }, this.#counted, all, this.#none, this.#acts, h("button", { class: "btn btn-small btn-ghost", type: "button", onclick: () => this.toggle() }, "Done")));
    button.addEventListener("click", () => this.toggle());
    this.#show();
  }

  toggle() {
    const on = this.videos.classList.toggle("choosing");
    this.element.hidden = !on;
    this.button.setAttribute("aria-pressed", String(on));
    if (!on) this.#setAll(false);
    else this.#boxes[0]?.focus();
  }

  /** The card with a box to choose it by. @param {Video} video @param {HTMLElement} card */
  on(video, card) {
    if (video.state !== "ready") return card;
    const box = h("input", { type: "checkbox", checked: this.#chosen.has(video.id), "aria-label": `Choose ${video.name}` });
    box.addEventListener("change", () => {
      if (box.checked) this.#chosen.set(video.id, video);
      else this.#chosen.delete(video.id);
      this.#show();
    });
    card.prepend(h("label", { class: "video-choice" }, box));
    return card;
  }

  get #boxes() {
    return [...this.videos.querySelectorAll(".video-choice input")].filter((box) => box instanceof HTMLInputElement);
  }

  /** @param {boolean} areChosen all that are shown; none at all */
  #setAll(areChosen) {
    if (!areChosen) this.#chosen.clear();
    for (const box of this.#boxes) {
      box.checked = areChosen;
      if (areChosen) box.dispatchEvent(new Event("change"));
    }
    this.#show();
  }

  /** @param {typeof KINDS[number]} kind */
  #ask(kind) {
    const videos = [...this.#chosen.keys()];
    const [only] = this.#chosen.values();
    void openAskDialog({ slug: this.slug, kind, videos, on: only && videos.length === 1 ? only.name : formatCount(videos.length, "video"), done: () => this.#setAll(false) });
  }

  #show() {
    const count = this.#chosen.size;
    fill(this.#counted, count === 0 ? h("span", { class: "faint" }, "Choose videos that are ready, by Space on a box; the choice stays while you leaf and search") : formatCount(count, "video chosen", "videos chosen"));
    for (const act of this.#acts) act.disabled = count === 0;
    this.#none.disabled = count === 0;
  }
}
