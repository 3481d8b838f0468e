/** Why triage takes a mask for a failure, in words. */

import { messageOf } from "./dialogs.js";
import { api } from "./page_api.js";

/** @param {number} masklet @param {number} frameIndex @returns {Promise<string>} */
export async function whySuspicious(masklet, frameIndex) {
  try {
    const found = (await api.masklets.signals(masklet)).find((mask) => mask.frame_index === frameIndex);
    if (!found) return `Frame ${frameIndex} was decided by a person since.`;
    const why = found.why.length > 0 ? found.why.join(", ") : "many small signs";
    return `Frame ${frameIndex}, ${Math.round(found.suspicion * 100)} % suspicious: ${why}.`;
  } catch (error) {
    return `Frame ${frameIndex}. Why it is suspicious could not be loaded: ${messageOf(error)}`;
  }
}
