import { icon } from "../ui/icons.js";

/** Icons of the tools and acts that only the workspace has, on the same 16 x 16 grid. */

const PATHS = {
  point: "M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  frame_box: "M2.5 4.5h11v7h-11v-7Zm-1 0h2m-1-1v2m10-1h2m-1-1v2m-11 5h2m-1-1v2m10-1h2m-1-1v2",
  brush: "M13.5 2.5 7 9l-1.5-1.5 6.5-6.5M5.8 8.2C3.5 8 3 10 3 11.5c0 1-.7 1.7-1.5 2C4 14.500 7.500 14 7.500 10",
  eraser: "m6 13.500-3.500-3.500L9.500 3 14 7.500l-6 6H6Zm-.5-6.500L10 11.500M6 13.500h8",
  hand: "M5 8.500V3.800a1 1 0 0 1 2 0V7.500m0-1V2.800a1 1 0 0 1 2 0V7.500m0-.8V3.600a1 1 0 0 1 2 0V8m0-2a1 1 0 0 1 2 0v3.500c0 2.800-1.700 4.700-4.500 4.700-2.200 0-3.200-1-4.200-2.800L2.500 9.200a1 1 0 0 1 1.700-1L5 9.500",
  eye_off: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM2.500 13.500l11-11",
  undo: "M3 6h6.500a3.500 3.500 0 0 1 0 7H6M5.500 3 2.500 6l3 3",
  redo: "M13 6H6.500a3.500 3.500 0 0 0 0 7H10m.500-10 3 3-3 3",
  first: "M3.500 3v10M12.500 3 6.500 8l6 5V3Z",
  last: "M12.500 3v10M3.500 3l6 5-6 5V3Z",
  back_ten: "M8 3 3 8l5 5m5-10L8 8l5 5",
  on_ten: "m8 3 5 5-5 5M3 3l5 5-5 5",
  human_back: "M9.500 3 4.500 8l5 5M12.500 6.500 14 8l-1.500 1.500L11 8l1.500-1.500Z",
  human_on: "m6.500 3 5 5-5 5M3.500 6.500 5 8 3.500 9.500 2 8l1.500-1.500Z",
  forward: "M2 8h11m-4-4 4 4-4 4",
  backward: "M14 8H3m4-4L3 8l4 4",
  both: "M1.500 8h13M5 4.500 1.500 8 5 11.500m6-7L14.500 8 11 11.500",
  stop: "M4 4h8v8H4V4Z",
  lock: "M4 7.500h8v6H4v-6Zm1.500 0V5a2.500 2.500 0 0 1 5 0v2.500",
  absent: "M8 13.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11ZM4.200 11.800l7.600-7.600",
  clear: "M3 4h10M5 4l.6 9h4.800L11 4M6.500 7l3 3m0-3-3 3",
  keyboard: "M1.500 4h13v8h-13V4Zm2.500 2.500h.1m2.600 0h.1m2.600 0h.1m2.500 0h.1M4.500 9.500h7",
  fit: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10",
  send: "M14 2 7 9m7-7-4.500 12L7 9 2 6.500 14 2Z",
  palette: "M8 2a6 6 0 1 0 0 12c1.200 0 1.500-.8 1-1.600-.5-1 .2-1.900 1.200-1.900H12c1.500 0 2-1 2-2.500C14 4.500 11.500 2 8 2ZM5 8h.1M6.500 5h.1m3.400 0h.1",
};

/** @typedef {keyof typeof PATHS} ToolIcon */

/** @param {ToolIcon} name */
export function toolIcon(name) {
  const svg = icon("plus");
  svg.firstElementChild?.setAttribute("d", PATHS[name]);
  return svg;
}
