import assert from "node:assert/strict";
import { test } from "node:test";

import { MessageParser } from "../../web/static/web/events.js";

const STREAM = ": open\n\nid: 7-0\nevent: change\ndata: {\"a\":1}\n\n: keep\n\nid: 8-0\nevent: masks\ndata: {\ndata: }\n\n";
const EXPECTED = [
  { id: "7-0", event: "change", data: '{"a":1}' },
  { id: "8-0", event: "masks", data: "{\n}" },
];

test("messages are the same wherever the stream is cut", () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const parser = new MessageParser();
    assert.deepEqual([...parser.feed(STREAM.slice(0, cut)), ...parser.feed(STREAM.slice(cut))], EXPECTED);
  }
});

test("carriage returns end lines too", () => {
  assert.deepEqual(new MessageParser().feed(STREAM.replaceAll("\n", "\r\n")), EXPECTED);
});

test("a comment and an unfinished message give nothing", () => {
  const parser = new MessageParser();
  assert.deepEqual(parser.feed(": hello\n\nevent: change\ndata: 1\n"), []);
});
