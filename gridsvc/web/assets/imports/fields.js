/** Which column means which field: suggested with reasons, corrected by hand. */

import { choice, h, tick } from "./dom.js";
import { examples } from "./inspect.js";
import { table } from "./table.js";
import { name, page, share, t, told } from "./words.js";

const FIXED = "\u0000fixed";
export const LAYER = "(layer)";

/**
 * All columns of the layers that are meant, each once.
 * @param {any[]} layers
 */
export function columnNames(layers) {
  return [...new Set(layers.flatMap((layer) => layer.fields.map((field) => field.name)))];
}

/**
 * @param {any} draft
 * @param {any[]} layers
 * @param {any} found
 * @param {() => void} paint
 */
export function fieldsPanel(draft, layers, found, paint) {
  const fields = page.fields[draft.target === "components" ? "components" : "areas"];
  const columns = [...(layers.length > 1 ? [LAYER] : []), ...columnNames(layers)];
  const suggested = Object.fromEntries(found.fields.map((one) => [one.target, one]));
  const rows = table(
    [
      { title: t("field"), cell: (field) => [name("fields", field), h("small", {}, h("code", {}, field))], look: "title" },
      { title: t("column"), cell: (field) => source(draft, field, columns, paint), look: "pick" },
      { title: t("why"), cell: (field) => why(draft, suggested[field]), look: "why-cell" },
      { title: t("examples"), cell: (field) => seen(draft, field, layers), look: "examples" },
    ],
    fields,
    { look: "mapping" },
  );
  const mapped = fields.filter((field) => draft.fields[field] || draft.constants[field]).length;
  return h(
    "section",
    { class: "panel table" },
    h("div", { class: "bar" }, h("h2", {}, t("mapping")), h("p", { class: "total" }, t("mapped", { mapped, fields: fields.length }))),
    rows,
  );
}

/**
 * Columns without a field: kept as attributes, or left out.
 * @param {any} draft
 * @param {any[]} layers
 * @param {any} found
 * @param {() => void} save
 */
export function restPanel(draft, layers, found, save) {
  const rest = columnNames(layers).filter((column) => !Object.values(draft.fields).includes(column));
  if (!rest.length) return null;
  draft.ignored ??= found.ignored;
  const number = h("p", { class: "total" });
  const told = () => number.replaceChildren(t("kept", { kept: rest.filter((column) => !draft.ignored.includes(column)).length, columns: rest.length }));
  const line = (column) => {
    const onchange = (checked) => {
      draft.ignored = checked ? draft.ignored.filter((each) => each !== column) : [...draft.ignored, column];
      told();
      save();
    };
    return tick({ checked: !draft.ignored.includes(column), onchange }, h("code", {}, column), found.ignored.includes(column) && h("small", {}, t("numbers_rows")));
  };
  told();
  return h("section", { class: "panel" }, h("div", { class: "bar plain" }, h("h2", {}, t("rest")), number), h("p", { class: "note" }, t("rest_why")), h("div", { class: "checks" }, rest.map(line)));
}

/**
 * @param {any} draft
 * @param {string} field
 * @param {string[]} columns
 * @param {() => void} paint
 */
function source(draft, field, columns, paint) {
  const fixed = field in draft.constants;
  const options = /** @type {[string, string][]} */ ([
    ["", t("no_column")],
    [FIXED, t("fixed")],
    ...columns.map((column) => [column, column === LAYER ? t("layer_name") : column]),
  ]);
  const change = (value) => {
    delete draft.fields[field];
    delete draft.constants[field];
    if (value === FIXED) draft.constants[field] = "";
    else if (value) draft.fields[field] = value;
    paint();
  };
  const label = { "aria-label": t("column_of", { field: name("fields", field) }) };
  return [choice(options, fixed ? FIXED : (draft.fields[field] ?? ""), change, label), fixed && constant(draft, field, paint)];
}

/**
 * @param {any} draft
 * @param {string} field
 * @param {() => void} paint
 */
function constant(draft, field, paint) {
  const label = { "aria-label": t("fixed_of", { field: name("fields", field) }) };
  const set = (value) => {
    draft.constants[field] = value.trim();
    paint();
  };
  const known = knownValues(field);
  if (known) return choice([["", t("choose_value")], ...known], draft.constants[field], set, label);
  return h("input", { ...label, value: draft.constants[field], maxlength: "200", onchange: (event) => set(event.target.value) });
}

/**
 * What a field says of a thing with a code: names of subclasses stay names, and are held against their codes.
 * @param {string} field
 * @param {string | null} code
 * @returns {string}
 */
export function meant(field, code) {
  if (field !== "subclass_name") return code ?? "";
  return page.subclasses.find((one) => one.code === code)?.name_zh ?? "";
}

/**
 * What a field can be, where that is a list.
 * @param {string} field
 * @returns {[string, string][] | null}
 */
export function knownValues(field) {
  if (field === "subclass" || field === "subclass_name") return page.subclasses.map((one) => [meant(field, one.code), `${one.code} ${one.name}`]);
  if (field === "state") return page.states.map((one) => [one, name("component_states", one)]);
  if (["authority", "owner", "maintainer"].includes(field)) return page.departments.map((one) => [one.code, `${one.code} ${one.name}`]);
  return null;
}

/**
 * @param {any} draft
 * @param {any} one
 */
function why(draft, one) {
  if (!one) return "–";
  const taken = draft.fields[one.target] === one.source;
  const look = one.confidence >= 0.8 ? "good" : "warn";
  return [
    h("span", { class: `badge ${taken ? look : "soft"}` }, taken ? t("sure", { share: share(one.confidence) }) : t("suggested", { column: one.source })),
    h("small", {}, told(one, "reason")),
  ];
}

/**
 * @param {any} draft
 * @param {string} field
 * @param {any[]} layers
 */
function seen(draft, field, layers) {
  const column = draft.fields[field];
  if (column === LAYER) return layers.slice(0, 3).map((layer) => h("q", {}, layer.name));
  const found = layers.flatMap((layer) => layer.fields).find((each) => each.name === column);
  return found ? examples({ examples: found.examples.slice(0, 3) }) : "–";
}
