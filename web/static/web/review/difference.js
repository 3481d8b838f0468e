/** Two masks of one object on the same frame: where they agree, and where only one of them is. */

/** @import {MaskPictures} from "../mask_pictures.js" */
/** @import {Viewport} from "../viewport.js" */
import { fillStyleOf, PALETTE } from "../palette.js";
import { runsOf } from "../rle.js";

/** Indices into the palette, far apart for every eye and of different hatches. */
export const COLORS = /** @type {const} */ ([6, 1]);
const BOTH = "rgb(231 233 236 / 26%)";
const LINE = 1.5; // CSS pixels

/**
 * Only in the first: its colour and hatch; only in the second: the second's; in both: a light veil.
 * @param {CanvasRenderingContext2D} context
 * @param {Viewport} viewport
 * @param {MaskPictures} pictures
 * @param {readonly [string | null, string | null]} counts null where the object is absent
 */
export function drawDifference(context, viewport, pictures, counts) {
  const paths = counts.map((one) => (one === null ? null : pictures.get(one)?.path) ?? new Path2D());
  const [first, second] = /** @type {[Path2D, Path2D]} */ (paths);
  const { width, height } = viewport.video;
  context.save();
  context.translate(viewport.left, viewport.top);
  context.scale(viewport.scale, viewport.scale);
  for (const [i, inside, outside] of /** @type {const} */ ([[0, first, second], [1, second, first]])) {
    const around = new Path2D();
    around.rect(0, 0, width, height);
    around.addPath(outside);
    context.save();
    context.clip(around, "evenodd");
    context.fillStyle = fillStyleOf(context, COLORS[i], viewport.scale);
    context.fill(inside);
    context.fill(inside); // twice, for a difference must be seen at a glance
    context.restore();
  }
  context.save();
  context.clip(first);
  context.fillStyle = BOTH;
  context.fill(second);
  context.restore();
  for (const [i, path] of paths.entries()) outline(context, path, PALETTE[COLORS[i === 0 ? 0 : 1]]?.hex ?? "", viewport.scale);
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} hex @param {number} scale */
function outline(context, path, hex, scale) {
  context.strokeStyle = hex;
  context.lineWidth = LINE / scale;
  context.stroke(path);
}

/** Intersection over union of two masks; two empty ones agree. @param {string} first counts @param {string} second counts */
export function overlapOf(first, second) {
  const [a, b] = [edgesOf(first), edgesOf(second)];
  let [at, i, j, both, either] = [0, 0, 0, 0, 0];
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    const [inA, inB] = [i % 2 === 1, j % 2 === 1];
    if (inA && inB) both += next - at;
    if (inA || inB) either += next - at;
    at = next;
    if (a[i] === next) i++;
    if (b[j] === next) j++;
  }
  return either === 0 ? 1 : both / either;
}

/** Where runs end, first to last: an odd number of ends before a pixel says that it is of the object. @param {string} counts */
function edgesOf(counts) {
  let at = 0;
  return runsOf(counts).map((run) => (at += run));
}
