/** Layers of MapLibre for rows: areas, lines, points and cells, each state by colour and shape. */

const FONTS = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];
const SMALL = { "font-scale": 0.85 };
const LABEL = ["case", ["==", ["get", "worst"], ""], ["format", ["get", "label"], {}], ["format", ["get", "label"], {}, "\n", {}, ["image", ["get", "look"]], {}, ["get", "worst"], SMALL]];
const ROW = ["!", ["get", "cell"]];

/** @param {Record<string, import("./signs.js").Sign>} signs */
export function layersOf(signs) {
  const color = ["match", ["get", "look"], ...Object.entries(signs).flatMap(([key, sign]) => [key, sign.color]), "#7d8894"];
  return [areas(color), ...Object.entries(signs).map(([key, sign]) => lines(key, sign)), points(), ...cells(color)];
}

/** @param {any} color */
function areas(color) {
  return { id: "areas", type: "fill", source: "rows", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": color, "fill-opacity": 0.22 } };
}

/**
 * A layer for each state, since the dashes of one are the same for all of it.
 * @param {string} key
 * @param {import("./signs.js").Sign} sign
 */
function lines(key, sign) {
  const filter = ["all", ["!=", ["geometry-type"], "Point"], ["==", ["get", "look"], key]];
  return { id: `lines-${key}`, type: "line", source: "rows", filter, paint: { "line-color": sign.color, "line-width": 2, "line-dasharray": sign.dash } };
}

function points() {
  return {
    id: "points",
    type: "symbol",
    source: "rows",
    filter: ["all", ["==", ["geometry-type"], "Point"], ROW],
    layout: {
      "icon-image": ["get", "look"],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.55, 17, 1],
      "symbol-sort-key": ["get", "rank"],
    },
  };
}

/**
 * The ring and the sign below the figure are those of what matters most in a cell.
 * @param {any} color
 */
function cells(color) {
  const own = { source: "rows", filter: ["get", "cell"] };
  const radius = ["interpolate", ["linear"], ["log10", ["max", 1, ["get", "count"]]], 0, 12, 2, 17, 5, 25];
  return [
    { id: "cells", type: "circle", ...own, paint: { "circle-color": "#fff", "circle-opacity": 0.92, "circle-radius": radius, "circle-stroke-color": color, "circle-stroke-width": 3 } },
    {
      id: "cells-labels",
      type: "symbol",
      ...own,
      layout: { "text-field": LABEL, "text-font": FONTS, "text-size": 12, "text-line-height": 1.1, "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": "#17212b", "text-halo-color": "#fff", "text-halo-width": 1.4 },
    },
  ];
}
