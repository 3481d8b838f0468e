/** Small charts as SVG: bars and lines, each with a readout, a table of the same numbers, and a CSV. */

import { h } from "./ui/dom.js";

const SVG = "http://www.w3.org/2000/svg";
// Drawn about as wide as they are shown, so that their words stay as large as the page's.
const BARS_WIDTH = 360;
const LINES_WIDTH = 560;
const HEIGHT = 168;
const SLOPED = 46; // more height, for labels that find room only aslant
const BAR_MOST = 64; // wide
const LETTER = 7; // widest, of a label
const LONGEST = 13; // letters of a sloped label
const PAD = { left: 44, right: 8, top: 8, bottom: 22 };
// Told apart by dash and marker too, so that colour is never the only sign (Okabe and Ito's palette).
const SERIES = /** @type {const} */ ([["#56b4e9", ""], ["#e69f00", "6 3"], ["#009e73", "2 3"], ["#cc79a7", "8 3 2 3"]]);

/** @typedef {{label: string, value: number | null, href?: string, published?: boolean}} Bar published: the paper's, not ours */
/** @typedef {{name: string, values: number[], hrefs?: string[]}} Series hrefs: what leads to the rows behind each value */
/** @typedef {{value: number | null, href?: string | undefined}} Cell */

/**
 * @param {string} name @param {Record<string, string | number>} attributes @param {...(Node | string)} children
 * @returns {SVGElement}
 */
function s(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** A number as people read it. @param {number | null | undefined} value @returns {string} */
export function sayNumber(value) {
  if (value === null || value === undefined) return "–";
  if (value !== 0 && Math.abs(value) < 0.1) return value.toLocaleString("en", { maximumSignificantDigits: 2 });
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1;
  return value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** The round number at or above a value, at which an axis ends. @param {number} value */
export function roundUp(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (/** @type {number} */ ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value * (1 - 1e-9)))) * power;
}

/** @param {number} top @param {number} width */
function axis(top, width) {
  const height = HEIGHT - PAD.top - PAD.bottom;
  return s("g", { class: "chart-axis", "aria-hidden": "true" }, ...[0, 0.5, 1].flatMap((part) => {
    const y = HEIGHT - PAD.bottom - part * height;
    return [s("line", { x1: PAD.left, x2: width - PAD.right, y1: y, y2: y }), s("text", { x: PAD.left - 6, y: y + 4, "text-anchor": "end" }, (part * top).toLocaleString("en", { maximumFractionDigits: 2 }))];
  }));
}

/** @param {string[]} labels */
const longest = (labels) => Math.max(...labels.map((label) => label.length), 1) * LETTER;

/** @param {(SVGElement | null)[]} texts */
const captionsOf = (texts) => s("g", { class: "chart-axis", "aria-hidden": "true" }, ...texts.filter((text) => text !== null));

/** Labels below, as many as there is room for. @param {string[]} labels @param {number} step */
function someCaptions(labels, step) {
  const every = Math.max(1, Math.ceil(longest(labels) / step));
  return captionsOf(labels.map((label, i) => (i % every === 0 ? s("text", { x: PAD.left + (i + 0.5) * step, y: HEIGHT - 6, "text-anchor": "middle" }, label) : null)));
}

/** Every label below its bar, aslant. @param {string[]} labels @param {number} step */
function slopedCaptions(labels, step) {
  const y = HEIGHT - PAD.bottom + 12;
  return captionsOf(labels.map((label, i) => {
    const x = PAD.left + (i + 0.5) * step + 4;
    const words = label.length > LONGEST ? `${label.slice(0, 4)}…${label.slice(4 - LONGEST)}` : label;
    return s("text", { x, y, "text-anchor": "end", transform: `rotate(-40 ${x} ${y})` }, words);
  }));
}

/**
 * @param {[width: number, height: number]} size @param {string} title @param {Node[]} drawing @param {{head: string[], lines: {label: string, cells: Cell[]}[], csv?: string}} data
 * @param {HTMLElement} readout
 */
function figure([width, height], title, drawing, data, readout) {
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": title }, ...drawing);
  const cell = (/** @type {Cell} */ { value, href }) => (href && value !== null ? h("a", { href }, sayNumber(value)) : sayNumber(value));
  const table = h("table", { class: "table" },
    h("thead", {}, h("tr", {}, data.head.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, data.lines.map(({ label, cells }) => h("tr", {}, h("td", {}, label), cells.map((value) => h("td", {}, cell(value)))))));
  return h("figure", { class: "chart" },
    h("figcaption", {}, h("span", { class: "grow" }, title), data.csv && h("a", { class: "btn btn-small btn-ghost", href: data.csv, "aria-label": `${title} as CSV` }, "CSV")),
    h("div", {}, svg), readout, h("details", {}, h("summary", {}, "As a table"), h("div", { class: "table-scroll" }, table)));
}

/** What an element says when it is pointed at or focused. @param {SVGElement} element @param {string} words @param {HTMLElement} readout @param {() => (Node | string)[]} [parts] of the words, where some of them lead on */
function tells(element, words, readout, parts = () => [words]) {
  const say = () => readout.replaceChildren(...parts());
  element.addEventListener("pointerenter", say);
  element.addEventListener("focus", say);
  element.setAttribute("aria-label", words);
  return element;
}

/**
 * Upright bars, also for histograms. A bar with an address leads to the rows behind it.
 * @param {{title: string, bars: Bar[], unit?: string, csv?: string}} what
 * @returns {HTMLElement}
 */
export function barChart({ title, bars, unit = "", csv }) {
  const readout = h("p", { class: "chart-readout faint" }, "Point at a bar, or go through them with Tab.");
  const top = roundUp(Math.max(...bars.map((bar) => bar.value ?? 0), 0));
  const step = (BARS_WIDTH - PAD.left - PAD.right) / Math.max(bars.length, 1);
  const height = HEIGHT - PAD.top - PAD.bottom;
  const labels = bars.map((bar) => bar.label);
  const sloped = longest(labels) > step;
  const drawn = bars.map(({ label, value, href, published }, i) => {
    const size = ((value ?? 0) / top) * height;
    const x = PAD.left + i * step;
    const wide = Math.min(step * 0.76, BAR_MOST);
    // The whole column is the target: low bars can be met too.
    const shape = [s("rect", { class: "chart-target", x, y: PAD.top, width: step, height }), s("rect", { class: published ? "chart-bar chart-published" : "chart-bar", x: x + (step - wide) / 2, y: HEIGHT - PAD.bottom - size, width: wide, height: size })];
    const element = href ? s("a", { href, class: "chart-mark" }, ...shape) : s("g", { tabindex: 0, role: "img", class: "chart-mark" }, ...shape);
    return tells(element, `${label}: ${sayNumber(value)}${unit && ` ${unit}`}`, readout);
  });
  const size = /** @type {[number, number]} */ ([BARS_WIDTH, sloped ? HEIGHT + SLOPED : HEIGHT]);
  return figure(size, title, [axis(top, BARS_WIDTH), sloped ? slopedCaptions(labels, step) : someCaptions(labels, step), ...drawn], { head: ["", unit || "count"], lines: bars.map(({ label, value, href }) => ({ label, cells: [{ value, href }] })), ...(csv ? { csv } : {}) }, readout);
}

/**
 * Lines over the same labels.
 * @param {{title: string, labels: string[], series: Series[], csv?: string}} what
 * @returns {HTMLElement}
 */
export function lineChart({ title, labels, series, csv }) {
  const readout = h("p", { class: "chart-readout faint" }, "Point at a day, or go through them with Tab.");
  const top = roundUp(Math.max(...series.flatMap(({ values }) => values), 0));
  const step = (LINES_WIDTH - PAD.left - PAD.right) / Math.max(labels.length, 1);
  const height = HEIGHT - PAD.top - PAD.bottom;
  const at = (/** @type {number} */ value, /** @type {number} */ i) => [PAD.left + (i + 0.5) * step, HEIGHT - PAD.bottom - (value / top) * height];
  const lines = series.map(({ values }, k) => {
    const [color, dash] = SERIES[k % SERIES.length] ?? SERIES[0];
    return s("polyline", { class: "chart-line", points: values.map((value, i) => at(value, i).join(",")).join(" "), stroke: color, "stroke-dasharray": dash });
  });
  const targets = labels.map((label, i) => {
    const target = s("rect", { class: "chart-target", x: PAD.left + i * step, y: PAD.top, width: step, height });
    const said = series.map(({ name, values, hrefs }) => ({ words: `${name} ${sayNumber(values[i])}`, href: hrefs?.[i] }));
    const words = `${label}: ${said.map((each) => each.words).join(", ")}`;
    const parts = () => [`${label}: `, ...said.flatMap((each, k) => [k > 0 ? ", " : "", each.href ? h("a", { href: each.href }, each.words) : each.words])];
    return tells(s("g", { tabindex: 0, role: "img", class: "chart-mark" }, target), words, readout, parts);
  });
  const legend = series.map(({ name }, k) => {
    const [color, dash] = SERIES[k % SERIES.length] ?? SERIES[0];
    const key = s("svg", { viewBox: "0 0 24 8", class: "chart-key", "aria-hidden": "true" }, s("line", { x1: 0, x2: 24, y1: 4, y2: 4, stroke: color, "stroke-width": 2, "stroke-dasharray": dash }));
    return h("span", { class: "chart-legend" }, key, name);
  });
  const made = figure([LINES_WIDTH, HEIGHT], title, [axis(top, LINES_WIDTH), someCaptions(labels.map((label) => label.slice(5)), step), ...lines, ...targets], { head: ["", ...series.map(({ name }) => name)], lines: labels.map((label, i) => ({ label, cells: series.map(({ values, hrefs }) => ({ value: values[i] ?? null, href: hrefs?.[i] })) })), ...(csv ? { csv } : {}) }, readout);
  readout.before(h("p", { class: "chart-legends" }, legend));
  return made;
}
