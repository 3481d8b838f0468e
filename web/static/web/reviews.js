/** The review queue of a project: what waits for a verdict, oldest first. */

/** @import {Project, ReviewItem} from "./types.js" */
import { swatchOf } from "./palette.js";
import { byId, fill, fillKeyed, h } from "./ui/dom.js";
import { formatAgo, formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { api } from "./ui/page_api.js";
import { emptyState, failedState, nameOf, swatch } from "./ui/parts.js";
import { poll } from "./ui/poll.js";
import { isOpenFor, isOwn } from "./ui/review_queue.js";

const WAIT = 10_000; // ms between looks

const slug = document.body.dataset.slug ?? "";
const page = byId("page", HTMLElement);
const rows = h("tbody", {});
const head = h("div", { class: "page-head" });
const body = h("div", {});
let begun = false;

/** @param {ReviewItem} item @param {Project} project */
function act(item, project) {
  if (isOwn(item, project)) return h("span", { class: "faint", title: "You tracked this masklet, so another person reviews it." }, "Your own work");
  if (!isOpenFor(item, project)) return h("span", { class: "chip" }, `Held by ${item.held_by?.username}`);
  return h("a", { class: "btn btn-small", href: `/masklets/${item.masklet.id}/review`, "aria-label": `Review ${item.masklet.name}` }, "Review");
}

/** @param {ReviewItem} item @param {Project} project */
function row(item, project) {
  const { masklet, video } = item;
  return h(
    "tr",
    {},
    h("td", {}, h("span", { class: "row" }, h("img", { class: "thumb", src: video.urls.poster, alt: "", loading: "lazy" }), swatch(swatchOf(masklet.color).hex), h("span", {}, masklet.name))),
    h("td", {}, h("a", { href: `/videos/${video.id}` }, video.name)),
    h("td", { class: "muted" }, nameOf(masklet.tracked_by)),
    h("td", { class: "number muted" }, String(masklet.edited_frame_count)),
    h("td", { class: "number muted" }, String(masklet.verdicts.length + 1)),
    h("td", { class: "muted", title: new Date(item.submitted_at).toLocaleString() }, formatAgo(item.submitted_at)),
    h("td", { class: "actions" }, act(item, project)),
  );
}

/** @param {ReviewItem[]} items @param {Project} project */
function show(items, project) {
  const next = items.find((item) => isOpenFor(item, project));
  fill(
    head,
    h("h1", {}, "Reviews"),
    h("span", { class: "faint" }, items.length > 0 ? `${formatCount(items.length, "masklet")} waiting, oldest first` : ""),
    h("div", { class: "grow" }),
    next && h("a", { class: "btn btn-primary", href: `/masklets/${next.masklet.id}/review` }, "Review next", icon("chevron_right")),
  );
  if (items.length === 0) return fill(body, h("section", { class: "panel" }, emptyState({ symbol: "check", title: "Nothing waits for a verdict", text: "Submitted masklets show up here by themselves." })));
  fillKeyed(rows, items, (item) => item.masklet.id, (item) => row(item, project));
  if (!rows.isConnected) {
    const titles = h("tr", {}, h("th", {}, "Masklet"), h("th", {}, "Video"), h("th", {}, "Tracked by"), h("th", { class: "number" }, "Edited frames"), h("th", { class: "number" }, "Round"), h("th", {}, "Submitted"), h("th", {}));
    fill(body, h("section", { class: "panel table-scroll" }, h("table", { class: "table" }, h("thead", {}, titles), rows)));
  }
  return undefined;
}

const looking = poll(async () => {
  try {
    const [project, { results }] = await Promise.all([api.projects.get(slug), api.projects.reviews(slug)]);
    if (!begun) fill(page, head, body);
    begun = true;
    page.setAttribute("aria-busy", "false");
    show(results, project);
    return WAIT;
  } catch (error) {
    if (!begun) fill(page, failedState(error, () => looking.poke()));
    throw error;
  }
});
