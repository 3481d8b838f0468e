/** Which task of the review queue this person may open. */

/** @import {Project, ReviewItem} from "../types.js" */

/** Whether it is closed to the signed-in person because an earlier stage of it was theirs. @param {ReviewItem} item @param {Project} project */
export function isOwn({ own_work }, { independent_review }) {
  return own_work && independent_review;
}

/** Whether the signed-in person has it, at work or on hold. @param {ReviewItem} item */
export function isHeldByMe({ held_by: holder }) {
  return holder !== null && holder.username === document.body.dataset.username;
}

/** Whether the signed-in person may open it now. @param {ReviewItem} item @param {Project} project */
export function isOpenFor(item, project) {
  return !isOwn(item, project) && (item.held_by === null || isHeldByMe(item));
}
