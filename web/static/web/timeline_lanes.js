import { runsOfSlots } from "./timeline_geometry.js";

/**
 * @import {FrameState} from "./types.js"
 * @import {TimelineGeometry} from "./timeline_geometry.js"
 */

const PAD = 3; // CSS pixels above and below the bars
const DOT = 2.2; // CSS pixels
const GAP = 1; // CSS pixels between slots that are wide enough
const SUSPICION_WIDEST = 8; // CSS pixels
const GAP_FROM = 6; // CSS pixels of slot width
const COVERAGE = "#abb2bc";

/**
 * One masklet's row. States differ in height and pattern, not only in colour: unknown is a dotted base
 * line, predicted a half-height bar, edited a full bar, accepted a full bar with a cap, absent an open box.
 * Suspicion hangs from the top, the longer the worse.
 * @typedef {object} Lane
 * @property {number} masklet
 * @property {number} number
 * @property {string} name
 * @property {string} hex
 * @property {boolean} selected
 * @property {boolean} hidden
 * @property {(frameIndex: number) => FrameState} stateAt
 * @property {(frameIndex: number) => boolean} hasPrompts
 * @property {readonly number[]} marks Frame indices of reviewers' marks.
 * @property {{first: number, last: number} | null} running Span of the pass at work, as frame indices.
 * @property {(frameIndex: number) => number} [suspicionAt] 0 to 1; 0 where there is nothing to show.
 * @property {(frameIndex: number) => boolean} [isSeen] Whether the reviewer was shown the frame; those that were not are marked.
 */

/**
 * A row of how long each frame was on somebody's screen, as bars: the longer the higher. A frame that was not
 * shown has the dots of what is unknown.
 * @typedef {object} CoverageLane
 * @property {string} name
 * @property {string} explains
 * @property {false} selected
 * @property {(frameIndex: number) => number} heightAt 0 to 1; 0 where it was not shown.
 * @property {(frameIndex: number) => string} wordsAt
 */

/** @typedef {Lane | CoverageLane} AnyLane */
/** @typedef {{y: number, height: number}} Row */
/** @typedef {Record<FrameState, string>} StateColors */

/** What a lane says of a frame. @param {AnyLane} lane @param {number} frameIndex */
export function laneWords(lane, frameIndex) {
  if ("wordsAt" in lane) return lane.wordsAt(frameIndex);
  const suspicion = lane.suspicionAt?.(frameIndex) ?? 0;
  return `Frame ${frameIndex}, ${lane.name}: ${lane.stateAt(frameIndex)}${suspicion > 0 ? `, ${Math.round(suspicion * 100)} % suspicious` : ""}`;
}

/** @param {CanvasRenderingContext2D} context @param {TimelineGeometry} geometry @param {AnyLane} lane @param {Row} row @param {StateColors} colors */
export function drawLane(context, geometry, lane, row, colors) {
  const [first, last] = geometry.slotsInView;
  if ("heightAt" in lane) {
    drawCoverage(context, geometry, lane, row, first, last, colors);
    return;
  }
  context.globalAlpha = lane.hidden ? 0.4 : 1;
  for (const run of runsOfSlots(first, last, (slot) => lane.stateAt(slot * geometry.stride))) {
    drawRun(context, geometry, run.first, run.last, run.value, row, colors);
  }
  context.globalAlpha = 1;
  drawSuspicion(context, geometry, lane, row, first, last);
  drawPromptDots(context, geometry, lane, row, first, last);
  if (lane.isSeen) drawUnseen(context, geometry, lane.isSeen, row, first, last);
  if (lane.running) drawRunning(context, geometry, lane.running, row);
  for (const frameIndex of lane.marks) drawFlag(context, geometry.middleOf(frameIndex), row);
}

/** @param {CanvasRenderingContext2D} context @param {TimelineGeometry} geometry @param {number} first @param {number} last @param {FrameState} state @param {Row} row @param {StateColors} colors */
function drawRun(context, geometry, first, last, state, row, colors) {
  const left = geometry.xOf(first * geometry.stride);
  const right = geometry.xOf(last * geometry.stride) + geometry.slotWidth;
  const [top, bottom] = [row.y + PAD, row.y + row.height - PAD];
  context.fillStyle = colors[state];
  if (state === "unknown") {
    for (let x = left + 1; x < right - 1; x += 4) context.fillRect(x, bottom - 1.5, 1.5, 1.5);
    return;
  }
  if (state === "absent") {
    context.strokeStyle = colors.absent;
    context.lineWidth = 1;
    context.strokeRect(left + 1, bottom - 4.5, Math.max(right - left - 2, 1), 4);
    return;
  }
  const height = state === "predicted" ? (bottom - top) * 0.5 : bottom - top;
  eachSlot(geometry, first, last, (x, width) => context.fillRect(x, bottom - height, width, height));
  if (state === "accepted") {
    context.fillStyle = "#ffffff";
    context.fillRect(left, top - 1, right - left - 1, 2);
  }
}

/** @param {CanvasRenderingContext2D} context @param {TimelineGeometry} geometry @param {CoverageLane} lane @param {Row} row @param {number} first @param {number} last @param {StateColors} colors */
function drawCoverage(context, geometry, lane, row, first, last, colors) {
  const [top, bottom] = [row.y + PAD, row.y + row.height - PAD];
  for (const run of runsOfSlots(first, last, (slot) => lane.heightAt(slot * geometry.stride))) {
    if (run.value === 0) {
      drawRun(context, geometry, run.first, run.last, "unknown", row, colors);
      continue;
    }
    const height = (bottom - top) * run.value;
    context.fillStyle = COVERAGE;
    eachSlot(geometry, run.first, run.last, (x, width) => context.fillRect(x, bottom - height, width, height));
  }
}

/** Mostly in the half that a predicted bar leaves free. @param {CanvasRenderingContext2D} context @param {TimelineGeometry} geometry @param {Lane} lane @param {Row} row @param {number} first @param {number} last */
function drawSuspicion(context, geometry, lane, row, first, last) {
  context.fillStyle = "#ffb199";
  context.strokeStyle = "#101214";
  context.lineWidth = 2;
  for (let slot = first; slot <= last; slot++) {
    const suspicion = lane.suspicionAt?.(slot * geometry.stride);
    if (!suspicion) continue;
    const height = Math.max((suspicion * row.height) / 2, 2);
    const width = Math.max(Math.min(geometry.slotWidth - GAP, SUSPICION_WIDEST), 1);
    const left = geometry.middleOf(slot * geometry.stride) - width / 2;
    if (width > 2) context.strokeRect(left, row.y + PAD - 1, width, height);
    context.fillRect(left, row.y + PAD - 1, width, height);
  }
}

/** Slots apart where they are wide enough to be seen, else as one. @param {TimelineGeometry} geometry @param {number} first @param {number} last @param {(x: number, width: number) => void} draw */
function eachSlot(geometry, first, last, draw) {
  const left = geometry.xOf(first * geometry.stride);
  if (geometry.slotWidth < GAP_FROM) {
    draw(left, Math.max((last - first + 1) * geometry.slotWidth, 1));
    return;
  }
  for (let slot = first; slot <= last; slot++) draw(geometry.xOf(slot * geometry.stride), geometry.slotWidth - GAP);
}

/** @param {CanvasRenderingContext2D} context @param {TimelineGeometry} geometry @param {Lane} lane @param {Row} row @param {number} first @param {number} last */
function drawPromptDots(context, geometry, lane, row, first, last) {
  for (let slot = first; slot <= last; slot++) {
    if (!lane.hasPrompts(slot * geometry.stride)) continue;
    context.beginPath();
    context.arc(geometry.middleOf(slot * geometry.stride), row.y + row.height / 2, DOT + 1.2, 0, Math.PI * 2);
    context.fillStyle = "#0f1012";
    context.fill();
    context.beginPath();
    context.arc(geometry.middleOf(slot * geometry.stride), row.y + row.height / 2, DOT, 0, Math.PI * 2);
    context.fillStyle = "#ffffff";
    context.fill();
  }
}

/** A thin line along the top. @param {CanvasRenderingContext2D} context @param {TimelineGeometry} geometry @param {(frameIndex: number) => boolean} isSeen @param {Row} row @param {number} first @param {number} last */
function drawUnseen(context, geometry, isSeen, row, first, last) {
  context.fillStyle = "#e7e9ec";
  for (let slot = first; slot <= last; slot++) {
    if (!isSeen(slot * geometry.stride)) context.fillRect(geometry.xOf(slot * geometry.stride), row.y, Math.max(geometry.slotWidth - GAP, 1), 2);
  }
}

/** @param {CanvasRenderingContext2D} context @param {TimelineGeometry} geometry @param {{first: number, last: number}} span @param {Row} row */
function drawRunning(context, geometry, span, row) {
  const left = geometry.xOf(span.first);
  const width = geometry.xOf(span.last) + geometry.slotWidth - left;
  context.strokeStyle = "#8f9dff";
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.strokeRect(left + 0.5, row.y + 1.5, width - 1, row.height - 3);
  context.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {Row} row */
function drawFlag(context, x, row) {
  context.fillStyle = "#f0b429";
  context.beginPath();
  context.moveTo(x - 0.5, row.y + row.height - 2);
  context.lineTo(x - 0.5, row.y + 1);
  context.lineTo(x + 7, row.y + 4);
  context.lineTo(x + 1, row.y + 7.5);
  context.lineTo(x + 1, row.y + row.height - 2);
  context.fill();
}

/** The lane's name at the left. @param {CanvasRenderingContext2D} context @param {AnyLane} lane @param {Row} row @param {number} width */
export function drawLaneLabel(context, lane, row, width) {
  const middle = row.y + row.height / 2;
  context.fillStyle = lane.selected ? "#1d2024" : "#131517";
  context.fillRect(0, row.y, width - 1, row.height);
  context.textAlign = "left";
  context.textBaseline = "middle";
  if ("masklet" in lane) {
    context.fillStyle = lane.hex;
    context.fillRect(0, row.y + 2, 4, row.height - 4);
    context.fillStyle = lane.selected ? "#e7e9ec" : "#abb2bc";
    context.font = "600 11px system-ui, sans-serif";
    context.fillText(String(lane.number), 10, middle + 0.5);
  }
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = lane.selected ? "#e7e9ec" : "#868e99";
  context.fillText(fitted(context, lane.name, width - 38), 30, middle + 0.5);
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} width */
function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}
