/** A new comment: what it says, and what it is pinned to. */

/** @import {NewThread, Video} from "../types.js" */
/** @import {Place, ThreadStage} from "./pins.js" */
import { messageOf } from "../ui/dialogs.js";
import { h } from "../ui/dom.js";
import { pointAt } from "./pins.js";

/**
 * @typedef {object} Composing
 * @property {Video} video
 * @property {number} frame
 * @property {{id: number, name: string} | null} masklet What it can be about besides.
 * @property {ThreadStage} stage
 * @property {(fields: NewThread) => Promise<unknown>} send
 * @property {() => void} close
 */

export class Composer {
  /** @type {Place | null} */
  place = null;
  /** @type {(() => void) | null} */
  #stopPointing = null;

  /** @param {Composing} what */
  constructor(what) {
    this.what = what;
    const { video, frame, masklet } = what;
    this.text = h("textarea", { class: "textarea", rows: 2, maxlength: 5000, required: true, "aria-label": "Comment", placeholder: "What is there to say?" });
    this.where = h("select", { class: "select", "aria-label": "Where" }, !video.is_image && [h("option", { value: "frame" }, `On frame ${frame}`), h("option", { value: "range" }, `From frame ${frame} to …`)], video.is_image && h("option", { value: "frame" }, "In the image"), h("option", { value: "video" }, "On no frame"));
    const last = (video.annotated_count - 1) * video.stride;
    this.to = h("input", { class: "input", type: "number", min: frame, max: last, step: video.stride, value: last, "aria-label": "Last frame", hidden: true });
    this.about = masklet && h("input", { type: "checkbox", checked: true });
    this.point = h("button", { class: "btn btn-small", type: "button", onclick: () => this.#point() }, "Point at a place");
    this.wrong = h("p", { class: "thread-wrong", role: "alert", hidden: true });
    this.submit = h("button", { class: "btn btn-primary btn-small", type: "submit", title: "Ctrl Enter" }, "Comment");
    const cancel = h("button", { class: "btn btn-ghost btn-small", type: "button", onclick: () => this.close() }, "Cancel");
    this.element = h("form", { class: "thread-new", "aria-label": "New comment" },
      this.text, h("div", { class: "row" }, this.where, this.to),
      h("div", { class: "row" }, masklet && h("label", { class: "check small grow truncate" }, this.about, `About ${masklet.name}`), this.point),
      this.wrong, h("div", { class: "row thread-send" }, cancel, this.submit));
    this.#listen();
  }

  #listen() {
    this.where.addEventListener("change", () => this.#show());
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.element.requestSubmit();
      if (event.key === "Escape") this.close();
    });
  }

  close() {
    this.#stopPointing?.();
    this.what.close();
  }

  #point() {
    if (this.place || this.#stopPointing) return this.#set(null);
    this.point.textContent = "Click it, or drag around it …";
    this.#stopPointing = pointAt(this.what.stage, (place) => this.#set(place));
    this.what.stage.canvas.focus({ preventScroll: true });
  }

  /** @param {Place | null} place */
  #set(place) {
    const stop = this.#stopPointing;
    this.#stopPointing = null;
    if (stop && !place) stop();
    this.place = place;
    this.point.textContent = place ? "Forget the place" : "Point at a place";
    this.what.stage.redraw();
    if (place) this.text.focus();
  }

  #show() {
    this.to.hidden = this.where.value !== "range";
    this.point.hidden = this.where.value === "video";
    if (this.point.hidden) this.#set(null);
  }

  async #send() {
    if (this.submit.disabled) return;
    this.submit.disabled = true;
    try {
      await this.what.send(this.#fields());
      this.close();
    } catch (error) {
      this.wrong.textContent = messageOf(error);
      this.wrong.hidden = false;
      this.submit.disabled = false;
    }
  }

  /** @returns {NewThread} */
  #fields() {
    const { frame, masklet } = this.what;
    const onFrame = this.where.value !== "video";
    return {
      text: this.text.value.trim(),
      ...(masklet && this.about?.checked && { masklet: masklet.id }),
      ...(onFrame && { first_frame: frame }),
      ...(this.where.value === "range" && { last_frame: Number(this.to.value) }),
      ...(onFrame && this.place),
    };
  }
}
