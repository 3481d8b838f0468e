/** What is going to be uploaded, and what is said about all of it. */

/** @import {Project, VideoMetadata} from "../types.js" */
import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { formatBytes, formatCount } from "./format.js";
import { metadataFields, readMetadata } from "./metadata_form.js";

/** Why a file cannot be sent, or null. @param {File} file @param {Project} project */
function objection(file, project) {
  if (file.size === 0) return "is empty";
  if (file.size > project.max_upload_bytes) return `is over this project's limit of ${formatBytes(project.max_upload_bytes)}`;
  return null;
}

/**
 * Asks once for a batch of files.
 * @param {File[]} files
 * @param {Project} project
 * @param {(files: File[], metadata: Partial<VideoMetadata>) => void} start
 */
export function openUploadDialog(files, project, start) {
  const good = files.filter((file) => !objection(file, project));
  const rows = files.map((file) => {
    const why = objection(file, project);
    return h("li", { class: "row" }, h("span", { class: "truncate grow", title: file.name }, file.name), h("span", { class: why ? "small bad" : "small faint" }, why ?? formatBytes(file.size)));
  });
  const total = good.reduce((sum, file) => sum + file.size, 0);
  const details = h("details", {}, h("summary", {}, "Metadata for all of them"), metadataFields({}));
  const begin = h("button", { class: "btn btn-primary", type: "submit", disabled: good.length === 0 }, `Upload ${formatCount(good.length, "file")}, ${formatBytes(total)}`);
  const form = h(
    "form",
    { method: "dialog" },
    h("div", { class: "dialog-body" }, h("ul", { class: "file-list" }, rows), details),
    h("div", { class: "dialog-foot" }, h("button", { class: "btn", type: "button", onclick: () => dialog.close() }, "Cancel"), begin),
  );
  form.addEventListener("submit", () => start(good, readMetadata(form)));
  const dialog = openDialog("Upload videos", form);
  begin.focus();
}
