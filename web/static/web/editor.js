/** The workspace's entry: opens the session, or says why it cannot. */

import { ApiError, openAnnotate } from "./api.js";
import { reasonOf } from "./editor/hold.js";
import { Workspace } from "./editor/workspace.js";
import { byId, fill, h } from "./ui/dom.js";
import { api } from "./ui/page_api.js";
import { emptyState, failedState } from "./ui/parts.js";

/** @import {Video} from "./types.js" */

const POLL = 3000; // ms, while the video is ingested

const root = byId("editor", HTMLElement);
const id = document.body.dataset.video ?? "";

/** @param {Video} video */
function libraryLink(video) {
  return h("a", { class: "btn", href: `/projects/${video.project}` }, "To the project");
}

/** @param {Video} video */
function showNotReady(video) {
  if (video.state === "refused") {
    fill(root, emptyState({ symbol: "alert", title: "This video was refused", text: video.refusal?.message ?? "It cannot be used.", act: libraryLink(video) }));
    return;
  }
  const text = `${Math.round(video.progress * 100)} % done. The page opens by itself.`;
  fill(root, emptyState({ symbol: "film", title: `${video.name} is being prepared`, text, act: libraryLink(video) }));
  setTimeout(open, POLL);
}

/** @param {ApiError} error @param {Video} video */
function showRefused(error, video) {
  if (error.code !== "held") return fill(root, failedState(error, open));
  const again = h("button", { class: "btn btn-primary", type: "button", onclick: open }, "Try again");
  const act = h("div", { class: "row" }, libraryLink(video), again);
  fill(root, emptyState({ symbol: "users", title: "Somebody else holds this video", text: reasonOf(error), act }));
}

async function open() {
  try {
    const video = await api.videos.get(id);
    document.title = `${video.name} · Maskloom`;
    if (video.state !== "ready") return showNotReady(video);
    try {
      new Workspace(root, await openAnnotate(id));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showRefused(error, video);
    }
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      const home = h("a", { class: "btn", href: "/" }, "To the projects");
      fill(root, emptyState({ symbol: "search", title: "There is no such video", text: "It was deleted, or it is not in one of your projects.", act: home }));
    } else fill(root, failedState(error, open));
    if (!(error instanceof ApiError)) throw error;
  }
}

void open();
