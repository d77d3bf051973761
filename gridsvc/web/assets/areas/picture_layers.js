/** How areas and drafts are drawn. */

import { page } from "../imports/words.js";
import { kindOf } from "./say.js";

const INK = "#3d5266";
const CHOSEN = "#d97706";
const POINTED = "#0b5cad";
const AFTER = "#00855f";
const ENDS = "#c8320a";
const NEAR = 16;
const FONTS = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];

/**
 * @param {string} kind
 * @param {number} minzoom
 */
export function areaLayers(kind, minzoom) {
  const own = { "source-layer": "areas", minzoom };
  const none = ["==", ["get", "code"], ""];
  return [
    { id: "desk-areas-fill", type: "fill", ...own, paint: { "fill-color": "#3f7fc0", "fill-opacity": 0.1 } },
    { id: "desk-chosen-fill", type: "fill", ...own, filter: none, paint: { "fill-color": CHOSEN, "fill-opacity": 0.35 } },
    { id: "desk-areas-lines", type: "line", ...own, paint: { "line-color": INK, "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.6, 16, 1.6] } },
    { id: "desk-chosen-lines", type: "line", ...own, filter: none, paint: { "line-color": CHOSEN, "line-width": 2.5 } },
    { id: "desk-pointed", type: "line", ...own, filter: none, paint: { "line-color": POINTED, "line-width": 4 } },
    { id: "desk-areas-names", type: "symbol", ...own, layout: naming(kind), paint: ink(INK) },
  ];
}

/** @param {string} kind */
export function draftLayers(kind) {
  const own = { "source-layer": "draft" };
  const side = (name) => ["all", ["==", ["get", "kind"], kind], ["==", ["get", "side"], name]];
  return [
    { id: "desk-after-fill", type: "fill", ...own, filter: side("after"), paint: { "fill-color": AFTER, "fill-opacity": 0.22 } },
    { id: "desk-ends-fill", type: "fill", ...own, filter: side("ends"), paint: { "fill-pattern": "hatch" } },
    { id: "desk-ends-lines", type: "line", ...own, filter: side("ends"), paint: { "line-color": ENDS, "line-width": 1.2, "line-dasharray": [3, 2] } },
    { id: "desk-after-lines", type: "line", ...own, filter: side("after"), paint: { "line-color": AFTER, "line-width": 2.6 } },
    { id: "desk-before-lines", type: "line", ...own, filter: side("before"), paint: { "line-color": "#17212b", "line-width": 1.2, "line-dasharray": [4, 3] } },
    { id: "desk-after-names", type: "symbol", ...own, filter: side("after"), layout: naming(kind), paint: ink("#005c42") },
  ];
}

/**
 * By name; from afar, codes that begin with the code of the area above by what is their own.
 * @param {string} kind
 */
function naming(kind) {
  const called = page.lang === "zh" ? ["get", "name_zh"] : ["coalesce", ["get", "name_en"], ["get", "name_zh"]];
  const digits = { unit_grid: -3, unit_grid_14: -2 }[kindOf(kind)?.code_scheme];
  const short = digits ? ["slice", ["get", "code"], digits] : ["get", "code"];
  const whole = ["case", ["any", ["==", called, ["get", "code"]], ["==", called, ""]], short, called];
  return {
    "text-field": digits ? ["step", ["zoom"], short, NEAR, whole] : whole,
    "text-font": FONTS,
    "text-size": digits ? ["step", ["zoom"], 10.5, NEAR, 12.5] : 12.5,
    "text-max-width": 8,
    "text-padding": digits ? 1 : 6,
  };
}

/** @param {string} color */
function ink(color) {
  return { "text-color": color, "text-halo-color": "#fff", "text-halo-width": 1.6 };
}

/** Red stripes. */
export function hatch() {
  const side = 20;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const brush = canvas.getContext("2d");
  brush.strokeStyle = "rgba(200, 50, 10, .55)";
  brush.lineWidth = 2.5;
  for (const shift of [-side, 0, side]) {
    brush.beginPath();
    brush.moveTo(shift, side);
    brush.lineTo(shift + side, 0);
    brush.stroke();
  }
  return brush.getImageData(0, 0, side, side);
}
