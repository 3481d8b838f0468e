/** Line icons on a 16 x 16 grid, drawn here so that no page loads a font or a sprite. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  alert: "M8 2 1.5 13.5h13L8 2Zm0 4.5v3.2M8 11.6v.1",
  box: "M2 4.5 8 1.5l6 3v7l-6 3-6-3v-7Zm0 0 6 3 6-3M8 7.5v7",
  check: "m3 8.5 3.2 3L13 4.5",
  chevron_left: "m10 3-5 5 5 5",
  chevron_right: "m6 3 5 5-5 5",
  comment: "M2.5 3h11v8H8l-3.5 3v-3h-2V3Z",
  copy: "M5.5 5.5h8v8h-8v-8Zm-3 5v-8h8",
  cross: "m4 4 8 8m0-8-8 8",
  download: "M8 2v8m-3-3 3 3 3-3M2.5 13.5h11",
  edit: "m3 13 .6-3L11 2.6 13.4 5 6 12.4 3 13Z",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  film: "M2 3h12v10H2V3Zm3 0v10m6-10v10M2 6.3h3m-3 3.4h3m6-3.4h3m-3 3.4h3",
  grid: "M2.5 2.5h4.5V7H2.5V2.5Zm6.5 0h4.5V7H9V2.5ZM2.5 9h4.5v4.5H2.5V9ZM9 9h4.5v4.5H9V9Z",
  list: "M2.5 4h11m-11 4h11m-11 4h11",
  loop: "M11.5 1.5 14 4l-2.5 2.5M14 4H5a3 3 0 0 0-3 3v1m2.5 6.5L2 12l2.5-2.5M2 12h9a3 3 0 0 0 3-3V8",
  outline: "M8 2.5c3.5 0 5.5 2.3 5.5 5.3S11 13.5 8 13.5 2.5 11 2.5 8.2 4.5 2.5 8 2.5Z",
  pause: "M5 3v10m6-10v10",
  play: "m4.5 2.5 8.5 5.5-8.5 5.5v-11Z",
  plus: "M8 3v10M3 8h10",
  retry: "M13.5 8a5.5 5.5 0 1 1-1.8-4.1M13.5 1.5V5H10",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.5-1.5 3.5 3.5",
  step_back: "m11 3-5 5 5 5M4.5 3v10",
  step_forward: "m5 3 5 5-5 5M11.5 3v10",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2m-6 0 .7 9h6.6l.7-9",
  upload: "M8 10.5V2.5m-3 3 3-3 3 3M2.5 13.5h11",
  users: "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.8a2.5 2.5 0 0 1 0 4.4m1.5 2.6c1.6.6 2.5 1.9 2.5 3.7",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * A new icon; it says nothing to a screen reader, so the button around it needs a label.
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", "stroke-width": "1.5", "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
