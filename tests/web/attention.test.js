import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

const page = { hidden: false, cookie: "csrftoken=abc", addEventListener: (name, act) => heard.set(name, act), removeEventListener: () => undefined };
const heard = new Map();
const sent = [];
let now = 0;
let answer = () => new Response(null, { status: 204 });

globalThis.document = page;
globalThis.addEventListener = page.addEventListener;
globalThis.removeEventListener = page.removeEventListener;
globalThis.fetch = async (url, { body }) => {
  sent.push([url, JSON.parse(body)]);
  return answer();
};
performance.now = () => now;

const { Attention } = await import("../../web/static/web/attention.js");

/** @type {Attention} */
let attention;
const LOOK = { session: "/api/sessions/1", masklet: 7, frame: 4, playing: false };

beforeEach(() => {
  mock.timers.enable({ apis: ["setInterval"] });
  now = 0;
  page.hidden = false;
  sent.length = 0;
  answer = () => new Response(null, { status: 204 });
  attention = new Attention();
});
afterEach(() => {
  attention.stop();
  mock.timers.reset();
});

test("time counts for the frame and masklet that were on the screen", async () => {
  attention.look(LOOK);
  now = 300.5;
  attention.look({ ...LOOK, frame: 8 });
  now = 400;
  await attention.flush();
  assert.deepEqual(sent, [["/api/sessions/1/attention", { masklet: 7, active_ms: 400, shown: { 4: 300, 8: 99 } }]]);
});

test("a frame whose picture is not there is not seen, though the person is at work", async () => {
  attention.look({ ...LOOK, frame: null });
  now = 100;
  await attention.flush();
  assert.deepEqual(sent[0][1], { masklet: 7, active_ms: 100, shown: {} });
});

test("fifteen seconds after the last sign nothing counts any more", async () => {
  attention.look(LOOK);
  now = 60_000;
  await attention.flush();
  assert.equal(sent[0][1].active_ms, 15_000);
  heard.get("keydown")();
  now = 61_000;
  await attention.flush();
  assert.equal(sent[1][1].active_ms, 1000);
});

test("play is a sign by itself", async () => {
  attention.look({ ...LOOK, playing: true });
  now = 30_000;
  attention.look({ ...LOOK, playing: true });
  now = 40_000;
  await attention.flush();
  assert.equal(sent[0][1].active_ms, 40_000);
});

test("a hidden page counts nothing, and tells at once what it had", () => {
  attention.look(LOOK);
  now = 1000;
  page.hidden = true;
  heard.get("visibilitychange")();
  assert.equal(sent[0][1].active_ms, 1000);
  now = 5000;
  page.hidden = false;
  heard.get("visibilitychange")();
  now = 5200;
  heard.get("pagehide")();
  assert.equal(sent[1][1].active_ms, 200);
});

test("what could not be told is told later, and nothing is told twice", async () => {
  attention.look(LOOK);
  now = 1000;
  answer = () => { throw new TypeError("offline"); };
  await attention.flush();
  answer = () => new Response(null, { status: 204 });
  now = 1500;
  await attention.flush();
  await attention.flush();
  assert.deepEqual(sent.map(([, body]) => body.active_ms), [1000, 1500]);
});

test("what a closed session would have counted is let go", async () => {
  attention.look(LOOK);
  now = 1000;
  answer = () => new Response('{"code": "not_found", "message": "Gone."}', { status: 404 });
  await attention.flush();
  await attention.flush();
  assert.equal(sent.length, 1);
});
