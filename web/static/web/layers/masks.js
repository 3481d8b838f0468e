import { fillStyleOf, inkOf, swatchOf } from "../palette.js";

/**
 * @import {MaskPictures} from "../mask_pictures.js"
 * @import {Viewport} from "../viewport.js"
 */

const OUTLINE = 1.5; // CSS pixels
const OUTLINE_SELECTED = 2.5; // CSS pixels
const HALO = 2; // CSS pixels added on both sides, so that a line stands out on its own colour
const HALO_STYLE = "rgb(10 11 13 / 55%)";
const TAG_HEIGHT = 16; // CSS pixels
const DIMMED = 0.45; // opacity

/**
 * One mask to draw. `overlay` full: fill and outline; outline: the line alone.
 * @typedef {{counts: string, color: number, number: number, selected: boolean, dimmed?: boolean}} ShownMask
 * @typedef {"full" | "outline" | "off"} Overlay
 */

/** Draws masks, the selected one last. @param {CanvasRenderingContext2D} context @param {Viewport} viewport @param {MaskPictures} pictures @param {readonly ShownMask[]} masks @param {Overlay} overlay */
export function drawMasks(context, viewport, pictures, masks, overlay) {
  if (overlay === "off") return;
  const inOrder = [...masks].sort((a, b) => Number(a.selected) - Number(b.selected));
  for (const mask of inOrder) drawMask(context, viewport, pictures, mask, overlay);
}

/** @param {CanvasRenderingContext2D} context @param {Viewport} viewport @param {MaskPictures} pictures @param {ShownMask} mask @param {Overlay} overlay */
function drawMask(context, viewport, pictures, mask, overlay) {
  const picture = pictures.get(mask.counts);
  if (!picture) return;
  const { hex, dash } = swatchOf(mask.color);
  const { scale } = viewport;
  const width = mask.selected ? OUTLINE_SELECTED : OUTLINE;
  context.save();
  if (mask.dimmed) context.globalAlpha = DIMMED;
  context.translate(viewport.left, viewport.top);
  context.scale(scale, scale);
  if (overlay === "full") {
    context.fillStyle = fillStyleOf(context, mask.color, scale);
    context.fill(picture.path);
  }
  context.lineJoin = "round";
  context.strokeStyle = HALO_STYLE;
  context.lineWidth = (width + HALO) / scale;
  context.stroke(picture.path);
  context.strokeStyle = hex;
  context.lineWidth = width / scale;
  context.setLineDash(dash.map((length) => length / scale));
  context.stroke(picture.path);
  context.restore();
  drawTag(context, viewport, picture.box, mask);
}

/** The masklet's number at its mask, so that colour is not needed to tell whose it is. @param {CanvasRenderingContext2D} context @param {Viewport} viewport @param {{x: number, y: number}} box @param {ShownMask} mask */
function drawTag(context, viewport, box, mask) {
  const text = String(mask.number);
  const left = Math.max(viewport.left + box.x * viewport.scale, 2);
  const bottom = Math.max(viewport.top + box.y * viewport.scale - 3, TAG_HEIGHT + 2);
  context.font = "600 11px system-ui, sans-serif";
  context.textBaseline = "middle";
  const width = Math.max(context.measureText(text).width + 8, TAG_HEIGHT);
  context.beginPath();
  context.roundRect(left, bottom - TAG_HEIGHT, width, TAG_HEIGHT, 4);
  context.fillStyle = swatchOf(mask.color).hex;
  context.globalAlpha = mask.dimmed ? DIMMED : mask.selected ? 1 : 0.8;
  context.fill();
  context.globalAlpha = 1;
  context.fillStyle = inkOf(mask.color);
  context.textAlign = "center";
  context.fillText(text, left + width / 2, bottom - TAG_HEIGHT / 2 + 0.5);
}
