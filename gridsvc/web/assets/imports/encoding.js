/** How the text of a file is encoded: what was chosen from its bytes, how surely, and what else it may be. */

import { choice, h, tick } from "./dom.js";
import { page, share, t, told } from "./words.js";

const KNOWN = ["utf-8", "gb18030", "big5", "windows-1252", "iso-8859-1", "shift_jis", "euc-kr"];
const LIKELY = 0.01;

/**
 * @param {import("./batch.js").Desk} desk
 * @param {any[]} layers
 * @param {() => void} paint
 */
export function encodingPanel(desk, layers, paint) {
  const readings = layers.map((layer) => layer.encoding).filter(Boolean);
  const body = readings.length ? reading(desk, leastSure(readings), readings, paint) : h("p", { class: "note" }, t("encoding_fixed"));
  return h("section", { class: "panel" }, h("h2", {}, t("encoding")), body);
}

/**
 * The one that a person should look at.
 * @param {any[]} readings
 */
function leastSure(readings) {
  return readings.reduce((least, one) => (one.candidates.length && (!least.candidates.length || one.confidence < least.confidence) ? one : least));
}

/**
 * @param {import("./batch.js").Desk} desk
 * @param {any} one
 * @param {any[]} readings
 * @param {() => void} paint
 */
function reading(desk, one, readings, paint) {
  const { draft, open } = desk;
  const differ = new Set(readings.map((each) => each.chosen)).size > 1;
  const set = (encoding) => {
    draft.encoding = encoding;
    paint();
  };
  const decided = h("strong", {}, one.chosen.toUpperCase());
  return [
    h("p", { class: "verdict" }, decided, h("span", { class: `badge ${one.confidence >= 0.8 ? "good" : "warn"}` }, t("sure", { share: share(one.confidence) })), one.contradicted && h("span", { class: "badge warn" }, t("contradicted"))),
    one.declared && h("p", { class: "note" }, t("declared", { what: one.declared.toUpperCase(), by: one.declared_by ?? "–" })),
    told(one, "note") && h("p", { class: "note" }, told(one, "note")),
    differ && h("p", { class: "note" }, t("encodings_differ")),
    one.candidates.length > 0 ? candidates(one, draft, open, set) : h("p", { class: "note" }, t("ascii")),
    other(one, draft, open, set),
  ];
}

/**
 * @param {any} one
 * @param {any} draft
 * @param {boolean} open
 * @param {(encoding: string | null) => void} set
 */
function candidates(one, draft, open, set) {
  const line = (each) => {
    const own = each.encoding === one.chosen;
    const checked = draft.encoding === each.encoding || (own && draft.encoding === null);
    const given = { type: "radio", name: "encoding", checked, disabled: !open, onchange: () => set(own ? null : each.encoding) };
    const samples = h("span", { class: "samples" }, each.samples.map((text) => h("q", {}, text)));
    return tick(given, h("span", { class: "option" }, each.encoding.toUpperCase(), " ", h("small", {}, share(each.confidence))), samples);
  };
  const likely = (each) => each.confidence >= LIKELY || each.encoding === one.chosen || each.encoding === draft.encoding;
  const rest = one.candidates.filter((each) => !likely(each));
  return h(
    "fieldset",
    { class: "options" },
    h("legend", {}, t("encoding_ask")),
    one.candidates.filter(likely).map(line),
    rest.length > 0 && h("details", { class: "more" }, h("summary", {}, t("encoding_unlikely", { readings: rest.length })), rest.map(line)),
  );
}

/**
 * @param {any} one
 * @param {any} draft
 * @param {boolean} open
 * @param {(encoding: string | null) => void} set
 */
function other(one, draft, open, set) {
  const listed = one.candidates.map((each) => each.encoding);
  const rest = KNOWN.filter((each) => !listed.includes(each) && each !== one.chosen);
  const chosen = rest.includes(draft.encoding) ? draft.encoding : "";
  const options = [["", page.texts.encoding_other_none], ...rest.map((each) => [each, each.toUpperCase()])];
  return h("label", { class: "line-field" }, h("span", {}, t("encoding_other")), choice(/** @type {any} */ (options), chosen, (value) => set(value || null), { disabled: !open }));
}
