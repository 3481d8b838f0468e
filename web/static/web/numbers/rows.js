/** How the rows behind a number are shown: columns of masklets, videos and verdicts, and what was asked for. */

import { sayNumber } from "../charts.js";
import { percent } from "../people/parts.js";
import { h } from "../ui/dom.js";
import { nameOf, stateChip } from "../ui/parts.js";

/** @typedef {Record<string, any>} Row */
/** @typedef {{one: string, none: string, back?: readonly [string, string], columns: readonly (readonly [string, (row: Row) => Node | string, boolean?])[], narrower?: readonly [string, string]}} Kind back: the page that the number is on, and its name; columns: name, cell, whether it is a number; narrower: a filter that the page offers, and its words */

const words = (/** @type {string} */ text) => h("span", { class: "muted" }, text || "–");
const masklet = (/** @type {number} */ id, /** @type {string} */ name) => h("a", { href: `/masklets/${id}` }, name);
const maskletState = (/** @type {Row} */ row) => stateChip(row.state, row.set_aside ? `Set aside: ${row.set_aside.replace("_", " ")}` : undefined);
const video = (/** @type {number} */ id, /** @type {string} */ name) => h("a", { href: `/videos/${id}` }, name);

/** A column of numbers. @param {string} name @param {(row: Row) => number | null} value @returns {[string, (row: Row) => string, boolean]} */
const count = (name, value) => [name, (row) => sayNumber(value(row)), true];

/** `own`: masklets as the person who handed them in reads them. @type {Readonly<Record<string, Kind>>} */
export const KINDS = {
  masklets: {
    one: "masklet",
    none: "No masklet is like this",
    columns: [
      ["Masklet", (row) => (row.state === "submitted" ? h("a", { href: `/masklets/${row.id}/review` }, row.name) : masklet(row.id, row.name))],
      ["Video", (row) => video(row.video, row.video_name)],
      ["State", maskletState],
      ["Type", (row) => words(row.type)],
      ["Phase", (row) => String(row.phase ?? "–"), true],
      ["Person", (row) => words(nameOf(row.person))],
      ["Model", (row) => words(row.model)],
      count("Frames", (row) => row.frames),
      count("Edited", (row) => row.edited_frames),
      count("Clicks", (row) => row.clicks),
      count("Active s", (row) => row.active_ms / 1000),
      count("Visible", (row) => row.visible_frames),
      count("First seen", (row) => row.first_slot),
      count("Mean px", (row) => Math.round(row.mean_area)),
      count("Changes", (row) => row.visibility_changes),
      count("Sent back", (row) => row.returns),
      ["Aligned", (row) => (row.compared ? `${sayNumber(row.aligned)} of ${sayNumber(row.compared)}` : "–"), true],
      count("GPU s", (row) => row.engine_ms / 1000),
    ],
  },
  own: {
    one: "masklet",
    none: "No masklet is like this",
    columns: [
      ["Masklet", (row) => masklet(row.id, row.name)],
      ["Video", (row) => video(row.video, row.video_name)],
      ["State", maskletState],
      ["Phase", (row) => String(row.phase ?? "–"), true],
      count("Frames", (row) => row.frames),
      count("Edited", (row) => row.edited_frames),
      count("Clicks", (row) => row.clicks),
      count("Clicked frames", (row) => row.clicked_frames),
      count("Verdicts", (row) => row.verdicts),
      count("Sent back", (row) => row.returns),
      ["Handed in", (row) => words(new Date(row.submitted_at).toLocaleString())],
    ],
  },
  videos: {
    one: "video",
    none: "No video is like this",
    columns: [
      ["Video", (row) => video(row.id, row.name)],
      ["Id", (row) => words(row.video_id)],
      count("Duration s", (row) => row.duration_s),
      count("Annotated frames", (row) => row.annotated_count),
      ["Country", (row) => words(row.country)],
      ["Environment", (row) => words(row.environment)],
      ["Author", (row) => words(row.author)],
    ],
  },
  verdicts: {
    one: "verdict",
    none: "No verdict is like this",
    narrower: ["unseen", "Only with frames not shown"],
    columns: [
      ["Verdict", (row) => stateChip(row.verdict)],
      ["On", (row) => masklet(row.masklet, row.masklet_name)],
      ["Video", (row) => video(row.video, row.video_name)],
      ["Task", (row) => words(row.stage)],
      ["Work of", (row) => words(row.worker ?? "")],
      ["By", (row) => words(row.reviewer ?? "verifier model")],
      ["Said", (row) => h("span", { class: "wrap-anywhere" }, [row.comment, row.marks && `Frame ${row.marks}`].filter(Boolean).join("; ") || "–")],
      count("Frames not shown", (row) => row.unseen_frames),
      ["When", (row) => words(new Date(row.created_at).toLocaleString())],
    ],
  },
  cases: {
    one: "case",
    none: "No case is like this",
    back: ["verifier", "Verifier model"],
    columns: [
      ["Masklet", (row) => masklet(row.masklet, row.masklet_name)],
      ["Video", (row) => video(row.video, row.video_name)],
      ["Model", (row) => percent(row.probability, 1), true],
      ["People", (row) => stateChip(row.verdict)],
      ["By", (row) => words(row.person)],
      ["When", (row) => words(new Date(row.created_at).toLocaleString())],
    ],
  },
};

const share = (/** @type {number} */ place) => `${(100 * 10 ** (-5 + place / 2)).toPrecision(2)} %`;

/** @type {Readonly<Record<string, string>>} */
const FOUND = { both: "both satisfactory", model_only: "satisfactory by the model only", people_only: "satisfactory by people only", neither: "satisfactory by neither", accepted: "the model would accept" };

/** Of cases, as that of masklets says something else. @type {Readonly<Record<string, (value: string) => string>>} */
const ASKED_OF_CASES = {
  verifier: (id) => `model ${id}`,
  threshold: (from) => `from ${Math.round(100 * Number(from))} % on`,
  found: (who) => FOUND[who] ?? who,
  tenth: (place) => `given ${10 * Number(place)} to ${10 * Number(place) + 10} %`,
};

/** @type {Readonly<Record<string, (value: string) => string>>} */
const ASKED = {
  without: (name) => `no ${name} known`,
  share: (place) => `mean size: from ${share(Number(place))} of the frame`,
  tenth: (place) => `first seen at ${Number(place) * 10} to ${Number(place) * 10 + 10} % of the video`,
  bucket: (size) => `mean size: ${size}`,
  compared: (size) => (size === "any" ? "compared with phase 1" : `compared with phase 1, ${size} there`),
  proposed_by: (id) => `proposed by model ${id}`,
  copies: () => "with work on gold",
  disappears: () => "disappears",
  tracked: () => "handed in",
  returned: () => "sent back",
  unseen: () => "with frames not shown",
  days: (days) => `of the last ${days} days`,
  worker: (name) => `work of ${name}`,
  reviewer: (name) => `judged by ${name}`,
  audited: () => "was audited",
  overturned: () => "overturned by an audit",
};

/** What the rows were asked for, in words. @param {string} of @param {URLSearchParams} query @returns {string[]} */
export function askedFor(of, query) {
  const silent = ["page", "by", "name", "but", of === "videos" ? "copies" : ""]; // a video is one, with work on gold or without
  const found = [...query].filter(([name]) => !silent.includes(name));
  const asked = of === "cases" ? ASKED_OF_CASES : ASKED;
  const said = found.map(([name, value]) => asked[name]?.(value) ?? (value === "true" ? name : `${name.replaceAll("_", " ")}: ${value.replace("_", " ")}`));
  const by = query.get("by");
  return by ? [...said, `${by}: ${query.has("but") ? "any other" : query.get("name") ?? "not said"}`] : said;
}
