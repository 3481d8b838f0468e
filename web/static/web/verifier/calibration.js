/** The calibration curve: what the model predicted against how often people agreed. */

import { h } from "../ui/dom.js";

/** @typedef {{from: number, to: number, predicted: number, observed: number, count: number}} Bin */

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 260; // of the square between 0 and 1
const LEFT = 62;
const TOP = 12;
const BOTTOM = 40;
const DOT_LEAST = 3;
const DOT_MOST = 11;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** @param {string} tag @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

const x = (/** @type {number} */ share) => LEFT + share * SIDE;
const y = (/** @type {number} */ share) => TOP + (1 - share) * SIDE;
const percent = (/** @type {number} */ share) => `${Math.round(share * 100)} %`;

/**
 * Dots grow with the number of verdicts; the dashed line is a model that is always right about itself.
 * @param {readonly Bin[]} bins
 * @param {(from: number) => string} [behind] where a dot leads
 */
export function calibrationChart(bins, behind) {
  const most = Math.max(...bins.map((bin) => bin.count), 1);
  const line = bins.map((bin) => `${x(bin.predicted)},${y(bin.observed)}`).join(" ");
  const chart = svg("svg", { viewBox: `0 0 ${LEFT + SIDE + 16} ${TOP + SIDE + BOTTOM}`, class: "calibration", role: behind ? "group" : "img", "aria-label": `Calibration: ${bins.map(words).join("; ")}` },
    ...TICKS.flatMap(tick),
    svg("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "calibration-ideal" }),
    svg("polyline", { points: line, class: "calibration-line" }),
    ...bins.map((bin) => {
      const dot = svg("circle", { cx: x(bin.predicted), cy: y(bin.observed), r: DOT_LEAST + (DOT_MOST - DOT_LEAST) * Math.sqrt(bin.count / most), class: "calibration-dot" }, svg("title", {}, words(bin)));
      return behind ? svg("a", { href: behind(bin.from), "aria-label": words(bin) }, dot) : dot;
    }),
    svg("text", { x: x(0.5), y: TOP + SIDE + 34, class: "calibration-name", "text-anchor": "middle" }, "Probability that the model gave"),
    svg("text", { x: 14, y: y(0.5), class: "calibration-name", "text-anchor": "middle", transform: `rotate(-90 14 ${y(0.5)})` }, "Found satisfactory by people"),
  );
  return h("figure", { class: "calibration-figure" }, chart);
}

/** @param {number} share */
function tick(share) {
  return [
    svg("line", { x1: x(share), y1: y(0), x2: x(share), y2: y(1), class: "calibration-grid" }),
    svg("line", { x1: x(0), y1: y(share), x2: x(1), y2: y(share), class: "calibration-grid" }),
    svg("text", { x: x(share), y: y(0) + 15, class: "calibration-tick", "text-anchor": "middle" }, percent(share)),
    svg("text", { x: x(0) - 6, y: y(share) + 4, class: "calibration-tick", "text-anchor": "end" }, percent(share)),
  ];
}

/** @param {Bin} bin */
function words({ from, to, predicted, observed, count }) {
  return `${percent(from)} to ${percent(to)}: ${count} verdicts, predicted ${percent(predicted)}, satisfactory ${percent(observed)}`;
}
