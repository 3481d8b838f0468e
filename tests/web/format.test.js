import assert from "node:assert/strict";
import { test } from "node:test";

import { formatBytes, formatCount, formatDuration, formatWait } from "../../web/static/web/ui/format.js";

test("bytes are told in the unit a person would use", () => {
  assert.deepEqual([0, 999, 1000, 1_500_000, 73_400_320, 999_999_999].map(formatBytes), ["0 B", "999 B", "1.0 kB", "1.5 MB", "73 MB", "1.0 GB"]);
});

test("a clip's length has hours only where there are some", () => {
  assert.deepEqual([0.04, 7.4, 760, 3723].map(formatDuration), ["0:00", "0:07", "12:40", "1:02:03"]);
});

test("a wait is never told as nothing", () => {
  assert.deepEqual([0, 8.2, 150, 3600, 7500].map(formatWait), ["1 s", "9 s", "3 min", "1 h", "2 h 5 min"]);
});

test("one is told apart from many", () => {
  assert.deepEqual([formatCount(1, "video"), formatCount(0, "video"), formatCount(1204, "video")], ["1 video", "0 videos", "1,204 videos"]);
});
