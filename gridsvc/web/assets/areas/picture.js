/** The map of the desk: areas of a kind at a time, which of them are chosen, and what a draft does to them. */

import { h, fill, button } from "../imports/dom.js";
import { page, t } from "../imports/words.js";
import { areaLayers, draftLayers, hatch } from "./picture_layers.js";
import { kindOf } from "./say.js";

const CROWDED = [[800, 8], [5_000, 12], [Infinity, 13]];
const MOST_ZOOM = 18;

/**
 * @typedef {object} Picture
 * @property {HTMLElement} node
 * @property {(kind: string, when: Record<string, any>, stamp: number) => void} areas shows areas of a kind at a time
 * @property {(draft: {id: number, kind: string} | null) => void} draft shows what a draft does, or no draft
 * @property {(codes: string[]) => void} choose
 * @property {(code: string) => void} point at an area; an empty code: at none
 * @property {(box: number[] | null) => void} fit
 * @property {(geometry: any) => void} pick
 */

/**
 * @param {{onarea: (code: string, several: boolean, names: any) => void}} given what pressing an area does
 * @returns {Picture}
 */
export function picture({ onarea }) {
  const place = h("div", { class: "map" });
  const state = h("p", { class: "map-state", role: "status" });
  const legend = h("ul", { class: "legend", "aria-label": t("legend") });
  const node = h("div", { class: "preview" }, h("div", { class: "map-frame" }, place, state), legend);
  const seen = { areas: null, draft: null, chosen: [], pointed: "", several: false };
  let several = null;
  const flip = () => {
    seen.several = !seen.several;
    several.setAttribute("aria-pressed", String(seen.several));
  };
  several = button(t("choose_several"), flip, "quiet small several", { "aria-pressed": "false", title: t("choose_several_how") });
  node.firstChild.append(several);
  const opened = new Promise((resolve) => requestAnimationFrame(() => resolve(open(place, state, seen, onarea))));
  opened.catch(() => fill(place, h("p", { class: "no-map" }, t("no_map"))));
  const soon = (deed) => opened.then(deed).catch(() => undefined);
  const paint = () => soon((map) => repaint(map, seen));
  return {
    node,
    areas(kind, when, stamp) {
      seen.areas = { kind, when, stamp };
      soon((map) => replaceAreas(map, seen));
    },
    draft(draft) {
      seen.draft = draft;
      several.hidden = draft !== null;
      fill(legend, draft ? signs() : []);
      soon((map) => replaceDraft(map, seen));
    },
    choose(codes) {
      seen.chosen = codes;
      paint();
    },
    point(code) {
      seen.pointed = code;
      paint();
    },
    fit: (box) => void (box && soon((map) => map.fit(box))),
    pick: (geometry) => void soon((map) => map.pick(geometry)),
  };
}

/** Fetches the map once the page has a place for it. */
async function open(place, state, seen, onarea) {
  const { createMap } = await import("../map.js");
  const words = { map: t("map"), zoom_in: t("zoom_in"), zoom_out: t("zoom_out") };
  const map = createMap(place, { ground: page.city.ground, lang: page.lang, words });
  await map.ready;
  const { view } = map;
  view.addImage("hatch", hatch(), { pixelRatio: 2 });
  view.boxZoom.disable(); // or pressing with Shift were lost
  view.on("click", (event) => press(view, event, seen, onarea));
  view.on("mousemove", (event) => (view.getCanvas().style.cursor = hit(view, event.point, seen) ? "pointer" : ""));
  view.on("zoom", () => near(view, state, seen));
  view.on("idle", () => {
    if (seen.areas) place.dataset.ready = "yes";
    near(view, state, seen);
  });
  view.on("error", (event) => fill(state, event.error?.message?.startsWith("401") ? t("signed_out") : t("map_lacks")));
  return map;
}

/** Says that areas are drawn only from nearer. */
function near(view, state, seen) {
  const far = !seen.draft && seen.areas && view.getZoom() < leastZoom(seen.areas.kind);
  fill(state, far ? t("zoom_nearer") : "");
}

/** @param {string} kind */
function leastZoom(kind) {
  const number = kindOf(kind)?.areas ?? 0;
  return CROWDED.find(([most]) => number <= most)[1];
}

function hit(view, point, seen) {
  const layers = ["desk-areas-fill"].filter((layer) => !seen.draft && view.getLayer(layer));
  return layers.length ? view.queryRenderedFeatures(point, { layers })[0] : undefined;
}

function press(view, event, seen, onarea) {
  const found = hit(view, event.point, seen);
  if (!found) return;
  const { shiftKey, ctrlKey, metaKey } = event.originalEvent;
  onarea(found.properties.code, seen.several || shiftKey || ctrlKey || metaKey, found.properties);
}

function replaceAreas({ view }, seen) {
  const { kind, when, stamp } = seen.areas;
  const query = new URLSearchParams(Object.entries({ ...when, v: stamp }).map(([key, value]) => [key, String(value)]));
  const minzoom = leastZoom(kind);
  if (kindOf(kind)?.areas) replace(view, "desk-areas", `areas/${kind}`, query, minzoom, areaLayers(kind, minzoom));
  else remove(view, "desk-areas"); // there are no tiles of a kind that has no areas
  for (const { kind: other } of page.city.ground.kinds) renewGround(view, other, query, other !== kind);
  repaint({ view }, seen);
}

/** Borders of the other kinds are those of the same time; their names would stand between those of the areas. */
function renewGround(view, kind, query, shown) {
  view.getSource(`areas-${kind}`).setTiles([`own:///tiles/areas/${kind}/{z}/{x}/{y}.mvt?${query}`]);
  view.setLayoutProperty(`areas-${kind}-lines`, "visibility", shown ? "visible" : "none");
  if (view.getLayer(`areas-${kind}-names`)) view.setLayoutProperty(`areas-${kind}-names`, "visibility", "none");
}

function replaceDraft({ view }, seen) {
  if (seen.draft) replace(view, "desk-draft", `drafts/${seen.draft.id}`, new URLSearchParams(), 8, draftLayers(seen.draft.kind));
  else remove(view, "desk-draft");
  repaint({ view }, seen);
}

function replace(view, id, path, query, minzoom, layers) {
  remove(view, id);
  const tiles = [`own:///tiles/${path}/{z}/{x}/{y}.mvt?${query}`];
  view.addSource(id, { type: "vector", tiles, minzoom, maxzoom: MOST_ZOOM });
  for (const layer of layers) view.addLayer({ ...layer, source: id }, "picked-lines");
}

function remove(view, id) {
  for (const { id: layer } of view.getStyle().layers.filter((one) => one.source === id)) view.removeLayer(layer);
  if (view.getSource(id)) view.removeSource(id);
}

/** What is chosen and pointed at; under a draft areas are no more than a ground. */
function repaint({ view }, seen) {
  if (!view.getLayer("desk-areas-fill")) return;
  const chosen = ["in", ["get", "code"], ["literal", seen.draft ? [] : seen.chosen]];
  for (const layer of ["desk-chosen-fill", "desk-chosen-lines"]) view.setFilter(layer, chosen);
  view.setFilter("desk-pointed", ["==", ["get", "code"], seen.draft ? "" : seen.pointed]);
  view.setPaintProperty("desk-areas-fill", "fill-opacity", seen.draft ? 0 : 0.1);
  view.setPaintProperty("desk-areas-lines", "line-opacity", seen.draft ? 0.3 : 1);
  view.setLayoutProperty("desk-areas-names", "visibility", seen.draft ? "none" : "visible");
}

function signs() {
  return ["before", "after", "ends"].map((side) => h("li", {}, h("span", { class: `swatch ${side}` }), h("span", {}, t(`side_${side}`))));
}
