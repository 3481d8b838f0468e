import assert from "node:assert/strict";
import { test } from "node:test";

import { runsOfSlots, TimelineGeometry } from "../../web/static/web/timeline_geometry.js";

const LEFT = 100;
const geometry = new TimelineGeometry(62, 4, LEFT, 620);

test("the middle of every slot is its own frame's", () => {
  for (const shown of [geometry, geometry.zoomed(3, 300), geometry.zoomed(5, 700).scrolled(-40)]) {
    const [first, last] = shown.slotsInView;
    for (let slot = first; slot <= last; slot++) assert.equal(shown.frameAt(shown.middleOf(slot * 4)), slot * 4);
  }
});

test("beside the slots the nearest frame is taken", () => {
  assert.equal(geometry.frameAt(0), 0);
  assert.equal(geometry.frameAt(1e5), 61 * 4);
});

test("zooming keeps the frame under the cursor and stays inside the video", () => {
  const zoomed = geometry.zoomed(4, 400);
  assert.equal(zoomed.frameAt(400), geometry.frameAt(400));
  assert.ok(zoomed.shown < geometry.shown);
  assert.equal(zoomed.zoomed(1e-6, 400).shown, 62);
  assert.ok(zoomed.scrolled(1e6).first + zoomed.shown <= 62 + 1e-9);
});

test("a frame out of view is scrolled to, one in view moves nothing", () => {
  const zoomed = geometry.zoomed(4, LEFT);
  assert.equal(zoomed.revealing(0), zoomed);
  const there = zoomed.revealing(200);
  const [first, last] = there.slotsInView;
  assert.ok(first * 4 <= 200 && 200 <= last * 4);
});

test("a video of one frame has one slot", () => {
  const image = new TimelineGeometry(1, 4, LEFT, 620);
  assert.equal(image.frameAt(500), 0);
  assert.deepEqual(image.slotsInView, [0, 0]);
});

test("labels of the ruler stay apart", () => {
  for (const count of [5, 62, 500, 9000]) {
    const ruler = new TimelineGeometry(count, 4, LEFT, 900);
    assert.ok((ruler.tickStep(64) / 4) * ruler.slotWidth >= 64);
  }
});

test("neighbours of one state are one run", () => {
  const states = ["a", "a", "b", "b", "b", "a"];
  assert.deepEqual(runsOfSlots(0, 5, (slot) => states[slot]), [
    { first: 0, last: 1, value: "a" },
    { first: 2, last: 4, value: "b" },
    { first: 5, last: 5, value: "a" },
  ]);
});
