/** Which value of the file means which code: suggested with reasons, corrected by hand. */

import { choice, fill, h, tick } from "./dom.js";
import { knownValues, meant } from "./fields.js";
import { paging, table } from "./table.js";
import { count, name, share, t, told } from "./words.js";

const LIMIT = 15;
const SURE = 0.8;

/**
 * @param {any} draft
 * @param {any} found
 * @param {() => void} paint
 */
export function valuesPanel(draft, found, paint) {
  const fields = Object.keys(found.values).filter((field) => found.values[field].length && (draft.fields[field] || field in draft.values));
  const partly = found.whole ? "" : t("values_partly", { rows: found.counted });
  return fields.map((field) => panel(draft, field, found.values[field], partly, paint));
}

/**
 * @param {any} draft
 * @param {string} field
 * @param {any[]} values
 * @param {string} partly what is to be said if not all rows were looked at
 * @param {() => void} paint
 */
function panel(draft, field, values, partly, paint) {
  draft.values[field] ??= {};
  const meanings = draft.values[field];
  const meaning = (one) => meanings[one.value] ?? (meant(field, one.code) === one.value ? one.value : "");
  const open = values.filter((one) => !meaning(one) || one.confidence < SURE);
  const place = h("div");
  let only = open.length > 0 && values.length > LIMIT;
  const show = (offset) => {
    const rows = only ? open : values;
    fill(place, lines(rows.slice(offset, offset + LIMIT)), paging({ total: rows.length, limit: LIMIT, offset }, show));
  };
  const lines = (rows) => table(columns(field, meaning, meanings, paint), rows, { look: "values" });
  show(0);
  if (!open.length) return known(field, values, partly, place);
  const flip = (checked) => {
    only = checked;
    show(0);
  };
  return h(
    "section",
    { class: "panel table" },
    h(
      "div",
      { class: "bar" },
      h("h2", {}, t("values_of", { field: name("fields", field) })),
      open.length > 0 && open.length < values.length && h("div", { class: "checks single" }, tick({ checked: only, onchange: flip }, t("only_open", { open: open.length }))),
      h("p", { class: "total" }, t("values_total", { values: values.length })),
    ),
    partly && h("p", { class: "note" }, partly),
    place,
  );
}

/**
 * Values that leave nothing to confirm are folded away.
 * @param {string} field
 * @param {any[]} values
 * @param {string} partly
 * @param {HTMLElement} place
 */
function known(field, values, partly, place) {
  const title = h("span", { class: "title" }, t("values_of", { field: name("fields", field) }));
  const summary = h("summary", {}, title, h("small", {}, t("values_known", { values: values.length })));
  return h("section", { class: "panel table" }, h("details", { class: "known" }, summary, partly && h("p", { class: "note" }, partly), place));
}

/**
 * @param {string} field
 * @param {(one: any) => string} meaning
 * @param {Record<string, string>} meanings
 * @param {() => void} paint
 */
function columns(field, meaning, meanings, paint) {
  const known = knownValues(field) ?? [];
  const pick = (one) => {
    const change = (value) => {
      if (value) meanings[one.value] = value;
      else delete meanings[one.value];
      paint();
    };
    const label = { "aria-label": t("meaning_of", { value: one.value }) };
    return choice([["", t("as_it_stands")], ...known], meaning(one), change, label);
  };
  return [
    { title: t("value"), cell: (one) => h("q", {}, one.value), look: "title" },
    { title: t("features"), cell: (one) => count(one.count), look: "num" },
    { title: t("means"), cell: pick, look: "pick" },
    { title: t("why"), cell: (one) => [h("span", { class: `badge ${one.code && one.confidence >= SURE ? "good" : "warn"}` }, one.code ? t("sure", { share: share(one.confidence) }) : t("unknown")), h("small", {}, told(one, "reason"))], look: "why-cell" },
  ];
}
