/**
 * Twelve colours that stay apart for colour-blind eyes on a photograph (Okabe-Ito, extended in lightness),
 * and, as colour must not be the only channel, a line pattern and a hatch for each. Neighbours in the
 * list differ in all three.
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

const SOLID = /** @type {const} */ ([]);
const DASHED = /** @type {const} */ ([7, 4]);
const DOTTED = /** @type {const} */ ([2, 3]);

/** @type {readonly Swatch[]} */
export const PALETTE = [
  swatch("sky", "#56b4e9", SOLID, "plain"),
  swatch("orange", "#ff9f1c", DASHED, "rising"),
  swatch("mint", "#2ee6a8", DOTTED, "level"),
  swatch("pink", "#f28ad2", SOLID, "falling"),
  swatch("yellow", "#ffe45e", DASHED, "plain"),
  swatch("blue", "#4f7bff", DOTTED, "rising"),
  swatch("vermilion", "#ff5f3d", SOLID, "level"),
  swatch("white", "#f4f1ea", DASHED, "falling"),
  swatch("violet", "#a06bff", DOTTED, "plain"),
  swatch("olive", "#b5c334", SOLID, "rising"),
  swatch("teal", "#0fa3a3", DASHED, "level"),
  swatch("brown", "#c98d5f", DOTTED, "falling"),
];

/** The swatch of a masklet's colour index. @param {number} color */
export function swatchOf(color) {
  return /** @type {Swatch} */ (PALETTE[color % PALETTE.length]);
}

/** The first colour that no masklet has, else the least used. @param {readonly number[]} used */
export function nextColor(used) {
  const uses = PALETTE.map((_, color) => used.filter((other) => other === color).length);
  return uses.indexOf(Math.min(...uses));
}

/** @type {Map<number, string | OffscreenCanvas>} */
const fills = new Map();

/** What fills a mask of this colour: a translucent colour, or a tile with its hatch. @param {number} color */
export function fillOf(color) {
  const known = fills.get(color);
  if (known) return known;
  const { hex, hatch } = swatchOf(color);
  const made = hatch === "plain" ? `${hex}${hexAlpha(PLAIN_ALPHA)}` : tileOf(hex, hatch);
  fills.set(color, made);
  return made;
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
