import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Sha256 } from "../../web/static/web/ui/sha256.js";

const bytes = (length) => new Uint8Array(length).map((_, i) => (i * 31 + length) & 255);

const inPieces = (data, piece) => {
  const hash = new Sha256();
  for (let at = 0; at < data.length; at += piece) hash.update(data.subarray(at, at + piece));
  return hash.hex();
};

test("the published vectors come out", () => {
  const text = (words) => new TextEncoder().encode(words);
  assert.equal(inPieces(text(""), 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(inPieces(text("abc"), 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const two = text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
  assert.equal(inPieces(two, 9), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
});

test("every length around a block, in pieces of any size, agrees with the platform's digest", () => {
  for (let length = 0; length <= 200; length++) {
    const data = bytes(length);
    const expected = createHash("sha256").update(data).digest("hex");
    for (const piece of [1, 7, 63, 64, 65, 200]) assert.equal(inPieces(data, piece), expected, `${length} bytes by ${piece}`);
  }
});
