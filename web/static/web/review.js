/** The review page: opens a hold on a masklet, and goes on with the next one after its verdict. */

/** @import {Masklet, Snapshot} from "./types.js" */
import { openVerify } from "./api.js";
import { ReviewHold } from "./review/hold.js";
import { ReviewPage } from "./review/page.js";
import { messageOf, toastOnNextPage } from "./ui/dialogs.js";
import { byId, fill, h } from "./ui/dom.js";
import { formatCount } from "./ui/format.js";
import { api } from "./ui/page_api.js";
import { emptyState, failedState } from "./ui/parts.js";
import { nextReview } from "./ui/review_queue.js";
import { inProject } from "./ui/shell.js";

const id = Number(document.body.dataset.masklet);
const root = byId("review", HTMLElement);

const WORDS = { in_work: "in work", submitted: "waiting for review", refine: "sent back with your marks", accepted: "accepted", rejected: "rejected", set_aside: "set aside" };

/** @param {string} project @param {string} said what to say there first */
async function goOn(project, said) {
  const { next, waiting } = await nextReview(project, id);
  toastOnNextPage(`${said} ${waiting > 0 ? `${formatCount(waiting, "masklet")} left for you.` : "Nothing is left for you to review."}`);
  location.assign(next ? `/masklets/${next.masklet.id}/review` : `/projects/${project}/reviews`);
}

/** @param {Snapshot} snapshot @param {Masklet} masklet */
function begin(snapshot, masklet) {
  const { project } = snapshot.video;
  document.title = `${masklet.name} · Review · Maskloom`;
  inProject(project);
  const hold = new ReviewHold(snapshot, masklet, { lost: showLost, reached: (reached) => byId("offline", HTMLElement).hidden = reached });
  const leave = () => hold.letGo();
  const page = new ReviewPage(root, snapshot, masklet, hold, (judged) => {
    removeEventListener("pagehide", leave);
    hold.stop();
    void goOn(project, `${masklet.name} is ${WORDS[judged.state]}.`).catch(() => location.assign(`/projects/${project}/reviews`));
  });
  root.append(h("p", { class: "notice notice-warn review-offline", id: "offline", hidden: true }, "The server cannot be reached. What you wrote is kept in this browser."));
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  page.stage.canvas.focus();
}

/** @param {unknown} error */
function showLost(error) {
  const act = h("button", { class: "btn btn-primary", type: "button", onclick: () => location.reload() }, "Take it up again");
  root.classList.add("review-blank");
  fill(root, emptyState({ symbol: "alert", title: "This review was let go", text: `${messageOf(error)} Your marks and your comment are kept in this browser.`, act }));
}

/** @param {unknown} error */
async function showRefusal(error) {
  root.classList.add("review-blank");
  root.setAttribute("aria-busy", "false");
  fill(root, failedState(error, () => location.reload()));
  const { video } = await api.masklets.get(id);
  const { project } = await api.videos.get(video);
  inProject(project);
  const { next } = await nextReview(project, id);
  const act = h("div", { class: "row" }, h("a", { class: "btn", href: `/projects/${project}/reviews` }, "All reviews"), next && h("a", { class: "btn btn-primary", href: `/masklets/${next.masklet.id}/review` }, "Review another one"));
  fill(root, emptyState({ symbol: "alert", title: "You cannot review this masklet", text: messageOf(error), act }));
}

async function open() {
  try {
    const snapshot = await openVerify(id);
    const masklet = snapshot.masklets.find((candidate) => candidate.id === id);
    if (!masklet) throw new Error("The server did not send the masklet. Reload the page.");
    begin(snapshot, masklet);
  } catch (error) {
    await showRefusal(error).catch(() => undefined); // What could be said stands there.
  }
}

void open();
