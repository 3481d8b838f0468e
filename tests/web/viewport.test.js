import assert from "node:assert/strict";
import { test } from "node:test";

import { screenPoint, videoPoint, Viewport } from "../../web/static/web/viewport.js";

const VIDEO = { height: 1080, width: 1920 };
const CANVAS = { height: 600, width: 900 };

const near = (a, b) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) < 1e-9, `${a.x}, ${a.y} is not ${b.x}, ${b.y}`);

test("a point goes to the screen and back to itself, at every zoom and pan", () => {
  let viewport = Viewport.fit(VIDEO, CANVAS);
  for (const step of [1.3, 4, 0.2, 2.7]) {
    viewport = viewport.zoomed(step, screenPoint(123, 456)).panned(17, -31);
    for (const point of [videoPoint(0, 0), videoPoint(1919.5, 1079.5), videoPoint(960.25, 3)]) near(viewport.toVideo(viewport.toScreen(point)), point);
  }
});

test("a fitted frame is centred and whole", () => {
  const viewport = Viewport.fit(VIDEO, CANVAS);
  near(viewport.toScreen(videoPoint(960, 540)), screenPoint(450, 300));
  assert.ok(viewport.toScreen(videoPoint(0, 0)).x >= 0);
  assert.ok(viewport.isFitted);
});

test("zooming keeps the pixel under the cursor", () => {
  const at = screenPoint(200, 250);
  const before = Viewport.fit(VIDEO, CANVAS);
  near(before.zoomed(3, at).toVideo(at), before.toVideo(at));
});

test("a frame cannot be pushed out of the canvas", () => {
  const { left, top } = Viewport.fit(VIDEO, CANVAS).panned(1e6, -1e6);
  assert.ok(left < CANVAS.width);
  assert.ok(top + VIDEO.height * Viewport.fit(VIDEO, CANVAS).scale > 0);
});

test("acts give a new viewport and leave the old one", () => {
  const viewport = Viewport.fit(VIDEO, CANVAS);
  const { scale } = viewport;
  viewport.zoomed(2, viewport.centre);
  assert.equal(viewport.scale, scale);
  assert.throws(() => { viewport.scale = 1; }, TypeError);
});

test("a fitted frame stays fitted in another canvas, a zoomed one keeps its centre and scale", () => {
  const wide = { height: 700, width: 1400 };
  assert.ok(Viewport.fit(VIDEO, CANVAS).resized(wide).isFitted);
  const zoomed = Viewport.fit(VIDEO, CANVAS).zoomed(4, screenPoint(100, 100));
  const resized = zoomed.resized(wide);
  assert.equal(resized.scale, zoomed.scale);
  near(resized.toVideo(resized.centre), zoomed.toVideo(zoomed.centre));
});

test("actual size puts one video pixel on one pixel of the page", () => {
  assert.equal(Viewport.fit(VIDEO, CANVAS).actualSize(screenPoint(1, 1)).scale, 1);
});
