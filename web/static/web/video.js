/** One video: what it is, where it comes from, what was made of it. */

/** @import {VideoTasks} from "./queue/of_video.js" */
/** @import {Masklet, Project, Video} from "./types.js" */
import { swatchOf } from "./palette.js";
import { peopleApi } from "./people/api.js";
import { ASKED, askButton, askedOf } from "./queue/ask.js";
import { tasksOfVideo, videoTasksPanel } from "./queue/of_video.js";
import { newestVerdict, signOf } from "./selectors.js";
import { copyButton } from "./ui/copy.js";
import { confirmAct, toast, toastError } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatAgo, formatBytes, formatCount, formatDuration } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { metadataFields, readMetadata } from "./ui/metadata_form.js";
import { api } from "./ui/page_api.js";
import { emptyState, failedState, nameOf, panel, stateChip, swatch, unseenChip } from "./ui/parts.js";
import { poll } from "./ui/poll.js";
import { inProject, mayDo, mayOpenVideos } from "./ui/shell.js";
import { keepUnsaved } from "./ui/unsaved.js";
import { commentsLink } from "./ui/video_card.js";

const BUSY_WAIT = 1500; // ms between looks while it is being ingested
const HASH_SHOWN = 12; // digits

const id = document.body.dataset.video ?? "";
const page = byId("page", HTMLElement);
let shown = "";
/** @type {Set<number>} Masklets of this video that people are measured against; for who may know. */
let gold = new Set();
/** @type {VideoTasks | null} Null for who does not steer. */
let tasks = null;
/** @type {Set<number | undefined>} The masklets of this video whose tasks this person holds to track them: beside these no others are shown. */
let tracked = new Set();

/** @param {string} sha256 */
function hash(sha256) {
  return h("span", { class: "hash" }, h("code", { title: sha256 }, `${sha256.slice(0, HASH_SHOWN)}…`), copyButton(sha256, "Copy the SHA-256"));
}

/** @param {[string, import("./ui/dom.js").Child][]} pairs */
function facts(pairs) {
  return h("dl", { class: "facts panel-body" }, pairs.flatMap(([name, value]) => [h("dt", {}, name), h("dd", { class: "wrap-anywhere" }, value)]));
}

/** @param {Video} video */
function workingFacts(video) {
  return panel("Working video", [facts([
    ["Video id", h("code", {}, video.video_id)],
    ["Size", `${video.width} × ${video.height}`],
    ["Frames", video.is_image ? "1 (image)" : `${video.frame_count} at 24 fps`],
    ["Annotated frames", `${video.annotated_count}, every ${video.stride}`],
    ["Length", formatDuration(video.duration_s)],
  ])]);
}

/** @param {Video} video */
function sourceFacts({ source, created_at }) {
  return panel("Source video", [facts([
    ["File", source.filename],
    ["Size", formatBytes(source.bytes)],
    ["Codec", source.codec || "–"],
    ["Frame rate", `${source.fps ? Number(source.fps.toFixed(3)) : "–"} fps${source.vfr ? ", variable" : ""}`],
    ["Rotation", `${source.rotation ?? 0}°`],
    ["SHA-256", source.sha256 ? hash(source.sha256) : "–"],
    ["Uploaded", formatAgo(created_at)],
  ])]);
}

/** What somebody is at, and has not saved. @type {HTMLElement | null} */
let edited = null;

/** @param {Video} video @param {Project} project */
function metadata(video, project) {
  if (edited) return edited;
  const mayEdit = mayDo(project.role, "upload");
  const save = h("button", { class: "btn btn-primary", type: "submit", disabled: true }, "Save");
  const form = h("form", { class: "panel-body stack" }, metadataFields(video.metadata, { disabled: !mayEdit }), mayEdit && h("div", { class: "row" }, save));
  const shownPanel = panel("Metadata", [form]);
  keepUnsaved(form, () => !save.disabled);
  form.addEventListener("input", () => { save.disabled = false; edited = shownPanel; });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      await api.videos.change(video.id, readMetadata(form));
      edited = null;
      toast("Saved.", "good");
    } catch (error) {
      save.disabled = false;
      toastError(error);
    }
  });
  return shownPanel;
}

/** @param {Video} video @param {Project} project @param {Masklet} masklet */
function maskletAct(video, project, { id: masklet, state, tracked_by }) {
  if (state === "submitted" && mayDo(project.role, "review")) {
    const own = project.independent_review && nameOf(tracked_by) === document.body.dataset.username;
    if (own) return h("span", { class: "faint", title: "You tracked this masklet, so another person reviews it." }, "Your own work");
    return h("a", { class: "btn btn-small", href: `/masklets/${masklet}/review` }, "Review");
  }
  if ((state !== "in_work" && state !== "refine") || !mayOpenVideos(project)) return null;
  return h("a", { class: "btn btn-small", href: `/videos/${video.id}/annotate?masklet=${masklet}` }, state === "refine" ? "Refine" : "Go on");
}

/** Making an accepted masklet a reference, and no more one. @param {Project} project @param {Masklet} masklet */
function goldAct(project, { id: masklet, name, state }) {
  if (state !== "accepted" || !mayDo(project.role, "steer")) return null;
  const isGold = gold.has(masklet);
  const act = async () => {
    try {
      await (isGold ? peopleApi.unmarkGold(masklet) : peopleApi.markGold(masklet));
      toast(isGold ? "Taken out of gold." : "Gold: people are measured against it from now on.", "good");
      looking.poke();
    } catch (error) {
      toastError(error);
    }
  };
  return h("button", { class: "btn btn-small", type: "button", "aria-label": isGold ? `Take ${name} out of gold` : `Make ${name} gold`, onclick: act }, isGold ? "Take out of gold" : "Make gold");
}

/** What a manager can have done with a masklet that nothing is asked for on. @param {Video} video @param {Masklet} masklet */
function askAct({ project }, { id: masklet, name, state }) {
  const kind = askedOf(state);
  if (!tasks || !kind || gold.has(masklet) || tasks.open.results.some((task) => task.masklet?.id === masklet)) return null;
  return askButton({ slug: project, kind, masklet, on: name, done: () => looking.poke() }, ASKED[kind].of?.(name));
}

/** @param {Video} video @param {Project} project @param {Masklet} masklet */
function maskletRow(video, project, masklet) {
  const verdict = newestVerdict(masklet);
  return h(
    "tr",
    {},
    h("td", {}, h("span", { class: "row" }, swatch(swatchOf(masklet.color).hex), h("span", { class: "faint" }, String(signOf(masklet))), h("a", { href: `/masklets/${masklet.id}` }, masklet.name))),
    h("td", {}, stateChip(masklet.state)),
    h("td", { class: "muted" }, nameOf(masklet.tracked_by ?? (masklet.type === "auto" ? null : masklet.created_by))),
    h("td", { class: "number muted" }, String(masklet.edited_frame_count)),
    h("td", { class: "comment wrap-anywhere" }, verdict && h("span", { title: `${verdict.reviewer ?? "the verifier model"}, ${formatAgo(verdict.created_at)}` }, stateChip(verdict.verdict)), verdict && [" ", unseenChip(verdict)], verdict?.comment && ` ${verdict.comment}`, verdict && verdict.marks.length > 0 && h("span", { class: "faint" }, ` ${formatCount(verdict.marks.length, "mark")}`)),
    h("td", { class: "actions" }, h("span", { class: "row" }, maskletAct(video, project, masklet), askAct(video, masklet), goldAct(project, masklet))),
  );
}

/** @param {Video} video @param {Project} project @param {Masklet[] | Error} masklets */
function maskletList(video, project, masklets) {
  if (masklets instanceof Error) return panel("Masklets", [failedState(masklets, () => looking.poke())]);
  const shownOnes = masklets.filter((masklet) => !masklet.deleted);
  if (shownOnes.length === 0) return panel("Masklets", [emptyState({ symbol: "box", title: "No masklets yet", text: "Open the workspace and click on an object to begin." })]);
  const head = h("tr", {}, ["Masklet", "State", "Tracked by"].map((text) => h("th", {}, text)), h("th", { class: "number" }, "Edited frames"), h("th", {}, "Last verdict"), h("th", {}, h("span", { class: "visually-hidden" }, "Acts")));
  const rows = shownOnes.map((masklet) => maskletRow(video, project, masklet));
  const alone = tracked.size > 0 && shownOnes.every(({ id: masklet }) => tracked.has(masklet));
  const why = alone && h("div", { class: "panel-body" }, h("p", { class: "notice notice-info" }, icon("eye"), "You track an object here: the others of this video are shown to you once yours is handed in."));
  return panel(alone ? "Masklets" : formatCount(shownOnes.length, "masklet"), [why, h("div", { class: "table-scroll" }, h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, rows)))]);
}

/** @param {Video} video */
function faults(video) {
  if (video.decode_faults.length === 0) return null;
  const rows = video.decode_faults.map(({ frame_index, message }) => h("li", { class: "problem" }, h("code", {}, `${frame_index}`), h("span", { class: "muted" }, message)));
  const text = "These frames of the source could not be decoded cleanly. Look at them before you trust a mask on them.";
  return panel(formatCount(video.decode_faults.length, "decode fault"), [h("div", { class: "panel-body" }, h("p", { class: "notice notice-warn" }, icon("alert"), text), h("ul", { class: "problems" }, rows))]);
}

/** @param {Video} video */
function frameHashes(video) {
  const body = h("div", {});
  const details = h("details", { class: "panel-body" }, h("summary", {}, "SHA-256 and source time of each annotated frame"), body);
  details.addEventListener("toggle", async () => {
    if (!details.open || body.childElementCount > 0) return;
    try {
      const { time_base: [n, d], source_pts, frames } = await api.videos.frameTable(video.id);
      const rows = frames.map(({ frame_index, sha256 }) => h("tr", {}, h("td", { class: "number" }, String(frame_index)), h("td", { class: "number muted" }, `${(((source_pts[frame_index] ?? 0) * n) / d).toFixed(3)} s`), h("td", {}, h("code", { class: "wrap-anywhere" }, sha256))));
      fill(body, h("div", { class: "problems" }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, h("th", { class: "number" }, "Frame"), h("th", { class: "number" }, "Source time"), h("th", {}, "SHA-256"))), h("tbody", {}, rows))));
    } catch (error) {
      toastError(error);
    }
  });
  return h("section", { class: "panel" }, details);
}

/** @param {Video} video @param {Project} project */
function heading(video, project) {
  const remove = async () => {
    const yes = await confirmAct({ title: "Delete this video?", text: `${video.name} and its masklets leave every list and every later export. An administrator can bring them back.`, act: "Delete video", danger: true });
    if (!yes) return;
    await api.videos.remove(video.id).then(() => location.assign(`/projects/${video.project}`), toastError);
  };
  const heldByOther = video.held_by && video.held_by.username !== document.body.dataset.username;
  const annotate = video.state === "ready" && mayOpenVideos(project) && !heldByOther && h("a", { class: "btn btn-primary", href: `/videos/${video.id}/annotate` }, "Annotate");
  return h(
    "div",
    { class: "page-head" },
    h("a", { class: "btn btn-ghost btn-icon", href: `/projects/${video.project}`, "aria-label": "Back to the videos", title: "Back to the videos" }, icon("chevron_left")),
    h("h1", { class: "truncate" }, video.name),
    stateChip(video.state),
    video.held_by && h("span", { class: "chip" }, `Held by ${video.held_by.username}`),
    commentsLink(video),
    h("div", { class: "grow" }),
    mayDo(project.role, video.state === "refused" ? "upload" : "own") && h("button", { class: "btn btn-ghost", type: "button", onclick: remove }, icon("trash"), "Delete"),
    annotate,
  );
}

/** @param {Video} video @param {Project} project */
function notReady(video, project) {
  if (video.state !== "refused") {
    const words = video.state === "queued" ? "Waiting to be ingested" : `Ingesting, ${Math.round(video.progress * 100)} %`;
    return h("div", { class: "panel panel-body stack" }, h("p", {}, words), h("progress", { value: video.state === "queued" ? null : video.progress, max: 1, "aria-label": words }));
  }
  const again = () => void api.videos.ingest(video.id).then(looking.poke, toastError);
  return h("div", { class: "panel panel-body stack" }, h("p", { class: "notice notice-bad" }, icon("alert"), video.refusal?.message ?? "This file could not be used."), mayDo(project.role, "upload") && h("div", { class: "row" }, h("button", { class: "btn", type: "button", onclick: again }, icon("retry"), "Try again")));
}

/** @param {Video} video */
function preview(video) {
  if (video.is_image) return h("figure", { class: "preview" }, h("img", { src: video.urls.frame.replace("{index}", "0"), alt: video.name }));
  const frame = new URLSearchParams(location.search).get("frame"); // which a comment is about
  const at = frame === null ? "" : `#t=${(Number(frame) + 0.5) / 24}`;
  return h("figure", { class: "preview" }, h("video", { src: `${video.urls.working}${at}`, poster: video.urls.poster, controls: true, preload: "metadata", muted: true, playsinline: true, "aria-label": video.name }));
}

/** @param {Video} video @param {Project} project @param {Masklet[] | Error} masklets */
function show(video, project, masklets) {
  document.title = `${video.name} · Maskloom`;
  const ready = video.state === "ready";
  const focused = document.activeElement;
  fill(
    page,
    heading(video, project),
    h(
      "div",
      { class: "split" },
      h("div", {}, ready ? preview(video) : notReady(video, project), ready && maskletList(video, project, masklets), faults(video), ready && frameHashes(video)),
      h("div", {}, ready && tasks && videoTasksPanel(video, tasks, () => looking.poke()), metadata(video, project), ready && workingFacts(video), sourceFacts(video)),
    ),
  );
  if (edited && focused instanceof HTMLElement && edited.contains(focused)) focused.focus();
}

async function look() {
  const video = await api.videos.get(id);
  inProject(video.project);
  const [project, mine, masklets] = await Promise.all([api.projects.get(video.project), api.tasks.mine(video.project), video.state === "ready" ? api.videos.masklets(id).then(({ results }) => results, (/** @type {Error} */ error) => error) : []]);
  tracked = new Set(mine.held.filter((task) => task.kind === "track" && task.video.id === video.id).map((task) => task.masklet?.id));
  if (mayDo(project.role, "steer")) {
    const [references, found] = await Promise.all([peopleApi.gold(video.project, id), tasksOfVideo(video.project, id)]);
    gold = new Set(references.results.map((row) => row.id));
    tasks = found;
  }
  const form = JSON.stringify([video, masklets, [...gold], [...tracked], tasks]);
  if (form !== shown) show(video, project, masklets);
  shown = form;
  return video.state === "ready" || video.state === "refused" ? null : BUSY_WAIT;
}

const looking = poll(look, page);
