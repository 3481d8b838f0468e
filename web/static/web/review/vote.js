/** What the verifier model thought of a masklet that this person has judged. */

import { h } from "../ui/dom.js";
import { api } from "../ui/page_api.js";

/** @param {HTMLElement} facts @param {number} masklet */
export async function showVote(facts, masklet) {
  const [newest] = await api.masklets.votes(masklet).catch(() => []); // a fact less, and no reason to stop
  if (newest) facts.append(h("p", { class: "muted" }, `The verifier model gave it ${Math.round(newest.probability * 100)} % to be found satisfactory.`));
}
