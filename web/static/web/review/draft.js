/** A verdict in the making, kept in the browser so that a reload does not lose it. */

/** @import {Masklet, ReviewMark} from "../types.js" */

/** @typedef {{comment: string, marks: ReviewMark[]}} Draft */

/** Another version of the masklet is another question, so its draft does not count. @param {Masklet} masklet */
const place = ({ id, version }) => `maskloom.review.${id}.${version}`;

/** @param {Masklet} masklet @returns {Draft} */
export function readDraft(masklet) {
  try {
    const draft = JSON.parse(localStorage.getItem(place(masklet)) ?? "null");
    if (Array.isArray(draft?.marks) && typeof draft.comment === "string") return draft;
  } catch {
    // Not ours any more: begin with an empty one.
  }
  return { comment: "", marks: [] };
}

/** @param {Masklet} masklet @param {Draft} draft */
export function keepDraft(masklet, draft) {
  if (draft.comment || draft.marks.length > 0) localStorage.setItem(place(masklet), JSON.stringify(draft));
  else dropDraft(masklet);
}

/** @param {Masklet} masklet */
export function dropDraft(masklet) {
  localStorage.removeItem(place(masklet));
}
