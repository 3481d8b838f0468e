import { videoPoint } from "../viewport.js";

/**
 * @import {NewPrompt, ReviewMark, ScreenPoint} from "../types.js"
 * @import {Viewport} from "../viewport.js"
 */

export const POINT_RADIUS = 7; // CSS pixels
const PULSE = 1200; // ms
const POSITIVE = "#37d67a";
const NEGATIVE = "#ff5d5d";
const BOX = "#ffffff";
const INK = "#0b0c0e";

/**
 * A prompt to draw. `sent` is false while the server has not acknowledged it, `waiting` while its mask has not come.
 * @typedef {{prompt: NewPrompt, sent: boolean, waiting: boolean}} ShownPrompt
 */

/** Draws points and boxes. @param {CanvasRenderingContext2D} context @param {Viewport} viewport @param {readonly ShownPrompt[]} prompts @param {number} now ms, for the pulse of those that wait; 0 for none. */
export function drawPrompts(context, viewport, prompts, now) {
  for (const shown of prompts) {
    const { prompt } = shown;
    if (prompt.kind === "box") {
      const from = viewport.toScreen(videoPoint(prompt.x0, prompt.y0));
      drawBox(context, from, viewport.toScreen(videoPoint(prompt.x1, prompt.y1)), shown.sent);
    } else if (prompt.kind === "point") {
      const at = viewport.toScreen(videoPoint(prompt.x, prompt.y));
      if (shown.waiting) drawPulse(context, at, prompt.positive, now);
      drawPoint(context, at, prompt.positive, shown.sent);
    }
  }
}

/** A plus in a green disc, or a minus in a red square: told apart by shape as well. @param {CanvasRenderingContext2D} context @param {ScreenPoint} at @param {boolean} positive @param {boolean} sent */
function drawPoint(context, at, positive, sent) {
  const r = POINT_RADIUS;
  context.save();
  context.translate(at.x, at.y);
  context.globalAlpha = sent ? 1 : 0.75;
  context.beginPath();
  if (positive) context.arc(0, 0, r, 0, Math.PI * 2);
  else context.roundRect(-r + 0.5, -r + 0.5, 2 * r - 1, 2 * r - 1, 2);
  context.fillStyle = positive ? POSITIVE : NEGATIVE;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#fff";
  if (!sent) context.setLineDash([2, 2]);
  context.stroke();
  context.setLineDash([]);
  context.strokeStyle = INK;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(-3.5, 0);
  context.lineTo(3.5, 0);
  if (positive) {
    context.moveTo(0, -3.5);
    context.lineTo(0, 3.5);
  }
  context.stroke();
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {ScreenPoint} at @param {boolean} positive @param {number} now */
function drawPulse(context, at, positive, now) {
  const phase = now ? (now % PULSE) / PULSE : 0.4;
  context.save();
  context.globalAlpha = 0.9 * (1 - phase);
  context.strokeStyle = positive ? POSITIVE : NEGATIVE;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(at.x, at.y, POINT_RADIUS + 2 + phase * 14, 0, Math.PI * 2);
  context.stroke();
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {ScreenPoint} from @param {ScreenPoint} to @param {boolean} sent */
export function drawBox(context, from, to, sent) {
  context.save();
  context.strokeStyle = INK;
  context.lineWidth = 3;
  context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
  context.strokeStyle = BOX;
  context.lineWidth = 1.5;
  context.setLineDash(sent ? [6, 4] : [2, 4]);
  context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
  context.restore();
}

/** Draws a reviewer's marks as numbered pins; those with no place on the frame are in the list only. @param {CanvasRenderingContext2D} context @param {Viewport} viewport @param {readonly {mark: ReviewMark, number: number}[]} marks */
export function drawMarks(context, viewport, marks) {
  for (const { mark, number } of marks) {
    if (mark.x === null || mark.y === null || mark.x === undefined || mark.y === undefined) continue;
    const at = viewport.toScreen(videoPoint(mark.x, mark.y));
    context.save();
    context.translate(at.x, at.y);
    context.beginPath();
    context.moveTo(0, 0);
    context.bezierCurveTo(-4, -8, -10, -10, -10, -17);
    context.arc(0, -17, 10, Math.PI, 0);
    context.bezierCurveTo(10, -10, 4, -8, 0, 0);
    context.fillStyle = "#f0b429";
    context.fill();
    context.strokeStyle = INK;
    context.lineWidth = 1.5;
    context.stroke();
    context.fillStyle = INK;
    context.font = "700 11px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(number), 0, -16.5);
    context.restore();
  }
}

/** The topmost prompt under a point of the canvas: a click on a point removes it. @template {NewPrompt} P @param {Viewport} viewport @param {readonly P[]} prompts @param {ScreenPoint} at @returns {P | null} */
export function pointUnder(viewport, prompts, at) {
  const hit = prompts.findLast((prompt) => {
    if (prompt.kind !== "point") return false;
    const centre = viewport.toScreen(videoPoint(prompt.x, prompt.y));
    return Math.hypot(centre.x - at.x, centre.y - at.y) <= POINT_RADIUS + 2;
  });
  return hit ?? null;
}
