/** The rows behind a number, by the filters that the number had. */

/** @import {Kind, Row} from "./numbers/rows.js" */
import { request } from "./api.js";
import { askedFor, KINDS } from "./numbers/rows.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { emptyState, failedState } from "./ui/parts.js";
import { currentMe, mayDo } from "./ui/shell.js";

const { slug = "", of = "masklets" } = document.body.dataset;
const page = byId("page", HTMLElement);
const query = new URLSearchParams(location.search);

/** The address of the API, or this page's own, with one thing changed. @param {string} path @param {string} name @param {string} value */
function at(path, name, value) {
  const changed = new URLSearchParams(query);
  changed.set(name, value);
  return `${path}?${changed}`;
}

/** The same rows from the first on, only those that pass one filter more. @param {Kind} kind */
function narrower(kind) {
  if (!kind.narrower || query.has(kind.narrower[0])) return null;
  const [name, words] = kind.narrower;
  const asked = new URLSearchParams(query);
  asked.delete("page");
  asked.set(name, "true");
  return h("a", { class: "btn", href: `${location.pathname}?${asked}` }, words);
}

const source = `/api/projects/${slug}/numbers/${of}`;

/** @param {{count: number, next: string | null, previous: string | null, results: Row[]}} answer @param {boolean} steers */
function show({ count, next, previous, results }, steers) {
  const kind = /** @type {Kind} */ (KINDS[of === "masklets" && !steers ? "own" : of]);
  const line = (/** @type {Row} */ row) => h("tr", {}, kind.columns.map(([, cell, isNumber]) => h("td", { class: isNumber && "number" }, cell(row))));
  const [back, backTo] = steers ? kind.back ?? ["numbers", "All numbers"] : ["me", "My numbers"];
  const number = Number(query.get("page") ?? 1);
  const turn = (/** @type {string} */ words, /** @type {number} */ to) => h("a", { class: "btn", href: at(location.pathname, "page", String(to)) }, words);
  const head = h("thead", {}, h("tr", {}, kind.columns.map(([name, , isNumber]) => h("th", { scope: "col", class: isNumber && "number" }, name))));
  const table = h("div", { class: "panel table-scroll" }, h("table", { class: "table" }, head, h("tbody", {}, results.map(line))));
  fill(page,
    h("div", { class: "page-head" }, h("h1", {}, `${of.charAt(0).toUpperCase()}${of.slice(1)} behind a number`), h("span", { class: "faint" }, formatCount(count, kind.one)), askedFor(of, query).map((words) => h("span", { class: "chip" }, words)), h("div", { class: "grow" }), narrower(kind),
      h("a", { class: "btn", href: `/projects/${slug}/${back}` }, backTo), h("a", { class: "btn", href: at(source, "format", "csv") }, "All rows as CSV")),
    count === 0 ? h("section", { class: "panel" }, emptyState({ symbol: "check", title: kind.none, text: "Nothing in this project is counted there yet." })) : table,
    h("div", { class: "pager" }, previous && turn("Newer", number - 1), next && turn("Older", number + 1)));
}

async function load() {
  const [answer, me] = await Promise.all([request("GET", `${source}?${query}`), currentMe()]);
  show(answer, mayDo(me.projects.find((project) => project.slug === slug)?.role, "steer"));
}

load().catch((error) => fill(page, failedState(error, () => location.reload()))).finally(() => page.setAttribute("aria-busy", "false"));
