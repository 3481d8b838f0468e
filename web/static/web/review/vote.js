/** What the verifier model thought of a masklet, for who judges in its project. */

import { h } from "../ui/dom.js";
import { api } from "../ui/page_api.js";
import { currentMe, mayDo } from "../ui/shell.js";

/** @param {HTMLElement} facts @param {number} masklet @param {string} project */
export async function showVote(facts, masklet, project) {
  const { projects } = await currentMe();
  if (!mayDo(projects.find(({ slug }) => slug === project)?.role, "review")) return;
  const [newest] = await api.masklets.votes(masklet).catch(() => []); // a fact less, and no reason to stop
  if (newest) facts.append(h("p", { class: "muted" }, `The verifier model gave it ${Math.round(newest.probability * 100)} % to be found satisfactory.`));
}
