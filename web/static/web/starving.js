/** For who steers the queue: what waits in it and can be offered to nobody, and what helps. */

/** @import {Page, Task} from "./types.js" */
import { swatchOf } from "./palette.js";
import { toast, toastError } from "./ui/dialogs.js";
import { h } from "./ui/dom.js";
import { formatAgo, formatCount } from "./ui/format.js";
import { api } from "./ui/page_api.js";
import { panel, swatch } from "./ui/parts.js";
import { KINDS } from "./ui/tasks.js";

/** @typedef {Task & {skips: number}} Starving */

/** @param {Page<Starving>} found @param {() => void} again looks once more @param {string} slug @param {boolean} isOwner */
export function starvingPanel({ count, results }, again, slug, isOwner) {
  const owners = isOwner ? "or let people judge their own work (independence, in the settings)" : "or ask an owner to let people judge their own work (independence, in the settings)";
  const words = `${formatCount(count, "task")} can be offered to nobody: everybody who does such work took part in an earlier stage, has skipped it, or lacks its skill. Offer what was skipped again, `;
  const link = isOwner ? h("a", { href: `/projects/${slug}/settings` }, "add a person to the project") : "have a person added to the project";
  const head = h("tr", {}, ["Task", "On", "Skill", "Skipped by", "Since", ""].map((title) => h("th", {}, title)));
  const rows = results.map((task) => row(task, again));
  return panel("Waits for nobody", [
    h("p", { class: "panel-body", role: "status" }, words, link, `, ${owners}.`),
    h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, rows))),
    count > results.length && h("p", { class: "panel-body muted" }, `These are the ${results.length} that have waited longest.`),
  ]);
}

/** @param {Starving} task @param {() => void} again */
function row({ id, kind, video, masklet, skill, skips, waiting_since: since }, again) {
  const on = masklet ? `${masklet.name} in ${video.name}` : video.name;
  const offer = async () => {
    try {
      await api.tasks.release(id);
      toast(`${KINDS[kind].name} ${on} is offered again.`, "good");
    } catch (error) {
      toastError(error);
    }
    again();
  };
  const button = skips > 0 && h("button", { class: "btn btn-small", type: "button", "aria-label": `Offer again: ${KINDS[kind].name.toLowerCase()} ${on}`, onclick: () => void offer() }, "Offer again");
  return h(
    "tr",
    {},
    h("td", {}, h("strong", {}, KINDS[kind].name)),
    h("td", {}, h("span", { class: "row" }, masklet && swatch(swatchOf(masklet.color).hex), masklet ? h("a", { class: "truncate", href: `/masklets/${masklet.id}` }, on) : h("span", { class: "truncate" }, on))),
    h("td", {}, skill),
    h("td", {}, skips > 0 ? formatCount(skips, "person", "people") : ""),
    h("td", { class: "muted whole", title: new Date(since).toLocaleString() }, formatAgo(since)),
    h("td", { class: "actions" }, button),
  );
}
