/** What unsafe calls prove with that a page of ours made them. */

/** The token of this browser's cookie. @returns {string} */
export function csrfToken() {
  return /(?:^|; )csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}
