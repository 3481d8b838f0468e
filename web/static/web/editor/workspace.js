import { Attention } from "../attention.js";
import { Frames } from "../frames.js";
import { fill, h } from "../ui/dom.js";
import { MaskPictures } from "../mask_pictures.js";
import { Outbox } from "../outbox.js";
import { Player } from "../player.js";
import { isWorkable, maskletOf, presentMasklets, shownCounts } from "../selectors.js";
import { Store } from "../store.js";
import { Threads } from "../threads.js";
import { Timeline } from "../timeline.js";
import { formatCount } from "../ui/format.js";
import { api } from "../ui/page_api.js";
import { watchStopped } from "../ui/stopped.js";
import { Acts, ANSWER_LOST } from "./acts.js";
import { Banner } from "./banner.js";
import { Commands } from "./commands.js";
import { openDoneDialog, openSignedOutDialog } from "./dialogs.js";
import { Follower } from "./follower.js";
import { heldTask, heldVideo, Hold } from "./hold.js";
import { workspaceKeys } from "./keys.js";
import { concerns } from "./mode.js";
import { say } from "./notices.js";
import { Panels } from "./panels.js";
import { lanesOf, shownMarks, shownMasks, shownPrompts } from "./scene.js";
import { Stage } from "./stage.js";
import { appStateOf, reduce } from "./state.js";
import { SubmitDialog } from "./submit_dialog.js";
import { TaskDesk } from "./task_desk.js";
import { ToolBox } from "./tool_box.js";

/**
 * @import {ApiError} from "../api.js"
 * @import {Masklet, SessionEvent, Snapshot, Task} from "../types.js"
 * @import {AppState} from "./state.js"
 */

const READY_AHEAD = 3; // annotated frames whose masks are drawn before they are needed

/** The page: one store, and the parts that show it and act on it. */
export class Workspace {
  /** @param {HTMLElement} root @param {Snapshot} snapshot @param {Task | null} task The one that the session is for. */
  constructor(root, snapshot, task) {
    const { video } = snapshot;
    this.store = new Store(appStateOf(snapshot, task), reduce);
    this.attention = new Attention();
    this.outbox = new Outbox((outbox) => this.store.dispatch({ type: "outbox", outbox }));
    this.hold = new Hold(snapshot, task ? heldTask(task) : heldVideo(video), {
      event: (event) => this.#onEvent(event),
      connected: (connected) => this.store.dispatch({ type: "connected", connected }),
      snapshot: (fresh) => this.#onSnapshot(fresh),
      lost: (isLost) => this.#onLost(isLost),
      hasUnsent: () => !this.outbox.isEmpty,
      done: () => this.desk?.foundDone(),
    });
    this.acts = new Acts(() => this.hold.api, this.store, this.outbox, { say, refused: (error, masklet) => this.#onRefused(error, masklet), takeUp: () => this.hold.takeUp() });
    this.frames = new Frames(video, (frame) => this.#onFrame(frame));
    this.pictures = new MaskPictures(video.height);
    this.follower = new Follower((frame) => this.store.dispatch({ type: "goto", frame }));
    this.player = this.#makePlayer();
    this.toolBox = new ToolBox(this.store, this.acts, () => this.stage, say);
    /** @type {Stage} */
    this.stage = new Stage(video, this.pictures, () => this.#scene(), () => this.toolBox.inHand);
    this.desk = task && this.#makeDesk(task);
    this.commands = this.#makeCommands();
    this.threads = this.#makeThreads();
    this.keys = workspaceKeys(this.commands, this.store.state.mode, this.desk, this.threads.shortcuts);
    this.banner = new Banner(() => void this.hold.takeUp());
    this.timeline = new Timeline(video, { seek: (frame) => this.commands.goTo(frame), select: (masklet) => this.commands.select(masklet) });
    this.panels = new Panels(this);
    fill(root, this.panels.element);
    this.store.subscribe((state, before) => this.#show(state, before));
    this.#begin();
  }

  #begin() {
    this.keys.listen();
    this.stage.element.addEventListener("touch", () => this.commands.stay());
    addEventListener("online", () => {
      this.outbox.retryNow();
      this.frames.want(this.store.state.view.frame);
    });
    addEventListener("beforeunload", (event) => {
      if (!this.outbox.isEmpty) event.preventDefault();
    });
    watchStopped((stopped) => this.store.dispatch({ type: "stopped", stopped }));
    this.frames.want(this.store.state.view.frame);
    this.#show(this.store.state, null);
    this.stage.canvas.focus({ preventScroll: true });
  }

  #makePlayer() {
    const { stride, annotated_count: count } = this.store.state.domain.video;
    return new Player({
      stride,
      count,
      frame: () => this.store.state.view.frame,
      show: (frame) => this.store.dispatch({ type: "goto", frame }),
      isReady: (frame) => this.frames.has(frame) || this.frames.hasFailed(frame),
      onChange: ({ playing, speed }) => this.store.dispatch({ type: "view", view: { playing, speed } }),
    });
  }

  #makeCommands() {
    return new Commands({
      store: this.store,
      acts: this.acts,
      player: this.player,
      follower: this.follower,
      stage: () => this.stage,
      shortcuts: () => this.keys,
      submit: () => (this.desk ? this.desk.submit() : this.#openSubmit()),
      askFrame: () => this.panels.transport.askFrame(),
      rename: () => this.panels.masklets.rename(),
      say,
    });
  }

  #makeThreads() {
    const nameOf = (/** @type {number} */ id) => presentMasklets(this.store.state.domain).find((masklet) => masklet.id === id)?.name ?? null;
    return new Threads({
      video: this.store.state.domain.video,
      stage: this.stage,
      frame: () => this.store.state.view.frame,
      goTo: (frame) => this.commands.goTo(frame),
      masklet: () => maskletOf(this.store.state.domain, this.store.state.view.selected),
      nameOf,
    });
  }

  /** @param {Task} task */
  #makeDesk(task) {
    return new TaskDesk(task, {
      store: this.store,
      acts: this.acts,
      askSubmit: () => this.#openSubmit(),
      refused: (error, masklet) => this.#onRefused(error, masklet),
      end: () => this.hold.end(),
    });
  }

  /** Lets go of the video and goes to the project; a task stays, until its lease lapses. */
  async close() {
    if (this.desk) return location.assign(`/projects/${this.desk.task.project}/work`);
    try {
      await this.hold.close();
    } catch {
      // The hold lapses by itself.
    }
    location.assign(`/projects/${this.store.state.domain.video.project}`);
  }

  #openSubmit() {
    if (!presentMasklets(this.store.state.domain).some(isWorkable)) return say("There is no masklet in work to submit.");
    new SubmitDialog(this.store, this.acts, {
      goTo: (masklet, frame) => {
        this.commands.select(masklet);
        this.commands.goTo(frame);
      },
      done: (handedIn) => void this.#onSubmitted(handedIn),
    });
  }

  /** @param {Masklet[]} handedIn */
  async #onSubmitted(handedIn) {
    if (this.desk) return this.desk.submitted(handedIn);
    const aside = handedIn.filter(({ state }) => state === "set_aside").length;
    say(aside === 0 ? "Submitted for review." : `${aside} of ${formatCount(handedIn.length, "masklet")} set aside as too easy.`, aside === 0 ? "good" : "plain");
    const { domain } = this.store.state;
    if (presentMasklets(domain).some(isWorkable)) return;
    const work = await api.projects.work(domain.video.project).catch(() => null);
    openDoneDialog(domain.video.project, work?.next_video ?? null, aside < handedIn.length);
  }

  /** @param {Snapshot} fresh */
  #onSnapshot(fresh) {
    this.store.dispatch({ type: "snapshot", snapshot: fresh });
    void this.threads.load();
  }

  /** @param {SessionEvent} event */
  #onEvent(event) {
    if (event.type === "thread") return this.threads.take(event.data);
    if (!concerns(this.store.state, event)) return;
    this.store.dispatch({ type: "event", event });
    if (event.type === "click_failed") say(event.data.message, "bad");
    if (event.type === "propagation" && event.data.state === "failed") say(event.data.error ?? "The pass failed. Try it again.", "bad");
    if (event.type === "masks" && this.store.state.view.follow && !this.player.playing) this.follower.add(event.data.masks.map((mask) => mask.frame_index));
  }

  /** @param {ApiError} error @param {number | null} masklet */
  #onRefused(error, masklet) {
    if (error.status === 401) openSignedOutDialog();
    else if (error.code === "session_closed") this.hold.onLost();
    else if (error.code === "stale_version" || error.code === ANSWER_LOST) this.#onStale(error, masklet);
    else say(error.message, error.code.startsWith("nothing_to") ? "plain" : "bad");
  }

  /** @param {ApiError} error @param {number | null} id */
  #onStale(error, id) {
    const masklet = error.data.masklet ?? (id === null ? null : maskletOf(this.store.state.domain, id));
    if (masklet) this.store.dispatch({ type: "masklet", masklet });
    if (id !== null) this.outbox.dropFor(id);
    void this.hold.connection.refresh();
    const name = masklet?.name ?? "The masklet";
    say(error.code === ANSWER_LOST ? error.message : `${name} was changed elsewhere. This is its newer state; your last act was not kept.`);
  }

  /** @param {boolean} isLost */
  #onLost(isLost) {
    this.banner.lost = isLost;
    this.#show(this.store.state, null);
  }

  /** @param {number} frame Has come, or failed. */
  #onFrame(frame) {
    if (frame !== this.store.state.view.frame) return;
    this.banner.show(this.store.state, this.frames.hasFailed(frame));
    this.#look(this.store.state);
    this.stage.redraw();
  }

  #scene() {
    const { state } = this.store;
    const { frame, outlineOnly } = state.view;
    const bitmap = this.frames.get(frame);
    return {
      frame: bitmap,
      placeholder: bitmap ? null : this.timeline.thumbnail(frame),
      masks: shownMasks(state, frame, this.toolBox.painting),
      overlay: outlineOnly ? /** @type {const} */ ("outline") : /** @type {const} */ ("full"),
      prompts: shownPrompts(state, this.toolBox.held),
      marks: shownMarks(state),
    };
  }

  /** @param {AppState} state @param {AppState | null} before */
  #show(state, before) {
    const { frame, direction } = state.view;
    if (before && before.view.frame !== frame) {
      this.frames.want(frame, direction);
      setTimeout(() => this.#prepareMasks(frame, direction));
    }
    this.panels.show(state);
    this.timeline.show(frame, lanesOf(state));
    this.banner.show(state, this.frames.hasFailed(frame));
    this.#look(state);
    this.stage.draw(performance.now());
  }

  /** @param {AppState} state */
  #look({ view }) {
    this.attention.look({ session: this.hold.api.url, masklet: view.selected, frame: this.frames.has(view.frame) ? view.frame : null, playing: view.playing });
  }

  /** Decodes the masks of the frames that come next, so that a step only draws. @param {number} frame @param {1 | -1} direction */
  #prepareMasks(frame, direction) {
    const { domain } = this.store.state;
    for (let ahead = 1; ahead <= READY_AHEAD; ahead++) {
      const other = frame + ahead * direction * domain.video.stride;
      for (const { id } of presentMasklets(domain)) {
        const counts = shownCounts(domain, id, other);
        if (counts) this.pictures.get(counts);
      }
    }
  }
}
