/** A video in the library, as a card of the grid; the list is the same card lying down. */

/** @import {Project, Role, Video} from "../types.js" */
import { api } from "./page_api.js";
import { toastError } from "./dialogs.js";
import { h } from "./dom.js";
import { formatCount, formatDuration } from "./format.js";
import { icon } from "./icons.js";
import { MASKLET_STATES, stateChip } from "./parts.js";
import { mayDo, mayOpenVideos } from "./shell.js";

/** @type {Record<typeof MASKLET_STATES[number], string>} */
const COUNT_WORDS = { in_work: "in work", submitted: "waiting for review", refine: "to refine", accepted: "accepted", rejected: "rejected" };

/**
 * Masklets by state, leaving out the states that have none.
 * @param {Video["masklets"]} counts
 * @param {{words?: boolean}} [how] whether the states are named beside their numbers
 * @returns {HTMLElement}
 */
export function maskletCounts(counts, { words = false } = {}) {
  const shown = MASKLET_STATES.filter((state) => counts[state] > 0);
  if (shown.length === 0) return h("span", { class: "faint" }, "No masklets yet");
  return h("span", { class: "counts" }, shown.map((state) => h("span", { class: `count count-${state}`, title: `${counts[state]} ${COUNT_WORDS[state]}` }, counts[state].toLocaleString("en"), h("span", { class: !words && "visually-hidden" }, ` ${COUNT_WORDS[state]}`))));
}

/** Sizes in one line. @param {Video} video @returns {string} */
export function videoFacts(video) {
  const size = `${video.width} × ${video.height}`;
  if (video.is_image) return `${size} · image`;
  return `${size} · ${formatCount(video.frame_count, "frame")} · ${formatDuration(video.duration_s)}`;
}

/** To its unresolved comments, where it has any. @param {Video} video */
export function commentsLink({ id, project, open_threads: count }) {
  return count > 0 && h("a", { class: "comments-link", href: `/projects/${project}/comments?video=${id}`, title: formatCount(count, "unresolved comment") }, icon("comment"), count.toLocaleString("en"), h("span", { class: "visually-hidden" }, ` unresolved comment${count === 1 ? "" : "s"}`));
}

/** @param {Video} video @param {Role} role @param {() => void} refresh */
function stateLine(video, role, refresh) {
  if (video.state === "ready") {
    const faults = video.decode_faults.length;
    return h("p", { class: "video-facts" }, videoFacts(video), faults > 0 && " · ", faults > 0 && h("span", { class: "warn whole" }, formatCount(faults, "decode fault")));
  }
  if (video.state === "queued") return h("p", { class: "video-facts" }, "Waiting to be ingested");
  if (video.state === "ingesting") {
    const percent = Math.round(100 * video.progress);
    return h("div", { class: "video-progress" }, h("p", { class: "video-facts" }, `Ingesting, ${percent} %`), h("progress", { value: video.progress, max: 1, "aria-label": `Ingest of ${video.name}` }));
  }
  const again = async () => {
    await api.videos.ingest(video.id).catch(toastError);
    refresh();
  };
  const act = mayDo(role, "upload") && h("button", { class: "btn btn-small", type: "button", onclick: again }, icon("retry"), "Try again");
  return h("div", { class: "video-refusal" }, h("p", { class: "small" }, video.refusal?.message ?? "This file could not be used."), act);
}

/** @param {Video} video @param {Project} project */
function acts(video, project) {
  if (video.state !== "ready" || !mayOpenVideos(project)) return null;
  const mine = video.held_by?.username === document.body.dataset.username;
  if (video.held_by && !mine) return h("span", { class: "chip", title: `Held until ${new Date(video.held_by.until).toLocaleTimeString()}` }, `Held by ${video.held_by.username}`);
  return h("a", { class: "btn btn-small", href: `/videos/${video.id}/annotate`, "aria-label": `Annotate ${video.name}` }, mine ? "Go on" : "Annotate");
}

/**
 * @param {Video} video
 * @param {{project: Project, refresh: () => void}} page
 * @returns {HTMLElement}
 */
export function videoCard(video, { project, refresh }) {
  const ready = video.state === "ready";
  const poster = h("a", { class: "video-poster", href: `/videos/${video.id}`, tabindex: "-1", "aria-hidden": "true" }, ready ? h("img", { src: video.urls.poster, alt: "", loading: "lazy", decoding: "async" }) : icon(video.state === "refused" ? "alert" : "film"));
  return h(
    "article",
    { class: `video video-${video.state}` },
    poster,
    h("div", { class: "video-body" }, h("a", { class: "video-name truncate", href: `/videos/${video.id}`, title: video.name }, video.name), stateLine(video, project.role, refresh)),
    ready && h("div", { class: "video-foot" }, maskletCounts(video.masklets), h("span", { class: "row" }, commentsLink(video), acts(video, project))),
    !ready && video.state !== "refused" && h("div", { class: "video-foot" }, stateChip(video.state)),
  );
}
