/** The rows of a batch on a map, asked for anew where the map is moved to; where they are many, counted in cells. */

import { address, ask } from "./api.js";
import { button, fill, h } from "./dom.js";
import { layersOf } from "./layers.js";
import { drawn, painted } from "./signs.js";
import { about, count, name, page, subclass, t } from "./words.js";

const CALM = 250;
const SIDE = 18;
const BLANK = { type: "FeatureCollection", features: [] };

/**
 * @param {number} id of the batch
 * @param {{by: "action" | "severity", signs: Record<string, import("./signs.js").Sign>, group: string, order: string[], totals: Record<string, number>}} given
 *   `by`: the property that decides how a row looks; `group`: where its values have their names
 * @returns {{node: HTMLElement, pick: (geometry: any) => void}}
 */
export function preview(id, { by, signs, group, order, totals }) {
  const place = h("div", { class: "map" });
  const state = h("p", { class: "map-state", role: "status" });
  const seen = { hidden: new Set(), repaint: () => undefined };
  const node = h("div", { class: "preview" }, h("div", { class: "map-frame" }, place, state), legend(signs, group, order, totals, seen));
  const opened = open(place, state, id, by, signs, group, seen);
  opened.catch(() => fill(place, h("p", { class: "no-map" }, t("no_map"))));
  return { node, pick: (geometry) => opened.then((map) => map.pick(geometry)).catch(() => undefined) };
}

/**
 * What of the rows is seen.
 * @typedef {object} Seen
 * @property {Set<string>} hidden looks that are not drawn
 * @property {() => void} repaint
 */

/**
 * Each sign with what it means; pressed, it takes its rows off the map and puts them there again.
 * @param {Record<string, import("./signs.js").Sign>} signs
 * @param {string} group
 * @param {string[]} order
 * @param {Record<string, number>} totals
 * @param {Seen} seen
 */
function legend(signs, group, order, totals, seen) {
  const keys = order.filter((key) => totals[key] !== undefined);
  const flip = (key, press) => {
    if (!seen.hidden.delete(key)) seen.hidden.add(key);
    press.setAttribute("aria-pressed", String(!seen.hidden.has(key)));
    seen.repaint();
  };
  const line = (key, number) => {
    const words = [drawn(signs[key]), h("span", {}, name(group, key)), number];
    const press = button(words, () => flip(key, press), "", { "aria-pressed": "true", title: t("legend_press") });
    return h("li", {}, press);
  };
  const lines = keys.map((key) => line(key, h("strong", {}, count(totals[key]))));
  if (signs.none) lines.push(line("none", null));
  return h("ul", { class: "legend", "aria-label": t("legend") }, lines);
}

/** Fetches the map only where one is shown; it must be in the page by then, or it had no size. */
async function open(place, state, id, by, signs, group, seen) {
  const { createMap } = await import("../map.js");
  const { Popup } = await import("../vendor/maplibre-gl/maplibre-gl.mjs");
  const words = { map: t("map"), zoom_in: t("zoom_in"), zoom_out: t("zoom_out") };
  const map = createMap(place, { ground: page.city.ground, lang: page.lang, words });
  await map.ready;
  const { view } = map;
  view.addSource("rows", { type: "geojson", data: BLANK });
  for (const [key, sign] of Object.entries(signs)) view.addImage(key, painted(sign, SIDE), { pixelRatio: 2 });
  const names = view.getStyle().layers.find((layer) => layer.id.endsWith("-names"))?.id ?? "picked-lines";
  for (const layer of layersOf(signs)) view.addLayer(layer, layer.id.startsWith("cells") ? "picked-lines" : names);
  listen(view, Popup, group, by);
  load(view, state, id, by, signs, seen);
  return map;
}

/** Keeps the rows those of what is seen; a question that is overtaken is dropped. */
function load(view, state, id, by, signs, seen) {
  let timer = 0;
  let found = BLANK;
  seen.repaint = () => view.getSource("rows").setData(ranked(found, by, signs, seen.hidden));
  let stop = new AbortController();
  const renew = async () => {
    stop.abort();
    stop = new AbortController();
    const { signal } = stop;
    const box = view.getBounds().toArray().flat().map((degrees) => degrees.toFixed(6)).join(",");
    const query = { bbox: box, zoom: Math.round(view.getZoom()), rows: by === "severity" ? "true" : "" };
    try {
      found = await ask(address(`/${id}/features`, query), { signal });
      seen.repaint();
      fill(state, found.cells ? t("in_cells") : "");
    } catch (error) {
      if (error.name !== "AbortError") fill(state, error.message);
    }
  };
  view.on("moveend", () => {
    clearTimeout(timer);
    timer = setTimeout(renew, CALM);
  });
  renew();
}

/**
 * Gives each row its look and each cell that of what matters most in it.
 * @param {any} found
 * @param {string} by
 * @param {Record<string, any>} signs
 * @param {Set<string>} hidden
 */
function ranked(found, by, signs, hidden) {
  const order = Object.keys(signs);
  const features = found.features.flatMap((one) => {
    const { counts, ...rest } = one.properties;
    const look = counts ? order.findLast((key) => counts[key] && !hidden.has(key)) : (rest[by] ?? order[0]);
    if (counts && !look && hidden.size === 0) return labelled(one, rest, order, order[0], counts, rest.count);
    if (!look || hidden.has(look)) return [];
    if (!counts) return { ...one, properties: { ...rest, look, rank: order.indexOf(look), cell: false } };
    const left = hidden.size ? order.reduce((sum, key) => sum + (hidden.has(key) ? 0 : (counts[key] ?? 0)), 0) : rest.count;
    return labelled(one, rest, order, look, counts, left);
  });
  return { type: "FeatureCollection", features };
}

/** A cell with how many rows it stands for, and how many of what matters most. */
function labelled(one, rest, order, look, counts, total) {
  const worst = look === order[0] ? "" : about(counts[look]);
  return { ...one, properties: { ...rest, look, rank: order.indexOf(look), cell: true, label: about(total), worst } };
}

/** Pressing a cell goes nearer, pressing a row tells of it. */
function listen(view, Popup, group, by) {
  const layers = ["cells", "points", "areas"];
  view.on("click", (event) => {
    const [hit] = view.queryRenderedFeatures(event.point, { layers });
    if (!hit) return;
    if (hit.properties.cell) {
      view.easeTo({ center: hit.geometry.coordinates, zoom: view.getZoom() + 2 });
      return;
    }
    new Popup({ maxWidth: "320px" }).setLngLat(event.lngLat).setDOMContent(card(hit.properties, group, by)).addTo(view);
  });
  for (const layer of layers) {
    view.on("mouseenter", layer, () => (view.getCanvas().style.cursor = "pointer"));
    view.on("mouseleave", layer, () => (view.getCanvas().style.cursor = ""));
  }
}

/**
 * @param {any} row
 * @param {string} group
 * @param {string} by
 */
function card(row, group, by) {
  const facts = [
    h("strong", {}, row.code || t("no_code")),
    row.subclass_code && h("div", {}, subclass(row.subclass_code)),
    h("div", {}, name(group, row[by] ?? "none")),
    row.feature && h("div", {}, t("feature_number", { number: row.feature })),
  ];
  return h("div", {}, facts);
}
