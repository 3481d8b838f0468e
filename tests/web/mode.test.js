import assert from "node:assert/strict";
import { test } from "node:test";

import { Acts } from "../../web/static/web/editor/acts.js";
import { workspaceKeys } from "../../web/static/web/editor/keys.js";
import { concerns, isTooEasy, mayChange, modeOf } from "../../web/static/web/editor/mode.js";
import { appStateOf, reduce } from "../../web/static/web/editor/state.js";

const PROTOCOL = { phase: 3, tools: ["point", "box", "brush", "eraser"], propagate: true };
const task = (kind) => ({ id: 1, kind, project: "street" });
const keysOf = (mode, desk = null) => new Set(workspaceKeys({}, mode, desk).all.map(({ id }) => id));
const masklet = (id, fields = {}) => ({ id, number: id, state: "in_work", deleted: false, version: 1, verdicts: [], ...fields });
const snapshotOf = (masklets, fields = {}) => ({
  session: { user: "ann" }, video: { annotated_count: 6, stride: 4, height: 20, width: 30 }, protocol: PROTOCOL,
  masklets, masks: [], prompts: [], propagations: [], last_event_id: "0-0", ...fields,
});

test("without a task everything that the protocol allows is on the page", () => {
  const keys = keysOf(modeOf(PROTOCOL, null));
  for (const id of ["add", "propagate", "accept", "submit", "tool-brush", "brush-larger"]) assert.ok(keys.has(id), id);
  assert.deepEqual([...keys].filter((id) => ["skip", "hold", "give-back"].includes(id)), []);
});

test("in phase 1 nothing is propagated, and a tool that the project left out has neither button nor key", () => {
  const mode = modeOf({ phase: 1, tools: ["point"], propagate: false }, null);
  const keys = keysOf(mode);
  for (const id of ["propagate", "propagate-back", "follow", "tool-box", "tool-brush", "brush-larger"]) assert.ok(!keys.has(id), id);
  assert.ok(keys.has("tool-point") && keys.has("accept"));
  assert.match(mode.noPass, /Phase 1/);
});

test("each kind of task has its own acts and no others, and no two share a key", () => {
  const kinds = {
    select: [["add", "undo", "selected", "skip"], ["propagate", "accept", "submit"]],
    track: [["propagate", "accept", "submit", "skip"], ["add", "delete", "selected"]],
    refine: [["propagate", "accept", "submit"], ["add", "delete"]],
    exhaust: [["nothing-left", "something-left", "give-back"], ["add", "undo", "tool-point", "accept", "submit", "propagate"]],
  };
  for (const [kind, [there, absent]] of Object.entries(kinds)) {
    const keys = keysOf(modeOf(PROTOCOL, task(kind)), { task: task(kind) });
    for (const id of there) assert.ok(keys.has(id), `${kind}: ${id}`);
    for (const id of absent) assert.ok(!keys.has(id), `${kind}: ${id}`);
  }
});

test("a selection begins with nothing selected, so that a click chooses an object", () => {
  const accepted = masklet(1, { state: "accepted" });
  assert.equal(appStateOf(snapshotOf([accepted]), task("select")).view.selected, null);
  assert.equal(appStateOf(snapshotOf([accepted, masklet(2)], { begun: [2] }), task("select")).view.selected, 2);
  assert.equal(appStateOf(snapshotOf([accepted, masklet(2)]), task("select")).view.selected, null); // somebody tracks it
  assert.equal(appStateOf(snapshotOf([accepted]), task("exhaust")).view.selected, 1);
});

test("tracking begins on the frame of the selection, refining on the first mark", () => {
  const masks = [{ masklet: 1, frame_index: 12, human: true }, { masklet: 1, frame_index: 4, human: false }];
  assert.equal(appStateOf(snapshotOf([masklet(1)], { masks }), task("track")).view.frame, 12);
  const verdicts = [{ created_at: "2026-01-01", marks: [{ frame_index: 16 }, { frame_index: 8 }] }];
  assert.equal(appStateOf(snapshotOf([masklet(1, { state: "refine", verdicts })], { masks }), task("refine")).view.frame, 8);
});

test("under a task the page hears of its own masklets only", () => {
  const state = appStateOf(snapshotOf([masklet(1)]), task("select"));
  const made = (created_by, fields = {}) => ({ type: "masklet", data: masklet(7, { created_by, ...fields }) });
  assert.ok(concerns(state, made("ann")));
  assert.ok(!concerns(state, made("bob")));
  assert.ok(!concerns(state, { type: "masks", data: { propagation: { masklets: [7] }, masks: [] } }));
  assert.ok(concerns(state, { type: "change", data: { masklet: masklet(1) } }));
  assert.ok(!concerns(appStateOf(snapshotOf([masklet(1)]), task("track")), made("ann")));
  assert.ok(concerns(appStateOf(snapshotOf([masklet(1)])), made("bob")));
});

test("in a selection an object is prompted on one frame only, and the page says which", () => {
  const prompts = [{ id: 1, masklet: 2, change: 1, frame_index: 8, kind: "point" }];
  const store = { state: appStateOf(snapshotOf([masklet(2)], { prompts, begun: [2] }), task("select")), dispatch: () => undefined };
  const [sent, said] = [[], []];
  const acts = new Acts(() => ({}), store, { add: (act) => sent.push(act) }, { say: (words) => said.push(words) });
  const point = { kind: "point", x: 1, y: 1, positive: true };
  acts.prompt(2, 12, [point]);
  assert.equal(sent.length, 0);
  assert.match(said[0], /chosen on frame 8/);
  acts.prompt(2, 8, [point]);
  assert.equal(sent.length, 1);
});

test("in a selection only what the person began in it is theirs to change, what they begin now included", () => {
  const state = appStateOf(snapshotOf([masklet(1, { created_by: "ann" }), masklet(2, { created_by: "ann" })], { begun: [2] }), task("select"));
  const next = reduce(state, { type: "masklet", masklet: masklet(3, { created_by: "ann" }) });
  assert.deepEqual(next.domain.masklets.map((one) => mayChange(next, one)), [false, true, true]);
  const free = appStateOf(snapshotOf([masklet(1, { created_by: "bob" })]));
  assert.ok(mayChange(free, free.domain.masklets[0]));
});

test("what was tracked with too few edited frames is too easy; what a model proposed, or was sent back, never is", () => {
  const asking = { mode: modeOf({ ...PROTOCOL, min_edited_frames: 2 }, task("track")) };
  const edited = (edited_frame_count, fields = {}) => masklet(1, { type: "manual", edited_frame_count, ...fields });
  assert.ok(isTooEasy(asking, edited(1)));
  assert.ok(!isTooEasy(asking, edited(2)));
  assert.ok(!isTooEasy(asking, edited(1, { state: "refine" })));
  assert.ok(!isTooEasy(asking, edited(0, { type: "auto" })));
  assert.ok(!isTooEasy({ mode: modeOf({ ...PROTOCOL, min_edited_frames: 0 }, null) }, edited(0)));
});
