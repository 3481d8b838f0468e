/** The review page as a place: one root, in which one task after the other is shown and held. */

/** @import {Frames} from "../frames.js" */
/** @import {Look, Masklet, VerdictKind} from "../types.js" */
/** @import {Taste} from "./clip.js" */
/** @import {Opened, Pair} from "./hold.js" */
/** @import {TaskActs} from "./keys.js" */
import { Attention } from "../attention.js";
import { newestFirst, newestVerdict } from "../selectors.js";
import { askHold, askSkip } from "../editor/task_dialogs.js";
import { messageOf, toastError } from "../ui/dialogs.js";
import { byId, fill, h } from "../ui/dom.js";
import { api } from "../ui/page_api.js";
import { emptyState } from "../ui/parts.js";
import { inProject } from "../ui/shell.js";
import { DecidePage } from "./decide.js";
import { judgeOf } from "./facts_panel.js";
import { ReviewHold } from "./hold.js";
import { ReviewPage } from "./page.js";

const WORDS = { in_work: "in work", submitted: "waiting for review", refine: "sent back", accepted: "accepted", rejected: "rejected", set_aside: "set aside" };

/**
 * What follows an act on the task.
 * @typedef {object} Following
 * @property {(said: string, verdict?: VerdictKind) => void} done judged or decided
 * @property {(said: string) => void} left skipped, held or given back; the task is not this person's to judge now
 * @property {(said: string) => void} gaveBack by a key, so that the person wants to be elsewhere
 */

export class Stand {
  root = byId("review", HTMLElement);
  attention = new Attention();
  /** @type {ReviewPage | DecidePage | null} */
  page = null;
  /** @type {ReviewHold | null} */
  hold = null;

  /** @param {Taste} taste */
  constructor(taste) {
    this.taste = taste;
    this.offline = h("p", { class: "notice notice-warn review-offline", id: "offline", hidden: true }, "The server cannot be reached. What you wrote is kept in this browser.");
  }

  /**
   * Shows a task in place of what was there, and holds it.
   * @param {Opened} opened @param {Frames} frames @param {Following} following
   * @param {{acts?: Partial<TaskActs>, strip?: HTMLElement | null, given?: VerdictKind}} [more] `given`: the verdict is there already, and this only shows it
   */
  show(opened, frames, following, { acts = {}, strip = null, given } = {}) {
    const { snapshot, task } = opened;
    this.page?.end();
    document.title = `${task.masklet?.name ?? snapshot.video.name} · Review · Maskloom`;
    inProject(snapshot.video.project);
    if (!given && this.hold?.task.id !== task.id) this.#keep(opened);
    const parts = {
      opened,
      frames,
      hold: given ? null : this.hold,
      given,
      attention: this.attention,
      taste: this.taste,
      acts: { ...this.#acts(opened, following), ...acts },
      strip,
      onJudged: (/** @type {Masklet} */ judged) => this.#over(() => following.done(wordsOf(opened, judged), newestVerdict(judged)?.verdict)),
      onDecided: (/** @type {Pair} */ pair, /** @type {number | null} */ chosen) => this.#over(() => following.done(decisionWords(opened, pair, chosen))),
    };
    this.page = task.kind === "decide" ? new DecidePage(this.root, parts) : new ReviewPage(this.root, parts);
    this.root.append(this.offline);
  }

  /** Shows a masklet to whoever does nothing to it. @param {Look} look @param {Frames} frames */
  look(look, frames) {
    document.title = `${look.masklets[0]?.name} · Masklet · Maskloom`;
    inProject(look.video.project);
    const { attention, taste } = this;
    const done = () => undefined;
    this.page = new ReviewPage(this.root, { opened: { task: null, snapshot: look }, frames, hold: null, attention, taste, acts: null, strip: null, onJudged: done, onDecided: done });
  }

  /** Instead of a clip. @param {HTMLElement} element */
  say(element) {
    this.page?.end();
    this.page = null;
    this.root.classList.add("review-blank");
    this.root.setAttribute("aria-busy", "false");
    fill(this.root, element);
  }

  /** Lets go of the hold while the page goes away. */
  leave() {
    this.page?.end();
    this.hold?.letGo();
  }

  /** @param {Opened} opened */
  #keep(opened) {
    this.hold?.stop();
    this.hold = new ReviewHold(opened, { lost: (error) => this.#showLost(error), reached: (reached) => (this.offline.hidden = reached) });
  }

  /** @param {() => void} then */
  #over(then) {
    this.hold?.stop();
    this.hold = null;
    this.page?.end();
    this.page = null;
    then();
  }

  /** @param {Opened} opened @param {Following} following @returns {TaskActs} */
  #acts({ task }, following) {
    const name = task.masklet?.name ?? task.video.name;
    const act = async (/** @type {() => Promise<unknown>} */ call, /** @type {() => void} */ then) => {
      try {
        await this.hold?.held(call);
        this.#over(then);
      } catch (error) {
        toastError(error);
      }
    };
    return {
      skip: async () => {
        const reason = await askSkip(task.kind);
        if (reason !== null) await act(() => api.tasks.skip(task.id, reason), () => following.left(`${name} is skipped: you are not offered it again.`));
      },
      hold: async () => {
        const reason = await askHold();
        if (reason !== null) await act(() => api.tasks.hold(task.id, reason), () => following.left(`${name} is on hold: it stays yours, on the Work page.`));
      },
      giveBack: () => void act(() => api.tasks.giveBack(task.id), () => following.gaveBack(`${name} is given back.`)),
    };
  }

  /** @param {unknown} error */
  #showLost(error) {
    const act = h("button", { class: "btn btn-primary", type: "button", onclick: () => location.reload() }, "Take it up again");
    this.say(emptyState({ symbol: "alert", title: "This review was let go", text: `${messageOf(error)} Your marks and your comment are kept in this browser.`, act }));
  }
}

/** What became of it; an auditor hears only now who accepted it. @param {Opened} opened @param {Masklet} judged */
function wordsOf({ task }, judged) {
  const what = `${judged.name} is ${WORDS[judged.state]}.`;
  if (task.kind !== "audit") return what;
  const before = newestFirst(judged.verdicts).find(({ stage, verdict }) => stage === "verify" && verdict === "satisfactory");
  const still = judged.state === "accepted" ? "You agree with" : "You overturned";
  return before ? `${what} ${still} ${judgeOf(before)}, who had accepted it.` : what;
}

/** @param {Opened} opened @param {Pair} pair @param {number | null} chosen */
function decisionWords({ task }, { j, f }, chosen) {
  const what = chosen === null ? "It is refined from the first." : chosen === task.masklet?.id ? "1 goes on to be verified." : "2 goes on to be verified.";
  const agreement = j === null || f === null ? "How far they agree is not computed yet." : `The two agreed by J ${j.toFixed(2)}, F ${f.toFixed(2)}.`;
  return `${what} ${agreement}`;
}
