/** Gold scores over time: a dot for each in training, a square for each in production, and the score asked for. */

/** @import {ScoreLine, Standing} from "./api.js" */
import { h } from "../ui/dom.js";
import { jf } from "./parts.js";

const [WIDTH, HEIGHT] = [1100, 150]; // of the drawing, about as wide as it is shown
const [LEFT, RIGHT, TOP, BOTTOM] = [34, 10, 10, 20]; // margins
const SPACE = "http://www.w3.org/2000/svg";
const LINES = [0, 0.25, 0.5, 0.75, 1];
const RADIUS = 4;

/** @param {string} name @param {Record<string, string | number>} attributes @param {(Node | string)[]} children */
function svg(name, attributes, ...children) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** @param {number} share 0 to 1 */
const height = (share) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);

/** @param {ScoreLine} score @param {number} x */
function point(score, x) {
  const y = height((score.j + score.f) / 2);
  const text = `${score.masklet}, ${score.video}: J&F ${jf(score.j, score.f)}, ${score.queue}, ${new Date(score.created_at).toLocaleDateString()}`;
  const shape = score.queue === "training"
    ? svg("circle", { class: "chart-training", cx: x, cy: y, r: RADIUS })
    : svg("rect", { class: "chart-production", x: x - RADIUS, y: y - RADIUS, width: 2 * RADIUS, height: 2 * RADIUS });
  return svg("a", { href: `/gold-scores/${score.id}`, "aria-label": text }, svg("title", {}, text), shape);
}

/** @param {ScoreLine[]} scores newest first @param {Standing} standing */
export function scoreChart(scores, standing) {
  const inOrder = [...scores].reverse();
  const gap = (WIDTH - LEFT - RIGHT) / Math.max(inOrder.length, 8);
  const grid = LINES.map((share) => svg("g", {},
    svg("line", { class: "chart-grid", x1: LEFT, x2: WIDTH - RIGHT, y1: height(share), y2: height(share) }),
    svg("text", { class: "chart-text", x: LEFT - 6, y: height(share) + 4, "text-anchor": "end" }, String(share * 100))));
  const needed = height(standing.needed);
  const wanted = svg("line", { class: "chart-needed", x1: LEFT, x2: WIDTH - RIGHT, y1: needed, y2: needed });
  const points = inOrder.map((score, i) => point(score, LEFT + gap * (i + 0.5)));
  const drawing = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "J&F against gold, oldest to newest" }, ...grid, wanted, ...points);
  const legend = h("p", { class: "faint small" }, `J&F of each, oldest to newest. ● training, ■ production, dashed: ${(standing.needed * 100).toFixed(0)}, what promotion asks for.`);
  return h("div", { class: "panel-body" }, drawing, legend);
}
