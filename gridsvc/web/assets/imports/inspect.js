/** Step 1: what is in the file, how its text is encoded, where it lies. */

import { coordinatesPanel } from "./coordinates.js";
import { button, choice, fill, h, tick } from "./dom.js";
import { chosenLayers, keep, photosOf, shapeTypes } from "./draft.js";
import { encodingPanel } from "./encoding.js";
import { table } from "./table.js";
import { count, jointed, name, page, subclass, t } from "./words.js";

/** @param {import("./batch.js").Desk} desk */
export function render(desk) {
  const { inspection } = desk.batch;
  if (!inspection?.layers) return h("section", { class: "panel" }, h("p", {}, t("not_inspected")));
  const place = h("div", { class: "stacked" });
  const paint = () => {
    keep(desk.id, desk.draft);
    fill(place, details(desk, paint));
  };
  fill(place, details(desk, paint));
  return [notes(desk.batch), layersPanel(desk, paint), place];
}

/**
 * @param {import("./batch.js").Desk} desk
 * @param {() => void} paint
 */
function details(desk, paint) {
  const layers = chosenLayers(desk);
  if (!layers.length) return h("section", { class: "panel" }, h("p", { class: "note" }, t("choose_layers")));
  const wrong = missing(desk, layers);
  return [
    h("div", { class: "panels" }, encodingPanel(desk, layers, paint), coordinatesPanel(desk, layers, paint)),
    fieldsPanel(layers),
    desk.open && h(
      "div",
      { class: "onward" },
      wrong && h("p", { class: "note" }, wrong),
      button(t("next_map"), () => desk.go("map"), "", { disabled: Boolean(wrong) }),
    ),
  ];
}

/**
 * What has still to be said before the next step.
 * @param {import("./batch.js").Desk} desk
 * @param {any[]} layers
 */
export function missing({ draft }, layers) {
  if (!layers.length) return t("choose_layers");
  if (draft.crs === "" || (draft.crs === null && layers.some((layer) => !layer.whereabouts.proved))) return t("choose_crs");
  if (draft.coordinate_columns?.some((column) => !column)) return t("choose_columns");
  return "";
}

/** @param {any} batch */
function notes(batch) {
  const { inspection } = batch;
  const said = (inspection.notes ?? []).map((note) => h("li", {}, note[page.lang]));
  const photos = photosOf(batch);
  if (photos) said.push(h("li", {}, t("photos", { photos })));
  return said.length > 0 && h("section", { class: "panel notes" }, h("h2", {}, t("notes")), h("ul", {}, said));
}

/**
 * @param {import("./batch.js").Desk} desk
 * @param {() => void} paint
 */
function layersPanel(desk, paint) {
  const { layers, kind } = desk.batch.inspection;
  const several = layers.length > 1;
  const pick = (layer) => {
    const many = kind === "survey";
    const onchange = (checked) => {
      const others = many ? desk.draft.source_layers.filter((each) => each !== layer.name) : [];
      desk.draft.source_layers = checked ? [...others, layer.name] : others;
      paint();
    };
    const checked = desk.draft.source_layers.includes(layer.name);
    return tick({ type: many ? "checkbox" : "radio", name: "layer", checked, disabled: !desk.open, onchange }, titleOf(layer));
  };
  const rows = table(
    [
      { title: t("layer"), cell: (layer) => (several ? pick(layer) : jointed(layer.name)), look: "title" },
      { title: t("features"), cell: (layer) => count(layer.count), look: "num" },
      { title: t("shapes"), cell: (layer) => shapes(layer) },
      { title: t("columns"), cell: (layer) => count(layer.fields.length), look: "num" },
      { title: t("encoding"), cell: (layer) => layer.encoding?.chosen.toUpperCase() ?? "–", look: "nowrap" },
      { title: t("crs"), cell: (layer) => (layer.whereabouts.declared.name ? jointed(layer.whereabouts.declared.name) : t("crs_none")) },
    ],
    layers,
    { look: "layers" },
  );
  const total = layers.reduce((sum, layer) => sum + layer.count, 0);
  return h(
    "section",
    { class: "panel table" },
    h("div", { class: "bar" }, h("h2", {}, t("layers")), h("p", { class: "total" }, t("layers_total", { layers: layers.length, rows: total }))),
    h("div", { class: "scroll" }, rows),
  );
}

/**
 * A layer that is called by a subclass code, with the name of the subclass.
 * @param {any} layer
 */
function titleOf(layer) {
  const known = subclass(layer.name);
  return known === layer.name ? jointed(layer.name) : [layer.name, h("small", {}, known.slice(layer.name.length + 1))];
}

/** @param {any} layer */
function shapes(layer) {
  const types = shapeTypes(layer);
  return types.length ? types.map(([type, number]) => `${name("shapes", type)} ${count(number)}`).join(", ") : t("no_shapes");
}

/** @param {any[]} layers */
function fieldsPanel(layers) {
  const place = h("div", { class: "scroll" });
  const show = (chosen) => fill(place, columnsOf(layers.find((layer) => layer.name === chosen)));
  const names = layers.map((layer) => /** @type {[string, string]} */ ([layer.name, layer.name]));
  show(layers[0].name);
  return h(
    "section",
    { class: "panel table" },
    h("div", { class: "bar" }, h("h2", {}, t("columns_title")), layers.length > 1 && h("label", { class: "filter-one" }, h("span", { class: "unseen" }, t("layer")), choice(names, layers[0].name, show))),
    place,
  );
}

/** @param {any} layer */
function columnsOf(layer) {
  return table(
    [
      { title: t("column"), cell: (field) => h("code", {}, field.name), look: "title nowrap" },
      { title: t("type"), cell: (field) => `${name("types", field.type)}${field.width ? ` (${field.width})` : ""}`, look: "nowrap" },
      { title: t("empty"), cell: (field) => emptiness(field, layer.count), look: "num" },
      { title: t("examples"), cell: (field) => examples(field), look: "examples" },
    ],
    layer.fields,
    { look: "columns" },
  );
}

/**
 * @param {any} field
 * @param {number} rows
 */
function emptiness(field, rows) {
  if (!field.empty) return "–";
  return field.empty === rows ? t("all_empty") : count(field.empty);
}

/** @param {any} field */
export function examples(field) {
  return field.examples.map((text) => h("q", {}, text));
}
