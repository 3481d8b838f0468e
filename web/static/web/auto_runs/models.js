/** What each model version's auto masklets came to, and those that were wrong. */

/** @import {AutoModel, Failure, Model} from "./api.js" */
/** @typedef {"waiting" | "accepted" | "unsatisfactory" | "rejected" | "taken_up"} Outcome */
import { MaskPictures } from "../mask_pictures.js";
import { openDialog } from "../ui/dialogs.js";
import { fill, h } from "../ui/dom.js";
import { formatAgo, formatCount } from "../ui/format.js";
import { icon } from "../ui/icons.js";
import { failedState, panel, stateChip, unseenChip } from "../ui/parts.js";
import { autoRuns, slug } from "./api.js";

/** A frame with the mask that was judged there over it. @param {number} video @param {Failure["picture"]} judged */
function picture(video, { frame_index: frame, counts }) {
  const canvas = h("canvas", {});
  const img = h("img", { src: `/api/videos/${video}/frames/${frame}.jpg`, alt: `Frame ${frame} and the mask that was judged on it`, loading: "lazy" });
  const draw = () => {
    [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
    const shape = counts ? new MaskPictures(canvas.height).get(counts) : null;
    const pen = canvas.getContext("2d");
    if (!shape || !pen) return;
    pen.fillStyle = "rgb(86 180 233 / 45%)";
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = Math.max(2, canvas.width / 150);
    pen.fill(shape.path, "evenodd");
    pen.stroke(shape.path);
  };
  img.addEventListener("load", draw);
  return h("div", { class: "auto-failure", title: `Frame ${frame}` }, img, canvas);
}

/** @param {Failure} failure */
function failureRow(failure) {
  const { video, masklet, number, state, comment, marks, reviewer, created_at, picture: judged } = failure;
  const said = [comment, ...marks.map((mark) => `frame ${mark.frame_index}: ${mark.text}`)].filter(Boolean);
  return h(
    "tr",
    {},
    h("td", {}, h("a", { href: `/videos/${video.id}` }, video.name), h("br"), h("code", { class: "faint" }, video.video_id)),
    h("td", {}, picture(video.id, judged)),
    h("td", { class: "whole" }, h("a", { href: `/masklets/${masklet}` }, `Masklet ${number + 1}`)),
    h("td", {}, said.length > 0 ? said.map((text) => h("div", {}, text)) : h("span", { class: "faint" }, "Nothing was written")),
    h("td", {}, stateChip(state)),
    h("td", { class: "muted" }, `${reviewer ?? "nobody"}, ${formatAgo(created_at)} `, unseenChip(failure)),
  );
}

/** What the failures of a model are downloaded as. @param {Model} model @param {string} kind of the button */
const files = ({ id, label }, kind) => [
  h("a", { class: `btn ${kind}`, href: autoRuns.failuresFile(id, "csv"), download: true, "aria-label": `Failures of ${label} as CSV` }, icon("download"), "CSV"),
  h("a", { class: `btn ${kind}`, href: autoRuns.failuresFile(id, "jsonl"), download: true, title: "JSON lines: each failure with the masks that were judged, as COCO RLE", "aria-label": `Failures of ${label} with their masks` }, icon("download"), "Masks"),
];

/** @param {Model} model */
function openFailures(model) {
  const rows = h("tbody", {});
  const head = h("thead", {}, h("tr", {}, ["Video", "As it was judged", "Masklet", "What was said", "Now", "Judged by"].map((text) => h("th", {}, text))));
  const more = h("button", { class: "btn btn-small", type: "button", hidden: true }, "Show more");
  const table = h("table", { class: "table" }, head, rows);
  const place = h("div", { class: "auto-list", "aria-busy": "true" }, table, more);
  const counted = h("span", { class: "muted grow", role: "status" });
  const dialog = openDialog(`Failures of ${model.label}`, h("div", {}, place, h("div", { class: "dialog-foot" }, counted, files(model, ""))));
  dialog.classList.add("auto-dialog");
  let page = 0;
  async function load() {
    try {
      const listed = await autoRuns.failures(model.id, page + 1);
      page += 1;
      if (!place.contains(table)) fill(place, table, more); // it had failed before
      rows.append(...listed.results.map(failureRow));
      more.hidden = !listed.next;
      counted.textContent = formatCount(listed.count, "auto masklet was", "auto masklets were") + " unsatisfactory, as the model made them.";
    } catch (error) {
      fill(place, failedState(error, load));
    }
    place.setAttribute("aria-busy", "false");
  }
  more.addEventListener("click", load);
  void load();
}

/** What each masklet came to, exactly one of these. @type {readonly (readonly [Outcome, string, string])[]} */
const OUTCOMES = [
  ["waiting", "Waiting", "For a verdict"],
  ["accepted", "Accepted", "As the model left them"],
  ["unsatisfactory", "Unsatisfactory", "As the model left them, whatever people made of them since"],
  ["rejected", "Rejected", "As the model left them: not a well-defined object"],
  ["taken_up", "Taken up", "By people before anybody judged them, or still being tracked"],
];

/** @param {AutoModel} counted */
function modelRow({ model, masklets, ...counts }) {
  const judged = counts.accepted + counts.unsatisfactory + counts.rejected;
  const share = judged > 0 ? `${Math.round((100 * counts.accepted) / judged)} %` : "–";
  const count = (/** @type {number} */ value, /** @type {string} */ outcome) => h("td", { class: "number" }, h("a", { href: `/projects/${slug}/numbers/masklets?${new URLSearchParams({ proposed_by: String(model.id), ...(outcome && { outcome }) })}` }, value.toLocaleString("en")));
  const failures = counts.unsatisfactory === 0 ? [] : [h("button", { class: "btn btn-small", type: "button", onclick: () => openFailures(model), "aria-label": `Failures of ${model.label}` }, "Failures"), ...files(model, "btn-small")];
  return h(
    "tr",
    {},
    h("td", {}, model.label, model.weights_sha256 && h("code", { class: "faint" }, ` ${model.weights_sha256.slice(0, 8)}`)),
    count(masklets, ""),
    OUTCOMES.map(([outcome]) => count(counts[outcome], outcome)),
    h("td", { class: "number" }, share),
    h("td", { class: "actions" }, h("span", { class: "row" }, failures)),
  );
}

/** Null where no model has made any. @param {AutoModel[]} counted */
export function modelsPanel(counted) {
  if (counted.length === 0) return null;
  const outcomes = OUTCOMES.map(([, text, title]) => h("th", { class: "number", title }, text));
  const head = h("thead", {}, h("tr", {}, h("th", {}, "Model version"), h("th", { class: "number" }, "Masklets"), outcomes, h("th", { class: "number" }, "Accepted of judged"), h("th", {})));
  const table = h("div", { class: "table-scroll" }, h("table", { class: "table" }, head, h("tbody", {}, counted.map(modelRow))));
  return panel("Outcome by model version", [table], [h("a", { class: "btn btn-small", href: `/projects/${slug}/reviews` }, "Reviews")]);
}
