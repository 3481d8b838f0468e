/** The numbers a project is steered by, live; filters are kept in the address. */

import { request } from "./api.js";
import { filterBar } from "./numbers/filters.js";
import { addressOf, datasetPanel, funnelPanel, peoplePanel, progressPanel, table1Panel } from "./numbers/sections.js";
import { byId, fill, h } from "./ui/dom.js";
import { poll } from "./ui/poll.js";

const WAIT = 30_000; // ms between looks

const page = byId("page", HTMLElement);
const said = h("span", { class: "faint", role: "status" }, "Adding up …");
const body = h("div", { "aria-busy": "true" }, h("div", { class: "panel panel-blank skeleton" }));
let by = "phase";
let shown = "";
let begun = false; // whether there are filters

/** @param {string} name @param {Record<string, string>} [more] */
const get = (name, more) => request("GET", addressOf(name, more));

async function begin() {
  body.before(filterBar(await get("choices"), look));
  begun = true;
}

/** Asks anew because the person chose something. */
function look() {
  said.textContent = "Adding up …";
  looking.poke();
}

fill(page, h("div", { class: "page-head" }, h("h1", {}, "Numbers"), said), body);
const looking = poll(async () => {
  try {
    if (!begun) await begin();
    const answers = await Promise.all([get("table1", { by }), get("funnel"), get("progress"), get("queues"), get("people"), get("dataset")]);
    const [table1, funnel, progress, queues, people, dataset] = answers;
    said.textContent = `As of ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" })}`;
    // Ages grow all the time; what else stays leaves the page, and what is focused in it, as it is.
    const form = JSON.stringify([by, location.search, table1, funnel, progress, people, dataset]);
    if (form !== shown) {
      const group = (/** @type {string} */ name) => { by = name; look(); };
      fill(body, table1Panel(table1, by, group), funnelPanel(funnel), progressPanel(progress, queues), peoplePanel(people), datasetPanel(dataset));
      shown = form;
    }
    return WAIT;
  } catch (error) {
    said.textContent = "The numbers could not be loaded.";
    throw error;
  }
}, body);
