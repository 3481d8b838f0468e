import assert from "node:assert/strict";
import { test } from "node:test";

import { PALETTE } from "../../web/static/web/palette.js";

const LEAST = 20; // CIE76 difference; 2.3 is just noticeable, side by side

// Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
const EYES = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  deuteranopic: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  protanopic: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  tritanopic: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]];
const WHITE = [0.95047, 1, 1.08883];

const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i], 0));
const linear = (byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);

const labOf = (rgb, eyes) => {
  const seen = times(eyes, rgb.map(linear)).map((value) => Math.min(Math.max(value, 0), 1));
  const [x, y, z] = times(XYZ, seen).map((value, i) => value / WHITE[i]).map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};

for (const [name, eyes] of Object.entries(EYES)) {
  test(`any two colours stay apart for ${name} eyes`, () => {
    for (const [i, one] of PALETTE.entries()) {
      for (const other of PALETTE.slice(i + 1)) {
        const [a, b] = [labOf(one.rgb, eyes), labOf(other.rgb, eyes)];
        const difference = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        assert.ok(difference > LEAST, `${one.name} and ${other.name}: ${difference.toFixed(1)}`);
      }
    }
  });
}

test("no two colours share line and hatch", () => {
  assert.equal(new Set(PALETTE.map(({ dash, hatch }) => `${dash} ${hatch}`)).size, PALETTE.length);
});
