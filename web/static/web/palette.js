/**
 * Twelve colours, searched for the largest least difference as normal and colour-blind eyes see them, all
 * bright enough for a photograph; and, as colour must not be the only channel, a line pattern and a hatch
 * for each. No two share both, and neighbours in the list differ in both.
 */

/**
 * @typedef {"plain" | "rising" | "level" | "falling"} Hatch
 * @typedef {{name: string, hex: string, rgb: readonly [number, number, number], dash: readonly number[], hatch: Hatch}} Swatch
 */

const HATCH_PERIOD = 8; // CSS pixels
const HATCH_STROKE = 2; // CSS pixels
const PLAIN_ALPHA = 0.36;
const HATCHED_ALPHA = 0.28; // between the strokes
const STROKE_ALPHA = 0.62;
const INK_TURNS = 120; // of 255, perceived brightness

const SOLID = /** @type {const} */ ([]);
const DASHED = /** @type {const} */ ([7, 4]);
const DOTTED = /** @type {const} */ ([2, 3]);

/** @type {readonly Swatch[]} */
export const PALETTE = [
  swatch("coral", "#f47158", SOLID, "plain"),
  swatch("blue", "#0667fc", DASHED, "rising"),
  swatch("straw", "#f3e27a", DOTTED, "level"),
  swatch("mint", "#00ffb6", SOLID, "falling"),
  swatch("violet", "#846bcf", DASHED, "plain"),
  swatch("ice", "#e1f7ff", DOTTED, "rising"),
  swatch("mustard", "#c59703", SOLID, "level"),
  swatch("lavender", "#c3b0f5", DASHED, "falling"),
  swatch("teal", "#2bba9d", DOTTED, "plain"),
  swatch("rosewood", "#af585a", SOLID, "rising"),
  swatch("lime", "#96f902", DASHED, "level"),
  swatch("plum", "#936192", DOTTED, "falling"),
];

/** The swatch of a masklet's colour index. @param {number} color */
export function swatchOf(color) {
  return /** @type {Swatch} */ (PALETTE[color % PALETTE.length]);
}

/** What is readable on the colour: near black or white. @param {number} color */
export function inkOf(color) {
  const [red, green, blue] = swatchOf(color).rgb;
  return 0.299 * red + 0.587 * green + 0.114 * blue > INK_TURNS ? "#0f1012" : "#ffffff";
}

/** @type {Map<number, string | OffscreenCanvas>} */
const fills = new Map();

/** What fills a mask of this colour: a translucent colour, or a tile with its hatch. @param {number} color */
function fillOf(color) {
  const known = fills.get(color);
  if (known) return known;
  const { hex, hatch } = swatchOf(color);
  const made = hatch === "plain" ? `${hex}${hexAlpha(PLAIN_ALPHA)}` : tileOf(hex, hatch);
  fills.set(color, made);
  return made;
}

/** What fills a mask of this colour. Hatches stay as wide on the screen, however far the frame is zoomed. @param {CanvasRenderingContext2D} context @param {number} color @param {number} scale */
export function fillStyleOf(context, color, scale) {
  const fill = fillOf(color);
  if (typeof fill === "string") return fill;
  const pattern = /** @type {CanvasPattern} */ (context.createPattern(fill, "repeat"));
  pattern.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern;
}

/** @param {number} alpha */
function hexAlpha(alpha) {
  return Math.round(alpha * 255).toString(16).padStart(2, "0");
}

/** @param {string} hex @param {Hatch} hatch */
function tileOf(hex, hatch) {
  const tile = new OffscreenCanvas(HATCH_PERIOD, HATCH_PERIOD);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (tile.getContext("2d"));
  for (let y = 0; y < HATCH_PERIOD; y++) {
    for (let x = 0; x < HATCH_PERIOD; x++) {
      context.fillStyle = `${hex}${hexAlpha(isHatched(hatch, x, y) ? STROKE_ALPHA : HATCHED_ALPHA)}`;
      context.fillRect(x, y, 1, 1);
    }
  }
  return tile;
}

/** @param {Hatch} hatch @param {number} x @param {number} y */
function isHatched(hatch, x, y) {
  const along = hatch === "rising" ? x + y : hatch === "falling" ? x - y + HATCH_PERIOD : y;
  return along % HATCH_PERIOD < HATCH_STROKE;
}

/** @param {string} name @param {string} hex @param {readonly number[]} dash @param {Hatch} hatch @returns {Swatch} */
function swatch(name, hex, dash, hatch) {
  const value = Number.parseInt(hex.slice(1), 16);
  return { name, hex, rgb: [value >> 16, (value >> 8) & 255, value & 255], dash, hatch };
}
