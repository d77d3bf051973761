/** Where a file lies: what it says, whether that is proved, and what else it may be. Nothing is chosen for anybody. */

import { choice, h, tick } from "./dom.js";
import { shapeTypes } from "./draft.js";
import { jointed, length, share, t, told } from "./words.js";

/**
 * @param {import("./batch.js").Desk} desk
 * @param {any[]} layers
 * @param {() => void} paint
 */
export function coordinatesPanel(desk, layers, paint) {
  const { declared } = layers[0].whereabouts;
  const same = (layer) => (layer.whereabouts.declared.epsg ?? layer.whereabouts.declared.wkt) === (declared.epsg ?? declared.wkt);
  const worst = layers.find((layer) => !layer.whereabouts.proved) ?? layers[0];
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("crs")),
    !layers.every(same) && h("p", { class: "trouble" }, t("crs_differ")),
    declaration(worst.whereabouts),
    h("fieldset", { class: "options" }, h("legend", {}, t("crs_ask")), options(desk, worst.whereabouts, paint)),
    layers.some((layer) => layer.coordinate_columns || !shapeTypes(layer).length) && columns(desk, layers[0], paint),
  );
}

/** @param {any} found */
function declaration(found) {
  const { declared, proved, share_inside: inside } = found;
  const badge = proved ? ["good", t("proved", { share: share(inside) })] : ["bad", declared.wkt ? t("not_proved", { share: share(inside) }) : t("crs_none")];
  return [
    h("p", { class: "verdict" }, h("strong", {}, declared.name ? jointed(declared.name) : t("crs_none_said")), declared.epsg && declared.name !== `EPSG:${declared.epsg}` && h("code", {}, `EPSG:${declared.epsg}`), h("span", { class: `badge ${badge[0]}` }, badge[1]), declared.wkt && h("span", { class: "badge soft" }, t("matched", { share: share(declared.confidence) }))),
    declared.wkt && told(declared, "note") && h("p", { class: "note" }, told(declared, "note")),
    told(found, "note") && h("p", { class: "note" }, told(found, "note")),
  ];
}

/**
 * @param {import("./batch.js").Desk} desk
 * @param {any} found
 * @param {() => void} paint
 */
function options({ draft, open }, found, paint) {
  const set = (crs, turn) => {
    draft.crs = crs;
    draft.turn = turn;
    paint();
  };
  const { declared, proposals } = found;
  const offered = proposals.filter((one) => !found.proved || one.turn || one.crs !== `EPSG:${declared.epsg}`);
  const listed = (one) => draft.crs === one.crs && draft.turn === one.turn;
  const own = draft.crs !== null && !offered.some(listed);
  const given = (checked, onchange) => ({ type: "radio", name: "crs", checked, disabled: !open, onchange });
  const lines = offered.map((one) =>
    tick(
      given(listed(one), () => set(one.crs, one.turn)),
      h("span", { class: "option" }, told(one, "title")),
      h("small", {}, t("inside", { share: share(one.share_inside) }), one.distance > 0 && ` · ${t("away", { distance: length(one.distance) })}`),
    ),
  );
  const declaredLine = found.proved && tick(given(draft.crs === null, () => set(null, "")), h("span", { class: "option" }, t("crs_as_said", { name: declared.name })), h("small", {}, t("inside", { share: share(found.share_inside) })));
  return [
    declaredLine,
    lines,
    !found.proved && !lines.length && h("p", { class: "note" }, t("crs_no_offer")),
    tick(given(own, () => set("", "")), h("span", { class: "option" }, t("crs_other"))),
    own && text(draft, open, set),
  ];
}

/**
 * @param {any} draft
 * @param {boolean} open
 * @param {(crs: string | null, turn: string) => void} set
 */
function text(draft, open, set) {
  return h(
    "label",
    { class: "line-field" },
    h("span", {}, t("crs_text")),
    h("input", { value: draft.crs, disabled: !open, spellcheck: "false", maxlength: "4000", placeholder: "EPSG:4544", onchange: (event) => set(event.target.value.trim(), draft.turn) }),
  );
}

/**
 * Columns with the place, of a table without shapes.
 * @param {import("./batch.js").Desk} desk
 * @param {any} layer
 * @param {() => void} paint
 */
function columns({ draft, open }, layer, paint) {
  const chosen = draft.coordinate_columns ?? layer.coordinate_columns ?? ["", ""];
  draft.coordinate_columns = chosen;
  const names = /** @type {[string, string][]} */ ([["", "–"], ...layer.fields.map((field) => [field.name, field.name])]);
  const pick = (place) =>
    choice(names, chosen[place] ?? "", (value) => {
      draft.coordinate_columns = place === 0 ? [value, chosen[1]] : [chosen[0], value];
      paint();
    }, { disabled: !open });
  return h(
    "fieldset",
    { class: "two" },
    h("legend", {}, t("coordinate_columns")),
    h("label", {}, h("span", {}, t("east")), pick(0)),
    h("label", {}, h("span", {}, t("north")), pick(1)),
  );
}
