import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../web/static/web/api.js";
import { Outbox } from "../../web/static/web/outbox.js";

const offline = () => new ApiError(0, "offline", "");
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

/** An outbox with what it said and what came of each act. */
function cast() {
  const states = [];
  const results = [];
  const outbox = new Outbox((state) => states.push(state));
  const add = (label, send, masklet = 1) =>
    outbox.add({ label, masklet, send, done: (answer) => results.push([label, answer]), failed: (error) => results.push([label, error.code]) });
  return { outbox, states, results, add };
}

test("acts are sent one after another, in the order they were made", async () => {
  const { results, states, add } = cast();
  const order = [];
  for (const label of ["a", "b", "c"]) add(label, async () => { order.push(label); await settled(); return label; });
  await settled().then(settled).then(settled).then(settled);
  assert.deepEqual(order, ["a", "b", "c"]);
  assert.deepEqual(results, [["a", "a"], ["b", "b"], ["c", "c"]]);
  assert.deepEqual(states.at(-1), { mode: "idle", waiting: 0 });
});

test("an act without an answer waits, with those behind it, and is sent again", async () => {
  const { outbox, results, states, add } = cast();
  let tries = 0;
  add("a", async () => { if (tries++ < 2) throw offline(); return "done"; });
  add("b", async () => "after");
  await settled();
  assert.deepEqual(states.at(-1), { mode: "offline", waiting: 2 });
  assert.deepEqual(results, []);
  outbox.retryNow();
  await settled();
  outbox.retryNow();
  await settled();
  assert.equal(tries, 3);
  assert.deepEqual(results, [["a", "done"], ["b", "after"]]);
});

test("a refused act does not hold up the next one", async () => {
  const { results, add } = cast();
  add("a", async () => { throw new ApiError(422, "no", ""); });
  add("b", async () => 1);
  await settled();
  assert.deepEqual(results, [["a", "no"], ["b", 1]]);
});

test("what waits on a stale masklet is dropped, other masklets' acts are not", async () => {
  const { outbox, results, add } = cast();
  const stale = new ApiError(409, "stale_version", "");
  outbox.add({ label: "a", masklet: 1, send: async () => { throw stale; }, done: () => {}, failed: () => outbox.dropFor(1) });
  add("b", async () => "sent", 1);
  add("c", async () => "sent", 2);
  await settled();
  assert.deepEqual(results, [["b", "stale_version"], ["c", "sent"]]);
});
