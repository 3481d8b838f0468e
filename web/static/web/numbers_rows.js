/** The masklets behind a number, by the filters that the number had. */

import { request } from "./api.js";
import { sayNumber } from "./charts.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { emptyState, failedState, nameOf, stateChip } from "./ui/parts.js";

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
const query = new URLSearchParams(location.search);

/** The address of the API, or this page's own. @param {string} path @param {Record<string, string>} more */
const at = (path, more) => `${path}?${new URLSearchParams({ ...Object.fromEntries(query), ...more })}`;

/** @param {Record<string, any>} row */
function line(row) {
  const numbers = [row.frames, row.edited_frames, row.clicks, row.active_ms / 1000, row.visible_frames, row.visibility_changes, row.returns];
  return h("tr", {},
    h("td", {}, h("a", { href: row.state === "submitted" ? `/masklets/${row.id}/review` : `/masklets/${row.id}` }, row.name)),
    h("td", {}, h("a", { href: `/videos/${row.video}` }, row.video_name)),
    h("td", {}, stateChip(row.state, row.set_aside ? `Set aside: ${row.set_aside.replace("_", " ")}` : undefined)),
    h("td", { class: "muted" }, row.type), h("td", { class: "number" }, row.phase ?? "–"), h("td", { class: "muted" }, nameOf(row.person)), h("td", { class: "muted" }, row.model || "–"),
    numbers.map((value) => h("td", { class: "number" }, sayNumber(value))));
}

const HEAD = ["Masklet", "Video", "State", "Type", "Phase", "Person", "Model", "Frames", "Edited", "Clicks", "Active s", "Visible", "Changes", "Sent back"];

/** @param {{count: number, next: string | null, previous: string | null, results: Record<string, any>[]}} answer */
function show({ count, next, previous, results }) {
  const number = Number(query.get("page") ?? 1);
  const turn = (/** @type {string} */ words, /** @type {number} */ to) => h("a", { class: "btn", href: at(location.pathname, { page: String(to) }) }, words);
  const asked = [...query].filter(([name]) => name !== "page").map(([name, value]) => h("span", { class: "chip" }, value === "true" ? name : `${name.replace("_", " ")}: ${value}`));
  const table = h("div", { class: "panel table-scroll" }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, HEAD.map((name, i) => h("th", { scope: "col", class: (i === 4 || i > 6) && "number" }, name)))), h("tbody", {}, results.map(line))));
  fill(page,
    h("div", { class: "page-head" }, h("h1", {}, "Masklets behind a number"), h("span", { class: "faint" }, formatCount(count, "masklet")), asked, h("div", { class: "grow" }),
      h("a", { class: "btn", href: `/projects/${slug}/numbers` }, "All numbers"), h("a", { class: "btn", href: at(`/api/projects/${slug}/numbers/masklets`, { format: "csv", page_size: "200" }) }, "This page as CSV")),
    count === 0 ? h("section", { class: "panel" }, emptyState({ symbol: "check", title: "No masklet is like this", text: "Nothing in this project is counted there yet." })) : table,
    h("div", { class: "pager" }, previous && turn("Newer", number - 1), next && turn("Older", number + 1)));
}

request("GET", at(`/api/projects/${slug}/numbers/masklets`, {})).then(show, (error) => fill(page, failedState(error, () => location.reload()))).finally(() => page.setAttribute("aria-busy", "false"));
