/** @import {Viewport} from "../viewport.js" */

const PIXELS_FROM = 4; // CSS pixels per video pixel; from here on pixels are shown as squares
const SHRUNK_BELOW = 0.5; // below this the quick way would leave pixels out

/** Draws the frame. @param {CanvasRenderingContext2D} context @param {Viewport} viewport @param {CanvasImageSource} image */
export function drawFrame(context, viewport, image) {
  const { width, height } = viewport.video;
  context.imageSmoothingEnabled = viewport.scale < PIXELS_FROM;
  context.imageSmoothingQuality = viewport.scale < SHRUNK_BELOW ? "medium" : "low";
  context.drawImage(image, viewport.left, viewport.top, width * viewport.scale, height * viewport.scale);
}

/** Draws a quiet plate where a frame has not arrived. @param {CanvasRenderingContext2D} context @param {Viewport} viewport */
export function drawMissingFrame(context, viewport) {
  const { width, height } = viewport.video;
  context.fillStyle = "#1d2024";
  context.fillRect(viewport.left, viewport.top, width * viewport.scale, height * viewport.scale);
}
