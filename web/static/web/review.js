/** The review page: one task, or a batch of them; after a verdict it goes on with the next one. And one masklet, to look at only. */

/** @import {Task, TaskKind} from "./types.js" */
/** @import {Opened} from "./review/hold.js" */
import { Batch } from "./review/batch.js";
import { firstVisible, framesFrom } from "./review/clip.js";
import { openMasklet, openTask } from "./review/hold.js";
import { Stand } from "./review/stand.js";
import { messageOf, toastOnNextPage } from "./ui/dialogs.js";
import { h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { api } from "./ui/page_api.js";
import { emptyState, failedState } from "./ui/parts.js";
import { inProject } from "./ui/shell.js";
import { kindsOfPage, openNext, pageOf } from "./ui/tasks.js";

/** @type {readonly TaskKind[]} */
const JUDGING = ["decide", "audit", "verify"];

const { masklet = "", slug = "", pull = "" } = document.body.dataset;
const isBatch = pull === "batch";
const isLook = pull === "look";
const stand = new Stand({ speed: 1, loop: isBatch, autoplay: isBatch, overlay: "full" });
let leave = () => stand.leave();

/** @returns {readonly TaskKind[]} */
function kinds() {
  const asked = kindsOfPage().filter((kind) => JUDGING.includes(kind));
  if (asked.length > 0) return asked;
  return isBatch ? ["verify"] : JUDGING;
}

/** Nothing is held any more: the page may go without giving anything back. @param {string} project @param {string} said */
async function goOn(project, said) {
  leave = () => undefined;
  try {
    const { queues } = await api.tasks.mine(project);
    const waiting = queues.filter(({ kind }) => kinds().includes(kind)).reduce((sum, queue) => sum + queue.waiting, 0);
    const rest = waiting > 1 ? `${formatCount(waiting - 1, "more task")} after this one.` : waiting === 1 ? "This is the last one for you." : "Nothing is left for you to review.";
    toastOnNextPage(`${said} ${rest}`);
    if (waiting > 0 && (await openNext(project, kinds()))) return;
  } catch {
    toastOnNextPage(said);
  }
  location.assign(`/projects/${project}/reviews`);
}

/** @param {Opened} opened */
function show(opened) {
  const { project } = opened.task;
  const frames = framesFrom(opened.snapshot.video, firstVisible(opened.snapshot));
  stand.show(opened, frames, {
    done: (said) => void goOn(project, said),
    left: (said) => void goOn(project, said),
    gaveBack: (said) => {
      leave = () => undefined;
      toastOnNextPage(said);
      location.assign(`/projects/${project}/reviews`);
    },
  });
}

/** @param {unknown} error */
async function showRefusal(error) {
  stand.say(failedState(error, () => location.reload()));
  if (isLook) return;
  const project = slug || (await projectOf(masklet));
  inProject(project);
  const look = masklet && h("a", { class: "btn", href: `/masklets/${masklet}` }, "Look at it all the same");
  const act = h("div", { class: "row" }, look, h("a", { class: "btn", href: `/projects/${project}/reviews` }, "All reviews"), h("a", { class: "btn btn-primary", href: `/projects/${project}/reviews/next` }, "Review another one"));
  stand.say(emptyState({ symbol: "alert", title: slug ? "This could not be opened" : "You cannot review this masklet", text: messageOf(error), act }));
}

/** @param {string} id of a masklet */
async function projectOf(id) {
  const { video } = await api.masklets.get(id);
  return (await api.videos.get(video)).project;
}

/** The next task that waits, under its own address from now on. @returns {Promise<Task | undefined>} */
async function pullNext() {
  const [task] = (await api.tasks.next(slug, kinds())).tasks;
  if (task) history.replaceState(null, "", pageOf(task, kindsOfPage()));
  return task;
}

/** @returns {Promise<boolean>} whether there is something to review */
async function open() {
  const asked = Number(new URLSearchParams(location.search).get("task"));
  if (isLook) {
    const look = await api.masklets.look(masklet);
    stand.look(look, framesFrom(look.video, firstVisible(look)));
    return true;
  }
  if (isBatch) {
    const batch = new Batch(stand, slug, kinds());
    leave = () => batch.leave();
    return batch.begin();
  }
  if (slug) {
    const task = await pullNext();
    if (task) show(await openTask(task.id));
    return task !== undefined;
  }
  show(asked ? await openTask(asked) : await openMasklet(Number(masklet)));
  return true;
}

addEventListener("pagehide", () => leave());
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
try {
  if (!(await open())) {
    toastOnNextPage("Nothing waits for you to review.");
    location.replace(`/projects/${slug}/reviews`);
  }
} catch (error) {
  await showRefusal(error).catch(() => undefined); // What could be said stands there.
}
