/** How states look: a colour that everybody can tell apart, and a shape of its own. Drawn the same on map and legend. */

const BOX = 24;
const CIRCLE = "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16z";
const DOT = "M12 7.500a4.500 4.500 0 1 0 0 9a4.500 4.500 0 1 0 0-9z";
const PLUS = "M9 3h6v6h6v6h-6v6h-6v-6h-6v-6h6z";
const TRIANGLE = "M12 2.500L22 20.500H2z";
const CROSS = "M6.500 2.500L12 8l5.500-5.500l4 4L16 12l5.500 5.500l-4 4L12 16l-5.500 5.500l-4-4L8 12L2.500 6.500z";
const DIAMOND = "M12 1.500L22.500 12L12 22.500L1.500 12z";
const SQUARE = "M4.500 4.500h15v15h-15z";

/**
 * @typedef {object} Sign
 * @property {string} color
 * @property {string} d path in a box of 24
 * @property {number[]} dash of lines, in widths
 */

/** @type {Record<string, Sign>} what promoting does, the one that matters most last */
export const ACTIONS = {
  unchanged: { color: "#7d8894", d: DOT, dash: [1] },
  added: { color: "#009e73", d: PLUS, dash: [1] },
  changed: { color: "#e69f00", d: TRIANGLE, dash: [4, 1.5] },
  gone: { color: "#c8420a", d: CROSS, dash: [1, 1.5] },
  retired: { color: "#c8420a", d: CROSS, dash: [1, 1.5] },
  ambiguous: { color: "#b0508f", d: DIAMOND, dash: [4, 1.5, 1, 1.5] },
  rejected: { color: "#1b1f24", d: SQUARE, dash: [2, 1] },
};

/** @type {Record<string, Sign>} what the checks found, the worst last */
export const SEVERITIES = {
  none: { color: "#7d8894", d: DOT, dash: [1] },
  note: { color: "#56a0d3", d: CIRCLE, dash: [4, 1.5] },
  repaired: { color: "#0072b2", d: SQUARE, dash: [2, 1] },
  warning: { color: "#e69f00", d: TRIANGLE, dash: [4, 1.5, 1, 1.5] },
  error: { color: "#c8420a", d: CROSS, dash: [1, 1.5] },
};

/**
 * For a legend.
 * @param {Sign} sign
 */
export function drawn({ color, d }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${BOX} ${BOX}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "sign");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", d);
  path.setAttribute("fill", color);
  svg.append(path);
  return svg;
}

/**
 * For a map: pixels at twice the size.
 * @param {Sign} sign
 * @param {number} side in pixels of the screen
 */
export function painted({ color, d }, side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side * 2;
  const brush = canvas.getContext("2d");
  const scale = (side * 2) / (BOX + 4);
  brush.setTransform(scale, 0, 0, scale, 2 * scale, 2 * scale);
  const path = new Path2D(d);
  brush.lineJoin = "round";
  brush.lineWidth = 3.5;
  brush.strokeStyle = "#fff";
  brush.stroke(path);
  brush.fillStyle = color;
  brush.fill(path);
  return brush.getImageData(0, 0, canvas.width, canvas.height);
}
