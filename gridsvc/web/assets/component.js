/** The map of the form of a component: the place is set by a click or by dragging, and typed coordinates are shown. */

import { Marker } from "/assets/vendor/maplibre-gl/maplibre-gl.mjs";
import { boundsOf, createMap } from "/assets/map.js";

const DIGITS = 9;
const NEAR = 0.0008;
const COLOUR = "#a31c13";
const TYPES = ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"];
const BLANK = { type: "FeatureCollection", features: [] };

/** @type {any} */
const page = JSON.parse(document.getElementById("given").textContent);
/** @type {any} */
const { lon, lat, system, shape } = document.getElementById("component").elements;

const map = createMap(document.getElementById("map"), { ground: page.ground, lang: page.lang, words: page.words, components: true });
const { view } = map;
const mark = new Marker({ color: COLOUR, draggable: true });
mark.on("dragend", () => put(mark.getLngLat()));
map.ready.then(begin);

function begin() {
  view.addSource("edited", { type: "geojson", data: BLANK });
  view.addLayer({ id: "edited-fill", type: "fill", source: "edited", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": COLOUR, "fill-opacity": 0.2 } });
  view.addLayer({ id: "edited-lines", type: "line", source: "edited", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": COLOUR, "line-width": 4 } });
  view.addLayer({ id: "edited-points", type: "circle", source: "edited", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": COLOUR, "circle-radius": 7 } });
  for (const layer of ["edited-fill", "edited-lines", "edited-points"]) {
    view.on("mousedown", layer, carry);
    view.on("touchstart", layer, carry);
  }
  view.on("click", (event) => typedShape() === null && put(event.lngLat));
  for (const field of [lon, lat, system, shape]) field.addEventListener("input", show);
  show();
  look();
  document.getElementById("map").dataset.ready = "yes";
}

/** What the text says, if it is a GeoJSON geometry in degrees that can be drawn; null if there is no text. */
function typedShape() {
  if (shape.value.trim() === "") return null;
  try {
    const found = JSON.parse(shape.value);
    const geometry = found.geometry ?? found;
    return TYPES.includes(geometry.type) && system.value === "wgs84" && boundsOf(geometry).every(Number.isFinite) ? geometry : undefined;
  } catch {
    return undefined;
  }
}

/** The place as numbers, if it is typed in degrees. */
function typedPlace() {
  const [east, north] = [lon, lat].map((field) => (field.value.trim() === "" ? NaN : Number(field.value)));
  const fine = system.value === "wgs84" && Math.abs(east) <= 180 && Math.abs(north) <= 90;
  return fine && shape.value.trim() === "" ? [east, north] : null;
}

/** Draws what is filled in; what is written in another system stands nowhere until it is saved. */
function show() {
  const geometry = typedShape();
  view.getSource("edited").setData(geometry ? { type: "Feature", properties: {}, geometry } : BLANK);
  const place = typedPlace();
  if (place) mark.setLngLat(place).addTo(view);
  else mark.remove();
}

/** Goes to what is filled in, or to the component as it is. */
function look() {
  const place = typedPlace();
  const geometry = typedShape() ?? (place ? { type: "Point", coordinates: place } : page.geometry);
  if (!geometry) return;
  const [west, south, east, north] = boundsOf(geometry);
  view.fitBounds([[west - NEAR, south - NEAR], [east + NEAR, north + NEAR]], { animate: false, padding: 30, maxZoom: 18 });
}

/** @param {{lng: number, lat: number}} at */
function put(at) {
  system.value = "wgs84";
  lon.value = written(at.lng);
  lat.value = written(at.lat);
  show();
}

/**
 * Carries a line or polygon along with the pointer, until it is let go.
 * @param {any} event
 */
function carry(event) {
  const geometry = typedShape();
  if (!geometry || event.points?.length > 1) return;
  event.preventDefault();
  const [moving, ending] = event.type === "mousedown" ? ["mousemove", "mouseup"] : ["touchmove", "touchend"];
  const begun = event.lngLat;
  const follow = (to) => {
    const moved = shifted(geometry, begun, to.lngLat);
    shape.value = JSON.stringify(moved);
    show();
  };
  view.on(moving, follow);
  view.once(ending, () => view.off(moving, follow));
}

/**
 * The geometry at another place, its sides as long as before: degrees of longitude are shorter farther north.
 * @param {any} geometry
 * @param {{lng: number, lat: number}} from
 * @param {{lng: number, lat: number}} to
 */
function shifted(geometry, from, to) {
  const stretch = Math.cos((from.lat * Math.PI) / 180) / Math.cos((to.lat * Math.PI) / 180);
  const move = (part) => {
    if (typeof part[0] !== "number") return part.map(move);
    return [to.lng + (part[0] - from.lng) * stretch, part[1] + to.lat - from.lat].map((degrees) => Number(written(degrees)));
  };
  return { type: geometry.type, coordinates: move(geometry.coordinates) };
}

/** @param {number} degrees */
function written(degrees) {
  return degrees.toFixed(DIGITS).replace(/0+$/, "").replace(/\.$/, "");
}
