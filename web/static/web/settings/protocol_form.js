/** What a project's people work by: shown to all who see the settings, changed by those who steer. */

/** @import {Project} from "../types.js" */
/** @import {Field} from "./fields.js" */
import { ApiError } from "../api.js";
import { toast, toastError } from "../ui/dialogs.js";
import { h } from "../ui/dom.js";
import { api } from "../ui/page_api.js";
import { panel } from "../ui/parts.js";
import { keepUnsaved } from "../ui/unsaved.js";
import { checkField, choiceField, numberField, togglesField } from "./fields.js";

const PHASES = /** @type {const} */ ([
  ["1", "Phase 1: frame by frame", "The model masks single frames from clicks. It remembers no other frame, and there are no passes."],
  ["2", "Phase 2: masks are carried on", "Passes go out from finished masks. A click on a tracked frame begins from scratch."],
  ["3", "Phase 3: everything", "Clicks, boxes and masks on any frame, answered with the memory of the others, and passes."],
]);
const COVERAGE = /** @type {const} */ ([
  ["off", "Verdicts count as given", "Nobody asks which frames were on the screen."],
  ["mark", "Verdicts are marked", "One that was given before every frame was shown says so."],
  ["refuse", "Verdicts are refused", "One can only be given once every frame was shown."],
]);
const TOOLS = /** @type {const} */ ([["point", "Point"], ["box", "Box"], ["brush", "Brush"], ["eraser", "Eraser"]]);

/** @param {Project} now @param {boolean} maySteer @param {boolean} mayOwn @returns {{title: string, fields: Field[], wide?: boolean}[]} */
function groups(now, maySteer, mayOwn) {
  const disabled = !maySteer;
  const share = (/** @type {keyof Project} */ name, /** @type {string} */ label, /** @type {string} */ hint) => numberField({ name, label: `${label}, %`, hint, value: Number(now[name]), min: 0, max: 100, scale: 100, disabled });
  return [
    {
      title: "Model and tools",
      wide: true,
      fields: [
        choiceField({ name: "phase", label: "Phase", value: String(now.phase), options: PHASES, disabled, read: Number }),
        togglesField({ name: "tools", label: "Tools", values: now.tools, options: TOOLS, hint: "The others are not on the page, and their prompts are refused.", disabled }),
      ],
    },
    {
      title: "Who does what",
      wide: true,
      fields: [
        checkField({ name: "pull_only", text: "Work comes from the queue only: annotators and reviewers choose none by themselves.", checked: now.pull_only, disabled }),
        checkField({ name: "independent_review", text: `Nobody reviews their own masklets. Leave this on unless one person does everything.${mayOwn ? "" : " An owner decides this."}`, checked: now.independent_review, disabled: !mayOwn }),
        checkField({ name: "suspicious_first", text: "What is suspected most is verified first, instead of what has waited longest.", checked: now.suspicious_first, disabled }),
      ],
    },
    {
      title: "What is kept, and looked at again",
      fields: [
        numberField({ name: "min_edited_frames", label: "Least edited frames", hint: "Masklets that needed fewer are set aside as too easy. 0 keeps all; SA-V kept those with 2.", value: now.min_edited_frames, min: 0, max: 100, whole: true, disabled }),
        share("audit_share", "Audited", "Of the accepted masklets: somebody else looks again."),
        share("consensus_share", "Tracked twice", "Of what is chosen in select tasks: by two people; a third decides which is better."),
        share("gold_share", "Hidden gold", "Of what annotators get: masklets whose right answer is known."),
      ],
    },
    {
      title: "Auto masklets",
      fields: [
        share("auto_min_iou", "Least predicted IoU", "Proposed masks that the model trusts less are dropped. Higher: fewer, surer ones."),
        share("auto_min_stability", "Least stability", "How little a mask changes where its outline is drawn more, or less, strictly."),
        numberField({ name: "auto_most", label: "Most of a video", hint: "So many are kept at most, the largest first: each is tracked, then verified.", value: now.auto_most, min: 1, max: 100, whole: true, disabled }),
        share("auto_refine_share", "Failures refined", "Of the auto masklets that were found unsatisfactory."),
      ],
    },
    { title: "Seen before judged", wide: true, fields: [choiceField({ name: "coverage", label: "A verdict on a masklet whose frames were not all shown", value: now.coverage, options: COVERAGE, disabled })] },
    {
      title: "From training to production",
      fields: [
        numberField({ name: "promotion_tasks", label: "Training masklets", hint: "So many are scored before somebody can be promoted.", value: now.promotion_tasks, min: 1, max: 1000, whole: true, disabled }),
        numberField({ name: "promotion_score", label: "Mean J&F, %", hint: "What they reach against gold.", value: now.promotion_score, min: 0, max: 100, scale: 100, disabled }),
      ],
    },
    {
      title: "Verifier model",
      fields: [
        numberField({ name: "verifier_threshold", label: "Accepts by itself from, %", hint: "Its probability; left empty, it never does.", value: now.verifier_threshold, min: 50, max: 100, scale: 100, optional: true, disabled }),
        share("verifier_audit_share", "Audited of these", "Of what it accepted by itself: people look again."),
      ],
    },
  ];
}

/** @param {Project} project @param {{maySteer: boolean, mayOwn: boolean}} rights */
export function protocolForm(project, { maySteer, mayOwn }) {
  let now = project;
  const shown = groups(now, maySteer, mayOwn);
  const fields = shown.flatMap((group) => group.fields);
  const save = h("button", { class: "btn btn-primary", type: "submit", disabled: true }, "Save protocol");
  const state = h("span", { class: "faint small", role: "status" });
  const changed = () => Object.fromEntries(fields.filter((one) => JSON.stringify(one.value()) !== JSON.stringify(now[/** @type {keyof Project} */ (one.name)])).map((one) => [one.name, one.value()]));
  const form = h(
    "form",
    { class: "panel-body protocol", "aria-label": "Protocol" },
    shown.map((group) => h("section", { class: "stack" }, h("h3", {}, group.title), h("div", { class: group.wide ? "stack" : "fields" }, group.fields.map((one) => one.element)))),
    maySteer && h("div", { class: "row protocol-foot" }, save, state),
  );
  keepUnsaved(form, () => !save.disabled);
  form.addEventListener("input", () => {
    const count = Object.keys(changed()).length;
    save.disabled = count === 0;
    state.textContent = count ? "Not saved yet. It holds for what people do from then on." : "";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    for (const one of fields) one.fail("");
    try {
      now = await api.projects.change(project.slug, changed());
      state.textContent = "";
      toast("Protocol saved.", "good");
    } catch (error) {
      save.disabled = false;
      if (!showAtFields(fields, error)) toastError(error);
    }
  });
  return panel("Protocol", [form]);
}

/** Whether what went wrong could be shown where it stands. @param {readonly Field[]} fields @param {unknown} error */
function showAtFields(fields, error) {
  const wrong = error instanceof ApiError ? error.data.fields : null;
  const named = wrong ? fields.filter((one) => one.name in wrong) : [];
  for (const one of named) one.fail([wrong[one.name]].flat(2).map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" "));
  named[0]?.element.querySelector("input, button")?.scrollIntoView({ block: "center" });
  return named.length > 0;
}
