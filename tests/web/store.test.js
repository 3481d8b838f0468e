import assert from "node:assert/strict";
import { test } from "node:test";

import { applyEvent, reduce, stateOf } from "../../web/static/web/store.js";

const masklet = (id, version = 0, more = {}) => ({ id, number: id, name: `Object ${id}`, version, state: "in_work", deleted: false, verdicts: [], ...more });
const mask = (frame_index, change, counts = `m${change}`, more = {}) => ({ masklet: 1, frame_index, change, counts, state: "predicted", human: false, ...more });
const point = (id, change, frame_index = 0) => ({ id, change, frame_index, masklet: 1, kind: "point", x: 1, y: 2, positive: true });
const pass = (more = {}) => ({ id: 5, masklets: [1], state: "running", frames_done: 0, frames_total: 4, attempt: 1, ...more });
const step = (id, version, more = {}) => ({
  masklet: masklet(1, version),
  change: { id, number: id, kind: "prompt", frame_indices: [0], undone: false, ...more.change },
  masks: more.masks ?? [],
  cleared: more.cleared ?? [],
  prompts: more.prompts ?? [],
  removed_prompts: more.removed_prompts ?? [],
  pending: more.pending ?? false,
});
const snapshot = (more = {}) => ({ session: { id: 9 }, video: { id: 3 }, masklets: [masklet(1)], masks: [], prompts: [], propagations: [], last_event_id: "0-1", ...more });
const event = (type, data) => ({ type, id: "1-0", data });

/** What a fresh snapshot also says. */
const known = ({ session, video, masklets, masks, prompts, propagations }) => ({ session, video, masklets, masks: new Map([...masks].filter(([, frames]) => frames.size)), prompts, propagations });

test("a snapshot and the events since it equal a fresh snapshot", () => {
  const events = [
    event("change", step(10, 1, { prompts: [point(1, 10)], pending: true })),
    event("change", step(10, 1, { prompts: [point(1, 10)], masks: [mask(0, 10, "a", { human: true, state: "edited" })] })),
    event("propagation", pass({ state: "queued" })),
    event("masks", { propagation: pass({ frames_done: 2 }), masks: [mask(4, 11), mask(8, 11)] }),
    event("masklet", masklet(2)),
    event("change", step(12, 2, { masks: [mask(4, 12, "", { state: "absent", human: true })] })),
    event("masks", { propagation: pass({ frames_done: 4 }), masks: [mask(4, 11), mask(12, 11)] }),
    event("propagation", pass({ state: "finished", frames_done: 4 })),
    event("change", step(13, 3, { cleared: [12] })),
    event("change", step(13, 4, { change: { undone: true }, masks: [mask(12, 11)] })),
    event("session", { id: 9, engine: { state: "ready" } }),
  ];
  const fresh = snapshot({
    session: { id: 9, engine: { state: "ready" } },
    masklets: [masklet(1, 4), masklet(2)],
    masks: [mask(0, 10, "a", { human: true, state: "edited" }), mask(4, 12, "", { state: "absent", human: true }), mask(8, 11), mask(12, 11)],
    prompts: [point(1, 10)],
    propagations: [pass({ state: "finished", frames_done: 4 })],
  });
  assert.deepEqual(known(events.reduce(applyEvent, stateOf(snapshot()))), known(stateOf(fresh)));
});

test("every event may come twice", () => {
  const twice = [
    event("change", step(10, 1, { prompts: [point(1, 10)], masks: [mask(0, 10)] })),
    event("masks", { propagation: pass({ frames_done: 1 }), masks: [mask(4, 11)] }),
    event("masklet", masklet(2)),
  ];
  const once = twice.reduce(applyEvent, stateOf(snapshot()));
  assert.deepEqual(known(twice.reduce(applyEvent, once)), known(once));
});

test("a click waits for its mask, and a failed click waits no longer", () => {
  const clicked = reduce(stateOf(snapshot()), { type: "change", change: step(10, 1, { pending: true }) });
  assert.deepEqual([...clicked.awaiting.keys()], [10]);
  const failed = applyEvent(clicked, event("click_failed", { masklet: 1, change: 10, message: "no" }));
  assert.equal(failed.awaiting.size, 0);
  const answered = applyEvent(clicked, event("change", step(10, 1, { masks: [mask(0, 10)] })));
  assert.equal(answered.awaiting.size, 0);
  assert.equal(answered.masks.get(1).get(0).counts, "m10");
});

test("a click's answer that comes after its mask takes nothing back", () => {
  const click = step(10, 1, { prompts: [point(1, 10)], cleared: [0], pending: true });
  const events = [event("change", click), event("change", step(10, 1, { prompts: [point(1, 10)], masks: [mask(0, 10)] }))];
  const late = reduce(events.reduce(applyEvent, stateOf(snapshot())), { type: "change", change: click });
  assert.equal(late.awaiting.size, 0);
  assert.equal(late.masks.get(1).get(0).counts, "m10");
});

test("a pass never brings back what a later change replaced or cleared", () => {
  const edited = reduce(stateOf(snapshot()), { type: "change", change: step(12, 1, { masks: [mask(4, 12)], cleared: [8] }) });
  const late = applyEvent(edited, event("masks", { propagation: pass(), masks: [mask(4, 11), mask(8, 11)] }));
  assert.equal(late.masks.get(1).get(4).change, 12);
  assert.equal(late.masks.get(1).has(8), false);
});

test("an undo brings the earlier mask and prompts back, a redo the later ones", () => {
  const first = step(10, 1, { masks: [mask(0, 10)], prompts: [point(1, 10)] });
  const second = step(11, 2, { masks: [mask(0, 11)], prompts: [point(2, 11)] });
  const undo = step(11, 3, { change: { undone: true }, masks: [mask(0, 10)], removed_prompts: [2] });
  const redo = step(11, 4, { masks: [mask(0, 11)], prompts: [point(2, 11)] });
  const apply = (state, change) => reduce(state, { type: "change", change });
  const undone = [first, second, undo].reduce(apply, stateOf(snapshot()));
  assert.equal(undone.masks.get(1).get(0).change, 10);
  assert.deepEqual(undone.prompts.map(({ id }) => id), [1]);
  const redone = apply(undone, redo);
  assert.equal(redone.masks.get(1).get(0).change, 11);
  assert.deepEqual(redone.prompts.map(({ id }) => id), [1, 2]);
});

test("an event that is older than the answer to the undo is passed over", () => {
  const made = step(11, 2, { masks: [mask(0, 11)], prompts: [point(2, 11)] });
  const undo = step(11, 3, { change: { undone: true }, cleared: [0], removed_prompts: [2] });
  const undone = [made, undo].reduce((state, change) => reduce(state, { type: "change", change }), stateOf(snapshot()));
  const late = applyEvent(undone, event("change", made));
  assert.equal(late.masks.get(1).has(0), false);
  assert.deepEqual(late.prompts, []);
});

test("an older form of a masklet or a pass never replaces a newer one", () => {
  const state = [event("masklet", masklet(1, 7, { name: "dog" })), event("propagation", pass({ state: "stopped", frames_done: 3 }))].reduce(applyEvent, stateOf(snapshot()));
  const late = [event("masklet", masklet(1, 6)), event("propagation", pass({ frames_done: 2 }))].reduce(applyEvent, state);
  assert.equal(late.masklets[0].name, "dog");
  assert.equal(late.propagations[0].state, "stopped");
});

test("acts on their way survive a snapshot, and leave when they are settled", () => {
  const pending = { key: "k", masklet: 1, frame_index: 0, prompts: [] };
  const waiting = reduce(stateOf(snapshot()), { type: "pending", pending });
  const fresh = reduce(waiting, { type: "snapshot", snapshot: snapshot() });
  assert.deepEqual(fresh.pending, [pending]);
  assert.deepEqual(reduce(fresh, { type: "settled", key: "k" }).pending, []);
});

test("what does not run behind the page is still known after a fresh snapshot", () => {
  const stopped = reduce(stateOf(snapshot()), { type: "stopped", stopped: ["recorder"] });
  assert.deepEqual(reduce(stopped, { type: "snapshot", snapshot: snapshot() }).stopped, ["recorder"]);
  assert.deepEqual(reduce(stopped, { type: "stopped", stopped: [] }).stopped, []);
});
