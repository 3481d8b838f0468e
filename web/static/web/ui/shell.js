/** The top bar: which project this is and what the signed-in person may open in it. Runs on every page. */

/** @import {Me, Project, Role} from "../types.js" */
import { api } from "./page_api.js";
import { toastFromLastPage } from "./dialogs.js";
import { fill, h } from "./dom.js";
import { showStopped } from "./stopped.js";

const MEMORY = "maskloom.me"; // in sessionStorage, so that the next page shows its bar at once

/** @type {Record<string, readonly Role[]>} */
const MAY_OPEN = { reviews: ["reviewer", "manager", "owner"], people: ["manager", "owner"], me: ["annotator", "reviewer"], numbers: ["manager", "owner"], auto: ["manager", "owner"], exports: ["manager", "owner"], settings: ["manager", "owner"] };

/** @type {readonly (readonly [string, string])[]} */
const TABS = [["", "Videos"], ["work", "Work"], ["reviews", "Reviews"], ["comments", "Comments"], ["people", "People"], ["me", "My numbers"], ["numbers", "Numbers"], ["auto", "Auto"], ["exports", "Exports"], ["settings", "Settings"]];

/** @returns {Me | null} */
function remembered() {
  try {
    const me = JSON.parse(sessionStorage.getItem(MEMORY) ?? "null");
    return me?.username === document.body.dataset.username ? me : null;
  } catch {
    return null;
  }
}

/** Who works on what the queue gives them sees that first. @param {Role} role */
export function beginsWithWork(role) {
  return role === "annotator" || role === "reviewer";
}

/** @param {Role} role */
function tabsOf(role) {
  return beginsWithWork(role) ? [...TABS].sort(([a], [b]) => Number(b === "work") - Number(a === "work")) : TABS;
}

let slug = document.body.dataset.slug ?? "";

/** The tab that leads to this page, which may lie below it. @param {Role} role */
function tabOfPage(role) {
  const [, kind, , below = ""] = location.pathname.split("/");
  const ofPeople = MAY_OPEN["people"]?.includes(role) ? "people" : "me";
  const ofNumbers = MAY_OPEN["numbers"]?.includes(role) ? "numbers" : "me";
  if (kind === "videos") return "";
  if (kind === "gold-scores" || below === "me") return ofPeople;
  return { numbers: ofNumbers, verifier: "settings", consensus: "people", queue: "work", review: "reviews" }[below] ?? below;
}

/** @param {Me} me */
function show(me) {
  const nav = document.getElementById("project-nav");
  const project = me.projects.find((candidate) => candidate.slug === slug);
  if (!nav || !project) return;
  const here = tabOfPage(project.role);
  const tabs = tabsOf(project.role).filter(([page]) => MAY_OPEN[page]?.includes(project.role) ?? true).map(([page, words]) => {
    const address = `/projects/${slug}${page && `/${page}`}`;
    const current = location.pathname === address ? "page" : page === here && "true";
    return h("a", { class: "tab", href: address, "aria-current": current }, words);
  });
  fill(nav, h("a", { class: "crumb-project", href: `/projects/${slug}`, title: project.name }, project.name), ...tabs);
}

/** @type {Promise<Me>} */
const fresh = api.me().then((me) => {
  sessionStorage.setItem(MEMORY, JSON.stringify(me));
  return me;
});

/** The signed-in person, fetched once per page. */
export const currentMe = () => fresh;

/** @param {Role | undefined} role @param {"upload" | "steer" | "annotate" | "review" | "own"} act */
export function mayDo(role, act) {
  if (!role) return false;
  if (act === "own") return role === "owner";
  if (act === "upload" || act === "steer") return role === "manager" || role === "owner";
  return act === "annotate" ? role !== "reviewer" : role !== "annotator";
}

/** Whether the person may open videos by themselves, beside the queue. @param {Project} project */
export function mayOpenVideos({ role, pull_only }) {
  return mayDo(role, "annotate") && !(pull_only && role === "annotator");
}

/** Says which project the page turned out to belong to. @param {string} project slug */
export function inProject(project) {
  slug = project;
  const me = remembered();
  if (me) show(me);
  fresh.then(show, () => undefined);
}

if (slug) inProject(slug);
toastFromLastPage();
showStopped();
fresh.catch(() => undefined); // pages say it where they need it
