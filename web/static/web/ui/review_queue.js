/** Which masklet of the queue this person may review next. */

/** @import {Project, ReviewItem} from "../types.js" */
import { api } from "./page_api.js";

/** Whether it is closed to the signed-in person because they tracked it. @param {ReviewItem} item @param {Project} project */
export function isOwn({ own_work }, { independent_review }) {
  return own_work && independent_review;
}

/** Whether the signed-in person may open it now. @param {ReviewItem} item @param {Project} project */
export function isOpenFor(item, project) {
  const { held_by } = item;
  return !isOwn(item, project) && (held_by === null || held_by.username === document.body.dataset.username);
}

/**
 * @param {string} slug
 * @param {number} done the masklet that was just judged or left
 * @returns {Promise<{next: ReviewItem | null, waiting: number}>} `waiting`: how many this person may still review
 */
export async function nextReview(slug, done) {
  const [project, { results }] = await Promise.all([api.projects.get(slug), api.projects.reviews(slug)]);
  const open = results.filter((item) => isOpenFor(item, project) && item.masklet.id !== done);
  return { next: open[0] ?? null, waiting: open.length };
}
