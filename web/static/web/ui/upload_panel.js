/** The library's list of uploads: one after the other, each with its progress, and those a reload broke off. */

/** @import {VideoMetadata} from "../types.js" */
import { api } from "./page_api.js";
import { fill, h } from "./dom.js";
import { formatBytes, formatCount, formatWait } from "./format.js";
import { icon } from "./icons.js";
import { Transfer } from "./transfer.js";
import { begun, forget, keyOf } from "./upload_memory.js";

/** @import {IconName} from "./icons.js" */

export class UploadPanel {
  /** @type {Transfer[]} */
  #transfers = [];
  /** @type {Map<Transfer, {row: HTMLElement, bar: HTMLProgressElement, text: HTMLElement, acts: HTMLElement, state: string}>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} panel
   * @param {string} slug
   * @param {() => void} onDone a file is there and being ingested
   */
  constructor(panel, slug, onDone) {
    this.panel = panel;
    this.slug = slug;
    this.onDone = onDone;
    this.list = h("ul", { class: "upload-list" });
    this.title = h("h2", { class: "grow" }, "Uploads");
    this.clear = h("button", { class: "btn btn-ghost btn-small", type: "button", onclick: () => this.#clear() }, "Clear finished");
    fill(panel, h("div", { class: "panel-head" }, this.title, this.clear), this.list);
    addEventListener("beforeunload", (event) => { if (this.#transfers.some((t) => !t.isOver && t.state !== "paused")) event.preventDefault(); });
    this.#show();
  }

  /** @param {File[]} files @param {Partial<VideoMetadata>} metadata */
  add(files, metadata) {
    const known = new Map(begun(this.slug).map((upload) => [upload.key, upload.id]));
    for (const file of files) {
      if (this.#transfers.some((other) => other.key === keyOf(file) && !other.isOver)) continue;
      const id = known.get(keyOf(file)) ?? null;
      this.#transfers.push(new Transfer(this.slug, file, metadata, { id, onChange: (transfer) => this.#changed(transfer) }));
    }
    this.#show();
    this.#next();
  }

  // One at a time: a second file would only halve the speed of the first.
  #next() {
    const busy = this.#transfers.some(({ state }) => state === "hashing" || state === "sending" || state === "retrying");
    const next = this.#transfers.find(({ state }) => state === "waiting");
    if (!busy && next) void next.run();
  }

  /** @param {Transfer} transfer */
  #changed(transfer) {
    this.#showRow(transfer);
    if (transfer.state === "done") this.onDone();
    if (transfer.isOver || transfer.state === "paused") { this.#showTitle(); this.#next(); }
  }

  /** @param {Transfer} transfer */
  #resume(transfer) {
    transfer.state = "waiting";
    this.#showRow(transfer);
    this.#next();
  }

  /** @param {Transfer} transfer */
  async #cancel(transfer) {
    await transfer.cancel();
    this.#transfers = this.#transfers.filter((other) => other !== transfer);
    this.#show();
    this.#next();
  }

  #clear() {
    this.#transfers = this.#transfers.filter((transfer) => !transfer.isOver);
    this.#show();
  }

  #show() {
    const running = new Set(this.#transfers.map(({ key }) => key));
    const broken = begun(this.slug).filter(({ key }) => !running.has(key));
    fill(this.list, ...this.#transfers.map((transfer) => this.#rowOf(transfer).row), ...broken.map((upload) => this.#brokenRow(upload)));
    this.panel.hidden = this.list.childElementCount === 0;
    for (const transfer of this.#transfers) this.#showRow(transfer);
    this.#showTitle();
  }

  #showTitle() {
    const left = this.#transfers.filter((transfer) => !transfer.isOver).length;
    fill(this.title, left > 0 ? `Uploading ${formatCount(left, "file")}` : "Uploads");
    this.clear.hidden = !this.#transfers.some((transfer) => transfer.isOver);
  }

  /** @param {Transfer} transfer */
  #rowOf(transfer) {
    const known = this.#rows.get(transfer);
    if (known) return known;
    const bar = h("progress", { max: 1, "aria-label": `Upload of ${transfer.file.name}` });
    const text = h("span", { class: "upload-text small muted" });
    const acts = h("span", { class: "row" });
    const row = h("li", { class: "upload" }, h("span", { class: "truncate upload-name", title: transfer.file.name }, transfer.file.name), text, acts, bar);
    const made = { row, bar, text, acts, state: "" };
    this.#rows.set(transfer, made);
    return made;
  }

  /** @param {Transfer} transfer */
  #showRow(transfer) {
    const made = this.#rowOf(transfer);
    const { row, bar, text, acts } = made;
    const share = transfer.state === "hashing" ? transfer.hashed / transfer.file.size : transfer.sent / transfer.file.size;
    bar.value = share;
    row.classList.toggle("upload-done", transfer.state === "done");
    bar.classList.toggle("progress-checking", transfer.state === "hashing");
    text.classList.toggle("bad", transfer.state === "failed");
    fill(text, textOf(transfer));
    if (made.state !== transfer.state) { // Else the button under the pointer would be another one each time.
      made.state = transfer.state;
      fill(acts, ...this.#actsOf(transfer));
    }
  }

  /** @param {Transfer} transfer */
  #actsOf(transfer) {
    if (transfer.state === "done") return [];
    const remove = smallButton("cross", transfer.state === "failed" ? "Remove from the list" : "Cancel this upload", () => void this.#cancel(transfer));
    if (transfer.state === "failed" || transfer.state === "paused") {
      return [smallButton(transfer.state === "paused" ? "play" : "retry", transfer.state === "paused" ? "Go on" : "Try again", () => this.#resume(transfer)), remove];
    }
    return transfer.state === "waiting" ? [remove] : [smallButton("pause", "Pause", () => transfer.pause()), remove];
  }

  /** @param {import("./upload_memory.js").Begun} upload */
  #brokenRow(upload) {
    const discard = async () => {
      await api.uploads.cancel(upload.id).catch(() => undefined);
      forget(this.slug, upload.key);
      this.#show();
    };
    const text = h("span", { class: "upload-text small muted" }, `${formatBytes(upload.size)}, broken off. Choose the same file again to go on where it stopped.`);
    return h("li", { class: "upload" }, h("span", { class: "truncate upload-name", title: upload.name }, upload.name), text, h("span", { class: "row" }, smallButton("trash", `Discard ${upload.name}`, () => void discard())));
  }
}

/** @param {Transfer} transfer */
function textOf(transfer) {
  const { size } = transfer.file;
  const { state, speed, sent, message } = transfer;
  if (state === "waiting") return `${formatBytes(size)}, waiting`;
  if (state === "hashing") return `Checking ${Math.floor((100 * transfer.hashed) / size)} %`;
  if (state === "done") return `${formatBytes(size)}, uploaded`;
  if (state === "failed") return message;
  if (state === "paused") return `${formatBytes(sent)} of ${formatBytes(size)}, paused`;
  if (state === "retrying") return `${message} Trying again…`;
  const left = speed > 0 ? `, ${formatBytes(speed)}/s, ${formatWait((size - sent) / speed)} left` : "";
  return `${formatBytes(sent)} of ${formatBytes(size)}${left}`;
}

/** @param {IconName} symbol @param {string} label @param {() => void} act */
function smallButton(symbol, label, act) {
  return h("button", { class: "btn btn-ghost btn-icon btn-small", type: "button", "aria-label": label, title: label, onclick: act }, icon(symbol));
}
