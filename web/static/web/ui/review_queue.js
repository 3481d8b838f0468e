/** Which masklet of the queue this person may review next. */

/** @import {ReviewItem} from "../types.js" */
import { api } from "./page_api.js";

/** Whether the signed-in person may open it now. @param {ReviewItem} item */
export function isOpenFor({ own_work, held_by }) {
  return !own_work && (held_by === null || held_by.username === document.body.dataset.username);
}

/**
 * @param {string} slug
 * @param {number} done the masklet that was just judged or left
 * @returns {Promise<{next: ReviewItem | null, waiting: number}>} `waiting`: how many this person may still review
 */
export async function nextReview(slug, done) {
  const { results } = await api.projects.reviews(slug);
  const open = results.filter((item) => isOpenFor(item) && item.masklet.id !== done);
  return { next: open[0] ?? null, waiting: open.length };
}
