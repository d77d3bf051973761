/**
 * Maps of the city from the product's own files: borders of its areas as the ground, no text or tile of anybody else.
 *
 *   const map = createMap(container, { ground, lang: "zh", words });
 *   await map.ready;            // then `map.view` (a MapLibre map) takes sources and layers of the page
 *   map.fit([west, south, east, north]);
 *   map.pick(geometry);         // a GeoJSON geometry to be pointed at, or null
 *   map.close();
 *
 * Texts on it are drawn with fonts of the machine. Tiles are fetched by the page, with its session, for the file of the
 * map's workers is served under a policy that lets them ask for nothing.
 */

import { Map as View, NavigationControl, ScaleControl, addProtocol } from "/assets/vendor/maplibre-gl/maplibre-gl.mjs";

const FONTS = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];
const BLANK = { type: "FeatureCollection", features: [] };
const NOWHERE = [73, 18, 135, 54];
const LEAST_ZOOM_OF_TILES = 8;
const PICKED = "#0b5cad";

addProtocol("own", async ({ url }, stop) => {
  const answer = await fetch(url.slice("own://".length), { signal: stop.signal });
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return { data: await answer.arrayBuffer() };
});

/**
 * @typedef {object} Ground
 * @property {number[] | null} bounds west, south, east, north of the city; null before it has areas
 * @property {{kind: string, name: string, zoom: number}[]} kinds of area whose borders are drawn, the widest first
 */

/**
 * @param {HTMLElement} container
 * @param {{ground: Ground, lang: string, words: Record<string, string>, components?: boolean}} given
 *   `words`: `map`, `zoom_in`, `zoom_out`; `components`: draw live components too, from zoom 14 on
 */
export function createMap(container, { ground, lang, words, components = false }) {
  const view = new View({
    container,
    style: style(ground, lang, components),
    bounds: ground.bounds ?? NOWHERE,
    fitBoundsOptions: { padding: 24 },
    maxZoom: 21,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    localIdeographFontFamily: FONTS.join(","),
    locale: {
      "Map.Title": words.map,
      "NavigationControl.ZoomIn": words.zoom_in,
      "NavigationControl.ZoomOut": words.zoom_out,
    },
  });
  view.touchZoomRotate.disableRotation();
  view.addControl(new NavigationControl({ showCompass: false }), "top-right");
  view.addControl(new ScaleControl({ unit: "metric" }), "bottom-right");
  const ready = new Promise((resolve) => view.once("load", resolve));
  ready.then(() => addPicked(view));
  return { view, ready, fit: (bounds) => fit(view, bounds), pick: (geometry) => pick(view, geometry), close: () => view.remove() };
}

/**
 * @param {Ground} ground
 * @param {string} lang
 * @param {boolean} components
 */
function style(ground, lang, components) {
  const drawn = ground.kinds.map((kind, place) => borders(kind, place, lang));
  const sources = Object.fromEntries(drawn.map((each) => [each.id, each.source]));
  const layers = [{ id: "ground", type: "background", paint: { "background-color": "#f3f5f7" } }];
  layers.push(...drawn.flatMap((each) => each.lines).reverse());
  if (components) {
    sources.components = tiles("components", 14);
    layers.push(...componentLayers());
  }
  layers.push(...drawn.flatMap((each) => each.names));
  return { version: 8, sources, layers };
}

/**
 * @param {string} path
 * @param {number} minzoom
 */
function tiles(path, minzoom) {
  return { type: "vector", tiles: [`own:///tiles/${path}/{z}/{x}/{y}.mvt`], minzoom, maxzoom: 18 };
}

/**
 * @param {{kind: string, zoom: number}} kind
 * @param {number} place 0 for the widest kind
 * @param {string} lang
 */
function borders(kind, place, lang) {
  const id = `areas-${kind.kind}`;
  const own = { source: id, "source-layer": "areas", minzoom: kind.zoom };
  const paint = { "line-color": place === 0 ? "#7c8a98" : place === 1 ? "#a9b4bf" : "#cdd5dc", "line-width": place === 0 ? 1.8 : place === 1 ? 1.1 : 0.7 };
  const naming = {
    "text-field": lang === "zh" ? ["get", "name_zh"] : ["coalesce", ["get", "name_en"], ["get", "name_zh"]],
    "text-font": FONTS,
    "text-size": place === 0 ? 14 : 12,
    "text-max-width": 9,
    "text-padding": 12,
  };
  const halo = { "text-color": "#5d6a77", "text-halo-color": "#f3f5f7", "text-halo-width": 1.5 };
  const names = place > 1 ? [] : [{ id: `${id}-names`, type: "symbol", ...own, layout: naming, paint: halo }];
  return {
    id,
    source: tiles(`areas/${kind.kind}`, Math.max(LEAST_ZOOM_OF_TILES, Math.floor(kind.zoom))),
    lines: [{ id: `${id}-lines`, type: "line", ...own, paint }],
    names,
  };
}

function componentLayers() {
  const own = { source: "components", "source-layer": "components" };
  return [
    { id: "components-lines", type: "line", ...own, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "#6b7a89", "line-width": 1.5 } },
    { id: "components-points", type: "circle", ...own, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": "#6b7a89", "circle-radius": 3.5, "circle-stroke-color": "#fff", "circle-stroke-width": 1 } },
  ];
}

/** What is pointed at lies on top of everything. */
function addPicked(view) {
  view.addSource("picked", { type: "geojson", data: BLANK });
  const own = { source: "picked" };
  view.addLayer({ id: "picked-lines", type: "line", ...own, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": PICKED, "line-width": 3.5 } });
  view.addLayer({ id: "picked-ring", type: "circle", ...own, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": "transparent", "circle-radius": 13, "circle-stroke-color": PICKED, "circle-stroke-width": 3 } });
}

/**
 * @param {any} view
 * @param {number[]} bounds west, south, east, north
 */
function fit(view, bounds) {
  view.fitBounds([bounds.slice(0, 2), bounds.slice(2)], { padding: 48, maxZoom: 18, duration: 600 });
}

/**
 * @param {any} view
 * @param {any} geometry
 */
function pick(view, geometry) {
  view.getSource("picked")?.setData(geometry ? { type: "Feature", properties: {}, geometry } : BLANK);
  if (geometry) fit(view, boundsOf(geometry));
}

/**
 * West, south, east and north of a GeoJSON geometry.
 * @param {any} geometry
 * @returns {number[]}
 */
export function boundsOf(geometry) {
  const found = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (part) => {
    if (typeof part[0] !== "number") return part.forEach(visit);
    for (const axis of [0, 1]) {
      found[axis] = Math.min(found[axis], part[axis]);
      found[axis + 2] = Math.max(found[axis + 2], part[axis]);
    }
  };
  for (const one of geometry.geometries ?? [geometry]) visit(one.coordinates);
  return found;
}
