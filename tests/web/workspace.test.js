import assert from "node:assert/strict";
import { test } from "node:test";

import { Acts } from "../../web/static/web/editor/acts.js";
import { workspaceKeys } from "../../web/static/web/editor/keys.js";
import { spanOf } from "../../web/static/web/editor/spans.js";
import { appStateOf, reduce as reduceApp } from "../../web/static/web/editor/state.js";
import { urgency } from "../../web/static/web/frames.js";
import { decode } from "../../web/static/web/rle.js";
import { nextHumanFrame, shownCounts, unknownRanges } from "../../web/static/web/selectors.js";
import { stateOf, reduce } from "../../web/static/web/store.js";
import { Stroke } from "../../web/static/web/tools/stroke.js";

const VIDEO = { annotated_count: 6, stride: 4 };
const mask = (frame_index, human = false) => ({ masklet: 1, frame_index, change: 1, counts: `m${frame_index}`, state: "predicted", human });
const state = (...masks) =>
  stateOf({ session: {}, video: VIDEO, masklets: [{ id: 1, number: 0, deleted: false }], masks, prompts: [], propagations: [], last_event_id: "0-0" });

test("no two acts of the workspace share a key, and each is in the list of keys", () => {
  const keys = workspaceKeys({});
  assert.ok(keys.all.length > 30);
  for (const { id, label, group } of keys.all) assert.ok(label && group, id);
});

test("a pass goes where the person asked, or says why it cannot", () => {
  const view = { frame: 8, reach: "human", target: null };
  assert.deepEqual(spanOf(view, VIDEO, "forward"), { start_frame: 8, direction: "forward" });
  assert.deepEqual(spanOf({ ...view, reach: "end" }, VIDEO, "both"), { start_frame: 8, direction: "both", whole: true });
  assert.deepEqual(spanOf({ ...view, reach: "frame", target: 16 }, VIDEO, "forward"), { start_frame: 8, direction: "forward", last_frame: 16 });
  assert.deepEqual(spanOf({ ...view, reach: "frame", target: 0 }, VIDEO, "backward"), { start_frame: 8, direction: "backward", first_frame: 0 });
  assert.match(String(spanOf({ ...view, reach: "frame", target: 0 }, VIDEO, "forward")), /before this one/);
  assert.match(String(spanOf({ ...view, frame: 20 }, VIDEO, "forward")), /last frame/);
  assert.match(String(spanOf({ ...view, frame: 0 }, { annotated_count: 1, stride: 4 }, "both")), /image/);
});

test("frames that nobody looked at are found as ranges", () => {
  assert.deepEqual(unknownRanges(state(mask(4), mask(12)), 1), [[0, 0], [8, 8], [16, 20]]);
  assert.deepEqual(unknownRanges(state(), 1), [[0, 20]]);
});

test("the next human frame passes over predicted ones", () => {
  const tracked = state(mask(0, true), mask(4), mask(8), mask(16, true));
  assert.equal(nextHumanFrame(tracked, 1, 4, 1), 16);
  assert.equal(nextHumanFrame(tracked, 1, 4, -1), 0);
  assert.equal(nextHumanFrame(tracked, 1, 16, 1), null);
});

test("a stroke on its way is drawn in place of the stored mask", () => {
  const pending = { key: "k", masklet: 1, frame_index: 4, prompts: [{ kind: "mask", counts: "drawn" }] };
  const painted = reduce(state(mask(4)), { type: "pending", pending });
  assert.equal(shownCounts(painted, 1, 4), "drawn");
  assert.equal(shownCounts(reduce(painted, { type: "settled", key: "k" }), 1, 4), "m4");
});

test("the frame that is shown is fetched first, then those in the way the person goes", () => {
  const video = { annotated_count: 100, stride: 4 };
  assert.deepEqual(urgency(video, 40, 1, 5), [40, 44, 48, 36, 52]);
  assert.deepEqual(urgency(video, 40, -1, 4), [40, 36, 32, 44]);
  assert.ok(urgency(video, 0, -1, 50).every((frame) => frame >= 0));
});

test("a stroke is as wide as the brush, and rubs out what was painted", () => {
  const stroke = new Stroke({ height: 20, width: 30 }, null);
  assert.deepEqual(stroke.paint({ x: 5, y: 10 }, { x: 25, y: 10 }, 3, 1), { x: 2, y: 7, width: 26, height: 6 });
  const drawn = decode(stroke.counts(), 20, 30);
  assert.equal(drawn[10 * 30 + 15], 1);
  assert.equal(drawn[14 * 30 + 15], 0);
  stroke.paint({ x: 0, y: 10 }, { x: 30, y: 10 }, 9, 0);
  assert.ok(stroke.bitmap.every((pixel) => pixel === 0));
});

test("a stroke beside the frame changes nothing", () => {
  const stroke = new Stroke({ height: 20, width: 30 }, null);
  assert.equal(stroke.paint({ x: -50, y: -50 }, { x: -40, y: -40 }, 3, 1), null);
  assert.equal(stroke.changed, false);
});

test("what is done right after asking for a masklet is done to that one, whoever tells of it first", () => {
  const masklet = (id) => ({ id, number: id, state: "in_work", deleted: false, version: 1 });
  const snapshot = { session: {}, video: { ...VIDEO, height: 20, width: 30 }, masklets: [masklet(1)], masks: [], prompts: [], propagations: [], last_event_id: "0-0" };
  const store = { state: appStateOf(snapshot), dispatch: (action) => void (store.state = reduceApp(store.state, action)) };
  const outbox = [];
  const acts = new Acts(() => ({}), store, { add: (act) => outbox.push(act) }, { refused: () => {} });
  acts.addMasklet();
  store.dispatch({ type: "event", event: { type: "masklet", data: masklet(2) } });
  assert.equal(store.state.view.selected, null);
  acts.prompt(store.state.view.selected, 4, [{ kind: "point" }]);
  assert.equal(outbox.length, 1);
  outbox[0].done(masklet(2));
  assert.equal(store.state.view.selected, 2);
  assert.deepEqual([outbox.length, outbox[1].masklet], [2, 2]);
  acts.addMasklet();
  outbox[2].failed(new Error("refused"));
  assert.equal(store.state.view.selected, 2);
});
