/** The video library: what is there, what is coming in, and what to do next. */

/** @import {Page, Project, Video} from "./types.js" */
import { LibraryChoice } from "./library_choice.js";
import { openShortcutOverlay } from "./shortcut_overlay.js";
import { Shortcuts } from "./shortcuts.js";
import { api } from "./ui/page_api.js";
import { toastError } from "./ui/dialogs.js";
import { byId, fill, fillKeyed, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { icon } from "./ui/icons.js";
import { emptyState } from "./ui/parts.js";
import { poll } from "./ui/poll.js";
import { mayDo } from "./ui/shell.js";
import { openUploadDialog } from "./ui/upload_dialog.js";
import { UploadPanel } from "./ui/upload_panel.js";
import { videoCard } from "./ui/video_card.js";
import { showWork } from "./ui/work.js";

const PAGE_SIZE = 48;
const BUSY_WAIT = 1500; // ms between looks while something is being ingested
const CALM_WAIT = 20_000; // ms otherwise: others upload and annotate too
const TYPING_WAIT = 250; // ms
const LAYOUT = "maskloom.library"; // in localStorage: grid or list

const slug = document.body.dataset.slug ?? "";
const videos = byId("videos", HTMLElement);
const search = byId("search", HTMLInputElement);
const state = byId("state", HTMLSelectElement);
const files = byId("files", HTMLInputElement);
const query = new URLSearchParams(location.search);
search.value = query.get("q") ?? "";
state.value = query.get("state") ?? "";
let page = Number(query.get("page") ?? 1);
/** @type {Project | null} */
let project = null;

/** @param {Page<Video>} list @param {Project} of */
function show(list, of) {
  fill(byId("total", HTMLElement), list.count > 0 ? formatCount(list.count, "video") : "");
  if (list.results.length === 0) fill(videos, nothing(of));
  else fillKeyed(videos, list.results, (video) => video.id, (video) => choice.on(video, videoCard(video, { project: of, refresh: looking.poke })));
  videos.classList.toggle("videos-empty", list.results.length === 0);
  showPager(Math.max(1, Math.ceil(list.count / PAGE_SIZE)));
}

/** @param {Project} of */
function nothing(of) {
  if (search.value || state.value) {
    const clear = h("button", { class: "btn", type: "button", onclick: () => { search.value = ""; state.value = ""; filter(); } }, "Show all videos");
    return emptyState({ symbol: "search", title: "No video matches", text: "Nothing here has that name and state.", act: clear });
  }
  if (!mayDo(of.role, "upload")) return emptyState({ symbol: "film", title: "No videos yet", text: "A manager of this project adds them. They will show up here by themselves." });
  const act = h("button", { class: "btn btn-primary", type: "button", onclick: () => files.click() }, icon("upload"), "Upload videos");
  return emptyState({ symbol: "upload", title: "Add the first video", text: "Drop files anywhere on this page, or choose them. Images work too: an image is a video of one frame.", act });
}

/** @param {number} pages */
function showPager(pages) {
  const pager = byId("pager", HTMLElement);
  pager.hidden = pages <= 1;
  const go = (/** @type {number} */ to) => () => { page = to; remember(); looking.poke(); scrollTo(0, 0); };
  fill(
    pager,
    h("button", { class: "btn", type: "button", disabled: page <= 1, onclick: go(page - 1) }, icon("chevron_left"), "Earlier page"),
    h("span", { class: "muted" }, `Page ${page} of ${pages}`),
    h("button", { class: "btn", type: "button", disabled: page >= pages, onclick: go(page + 1) }, "Next page", icon("chevron_right")),
  );
}

function remember() {
  const next = new URLSearchParams();
  if (search.value) next.set("q", search.value);
  if (state.value) next.set("state", state.value);
  if (page > 1) next.set("page", String(page));
  history.replaceState(null, "", next.size ? `?${next}` : location.pathname);
}

function filter() {
  page = 1;
  remember();
  looking.poke();
}

async function look() {
  const [of, list] = await Promise.all([
    api.projects.get(slug),
    api.videos.list(slug, { q: search.value.trim(), state: state.value, page: String(page), page_size: String(PAGE_SIZE) }),
  ]);
  project = of;
  byId("add", HTMLElement).hidden = choose.hidden = !mayDo(of.role, "upload");
  show(list, of);
  if (location.hash === "#choose" && !choose.hidden) {
    remember(); // once
    choice.toggle();
  }
  void showWork(byId("work", HTMLElement), of);
  return list.results.some((video) => video.state === "queued" || video.state === "ingesting") ? BUSY_WAIT : CALM_WAIT;
}

/** @param {"grid" | "list"} layout */
function lay(layout) {
  videos.classList.toggle("videos-list", layout === "list");
  byId("as-grid", HTMLElement).setAttribute("aria-pressed", String(layout === "grid"));
  byId("as-list", HTMLElement).setAttribute("aria-pressed", String(layout === "list"));
  localStorage.setItem(LAYOUT, layout);
}

/** @param {FileList | null | undefined} chosen */
function offer(chosen) {
  if (!project || !chosen?.length) return;
  openUploadDialog([...chosen], project, (good, metadata) => uploads.add(good, metadata));
}

function listenForDrops() {
  const zone = byId("dropzone", HTMLElement);
  const welcome = (/** @type {DragEvent} */ event) => project !== null && mayDo(project.role, "upload") && event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!welcome(event)) return;
    event.preventDefault();
    zone.hidden = false;
  });
  addEventListener("dragleave", (event) => { if (event.relatedTarget === null) zone.hidden = true; });
  addEventListener("drop", (event) => {
    zone.hidden = true;
    if (!welcome(event)) return;
    event.preventDefault();
    offer(event.dataTransfer?.files);
  });
}

const choose = byId("choose", HTMLElement);
const choice = new LibraryChoice(slug, videos, choose);
videos.before(choice.element);
const keys = new Shortcuts([
  { id: "choose", group: "Videos", label: "Choose videos to ask for tasks on, for managers", keys: ["C"], run: () => { if (!choose.hidden) choice.toggle(); } },
  { id: "search", group: "Videos", label: "Search by name", keys: ["/"], run: () => search.focus() },
  { id: "help", group: "Videos", label: "This list", keys: ["?", "F1"], run: () => openShortcutOverlay(keys) },
]);
keys.listen();
const looking = poll(look, videos);
const uploads = new UploadPanel(byId("uploads", HTMLElement), slug, () => looking.poke());
let typing = 0;
search.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(filter, TYPING_WAIT); });
state.addEventListener("change", filter);
files.addEventListener("change", () => { offer(files.files); files.value = ""; });
fill(byId("as-grid", HTMLElement), icon("grid"));
fill(byId("as-list", HTMLElement), icon("list"));
byId("add", HTMLElement).prepend(icon("upload"));
byId("add", HTMLElement).addEventListener("click", () => files.click());
byId("as-grid", HTMLElement).addEventListener("click", () => lay("grid"));
byId("as-list", HTMLElement).addEventListener("click", () => lay("list"));
lay(localStorage.getItem(LAYOUT) === "list" ? "list" : "grid");
listenForDrops();
addEventListener("unhandledrejection", (event) => toastError(event.reason));
