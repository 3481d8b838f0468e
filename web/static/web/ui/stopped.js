/** What does not work behind the pages: asked for now and then, and said in words. */

import { ApiError, request } from "../api.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {"redis" | "recorder" | "clock" | "cpu_worker" | "inference_worker"} Part */

const PERIOD = 10_000; // ms

/** @type {Record<Part, string>} */
export const STOPPED = {
  redis: "Redis does not run: masks, passes and what others do come when it is back. What you do is kept.",
  recorder: "Answers are not being written: the recorder does not run. Your clicks are kept.",
  clock: "The clock does not run: tasks that somebody left, and what got lost on its way, wait until it does.",
  cpu_worker: "Uploads, exports and scores stand still: the CPU worker does not run. They go on when it is back.",
  inference_worker: "No inference worker is running: masks, passes and auto masklets come when one is back. What you do is saved.",
};

/** Over every page with a top bar, what people must know. */
export function showStopped() {
  const strip = h("div", { class: "stopped", role: "status" });
  document.querySelector(".topbar")?.after(strip);
  watchStopped((parts) => fill(strip, parts.map((part) => h("p", { class: "notice notice-warn" }, icon("alert"), STOPPED[part]))));
}

/** Tells which parts stopped, each time that changes, for as long as the page is open. @param {(parts: Part[]) => void} show */
export function watchStopped(show) {
  let shown = "";
  const look = async () => {
    if (document.hidden) return;
    try {
      /** @type {{stopped: Part[]}} */
      const { stopped } = await request("GET", "/api/stopped");
      if (shown !== String(stopped)) show(stopped);
      shown = String(stopped);
    } catch (error) { // what the page itself asks for tells of it
      if (error instanceof ApiError && error.status === 401) clearInterval(timer);
    }
  };
  const timer = setInterval(look, PERIOD);
  document.addEventListener("visibilitychange", look);
  void look();
}
