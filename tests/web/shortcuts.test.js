import assert from "node:assert/strict";
import { test } from "node:test";

import { combinationOf, keySign, normalised, Shortcuts } from "../../web/static/web/shortcuts.js";

const act = (id, ...keys) => ({ id, label: id, group: "Test", keys, run: () => {} });
const press = (key, held = {}) => ({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("two acts on one key are refused, however the key is spelt", () => {
  assert.throws(() => new Shortcuts([act("undo", "Ctrl+Z"), act("other", "Ctrl+z")]), /starts both undo and other/);
  assert.throws(() => new Shortcuts([act("a", "Shift+Ctrl+Z"), act("b", "Ctrl+Shift+Z")]), /starts both/);
  assert.throws(() => new Shortcuts([act("a", "X"), act("a", "Y")]), /two acts/);
});

test("what is pressed matches what is registered", () => {
  assert.equal(combinationOf(press("z", { ctrlKey: true })), normalised("Ctrl+Z"));
  assert.equal(combinationOf(press("Z", { metaKey: true, shiftKey: true })), normalised("Ctrl+Shift+Z"));
  assert.equal(combinationOf(press("?", { shiftKey: true })), normalised("?"));
  assert.equal(combinationOf(press(" ")), normalised("Space"));
  assert.equal(combinationOf(press("ArrowLeft", { shiftKey: true })), normalised("Shift+ArrowLeft"));
  assert.equal(combinationOf(press("P")), normalised("P"), "with Caps Lock on");
  assert.equal(combinationOf(press("π", { code: "KeyP", altKey: true })), normalised("Alt+P"), "on a Mac");
  assert.equal(combinationOf(press("з", { code: "KeyP" })), normalised("P"), "with a Russian layout");
});

test("a key is printed as people know it", () => {
  assert.equal(keySign("Ctrl+Shift+z"), "Ctrl Shift Z");
  assert.equal(keySign("ArrowLeft"), "←");
});
