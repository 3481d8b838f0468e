/** Where the rows behind a person's numbers are. */

/**
 * @param {string} slug
 * @param {string} person
 * @param {number} days how far back they go
 */
export function behindPerson(slug, person, days) {
  const at = (/** @type {string} */ of, /** @type {Record<string, string>} */ more) => `/projects/${slug}/numbers/${of}?${new URLSearchParams({ ...more, days: String(days) })}`;
  return {
    handedIn: at("masklets", { person }),
    accepted: at("masklets", { person, state: "accepted" }),
    judged: at("verdicts", { worker: person, stage: "verify" }),
    judgedAs: (/** @type {"satisfactory" | "unsatisfactory" | "rejected"} */ verdict) => at("verdicts", { worker: person, stage: "verify", verdict }),
    gave: (/** @type {"verify" | "audit"} */ stage) => at("verdicts", { reviewer: person, stage }),
    audited: at("verdicts", { reviewer: person, audited: "true" }),
    overturned: at("verdicts", { reviewer: person, overturned: "true" }),
  };
}
