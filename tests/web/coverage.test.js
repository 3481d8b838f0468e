import assert from "node:assert/strict";
import { test } from "node:test";

import { Coverage, shownHeight, shownWords } from "../../web/static/web/review/coverage.js";

const SEEN = 40;

/** What the page says of the same coverage. @param {boolean} withReviewer */
async function loaded(withReviewer) {
  const shown = { seen_ms: SEEN, annotator_ms: [0, 39, 2400], reviewer_ms: [0, 0, 61_200] };
  globalThis.fetch = async () => new Response(JSON.stringify(shown), { headers: { "content-type": "application/json" } });
  const coverage = new Coverage(4, withReviewer);
  await coverage.load(1);
  return coverage;
}

test("a time that does not count is not shown, in words and as a bar", () => {
  assert.equal(shownWords(SEEN - 1, SEEN), "not shown");
  assert.equal(shownHeight(SEEN - 1, SEEN), 0);
});

test("the shortest time that counts is neither nothing in words nor without a bar", () => {
  assert.equal(shownWords(SEEN, SEEN), "0.1 s");
  assert.ok(shownHeight(SEEN, SEEN) > 0.1);
});

test("the longer a frame was shown, the higher its bar, up to the whole row", () => {
  const heights = [40, 170, 1000, 9000].map((ms) => shownHeight(ms, SEEN));
  assert.deepEqual(heights.toSorted((a, b) => a - b), heights);
  assert.equal(new Set(heights).size, heights.length);
  assert.equal(shownHeight(3_600_000, SEEN), 1);
});

test("who looks at a masklet is told of annotators and reviewers, frame by frame", async () => {
  const coverage = await loaded(true);
  assert.equal(coverage.words(8), "Time on screen, frame 8: annotator 2.4 s, reviewer 61 s");
  assert.equal(coverage.words(4), "Time on screen, frame 4: annotator not shown, reviewer not shown");
  const [annotator, reviewer] = coverage.lanes();
  assert.deepEqual([annotator.name, reviewer.name], ["Annotator saw", "Reviewer saw"]);
  assert.equal(reviewer.wordsAt(8), coverage.words(8));
  assert.deepEqual([0, 4, 8].map((frame) => annotator.heightAt(frame) > 0), [false, false, true]);
});

test("who judges is told of annotators only", async () => {
  const coverage = await loaded(false);
  assert.deepEqual(coverage.lanes().map(({ name }) => name), ["Annotator saw"]);
  assert.equal(coverage.words(8), "Time on screen, frame 8: annotator 2.4 s");
});

test("before it is known, or where it cannot be had, nothing is said", async () => {
  globalThis.fetch = async () => new Response("{}", { status: 403, headers: { "content-type": "application/json" } });
  const coverage = new Coverage(4, true);
  await coverage.load(1);
  assert.deepEqual([coverage.lanes(), coverage.words(0)], [[], ""]);
});
