/** Where the rows behind numbers are: the page's filters, and what one number asks for besides. */

import { asked } from "./filters.js";

/** @typedef {Record<string, string | string[]>} More what is empty takes a filter of the page away */

const slug = document.body.dataset.slug ?? "";
const at = (/** @type {string} */ of, /** @type {More} */ more) => `/projects/${slug}/numbers/${of}?${asked(more)}`;

/** @param {More} [more] */
export const maskletsBehind = (more = {}) => at("masklets", more);

/** Of verdicts only the days are asked for, and who worked or judged. @param {More} more */
export const verdictsBehind = (more) => at("verdicts", { phase: "", model: "", type: "", person: "", ...more });

/** Videos with such masklets, work on gold among them: it is in the videos of gold masklets. @param {More} more */
export const videosBehind = (more) => at("videos", { copies: "true", ...more });

/** @param {string} kind @param {"waiting" | "claimed" | "on_hold"} view of the queue's page */
export const tasksBehind = (kind, view) => `/projects/${slug}/queue?${new URLSearchParams({ view, kind })}`;

export const readyVideos = `/projects/${slug}?state=ready`;

/** Days that the throughput counts are not those that masklets were handed in. @type {More} */
const ANY_WEEK = { since: "", until: "" };

/** @param {string} day @param {string} step handed_in, or a state */
export function stepBehind(day, step) {
  /** @type {More} */
  const own = step === "handed_in" ? { handed_in_on: day } : { state: step, closed_since: day, closed_until: day };
  return maskletsBehind({ ...ANY_WEEK, ...own });
}

export const openBehind = () => maskletsBehind({ ...ANY_WEEK, open: "true" });

/** @param {string} day */
export const closedSince = (day) => maskletsBehind({ ...ANY_WEEK, closed_since: day });
