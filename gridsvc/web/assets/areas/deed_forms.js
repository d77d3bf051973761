/** What each deed asks, and what it says to the service. */

import { address, ask, Problem } from "../imports/api.js";
import { choice, fill, h } from "../imports/dom.js";
import { name, t } from "../imports/words.js";
import { borders, drawable, parts } from "./deeds.js";
import { kindName, kindOf, spoken } from "./say.js";

/**
 * @typedef {object} Form
 * @property {any[]} fields
 * @property {() => Promise<Record<string, any>> | Record<string, any>} said what else the deed says than its name and kind
 */

/** @type {Record<string, (kind: any, desk: import("./main.js").Desk) => Form>} */
export const FORMS = { merge, split, retire, draw, renumber, realign };

const field = (words, control, look = "") => h("label", { class: look }, h("span", {}, words), control);
const pairs = (kinds) => kinds.map((one) => /** @type {[string, string]} */ ([one.kind, spoken(one)]));
const nothing = () => undefined;

function merge(kind, desk) {
  const code = h("input", { maxlength: "64", autocomplete: "off" });
  const title = h("input", { maxlength: "100", autocomplete: "off" });
  return {
    fields: [field(t("new_code"), code), field(t("new_name"), title)],
    said: () => ({ codes: [...desk.chosen.keys()], code: code.value.trim() || null, name: title.value.trim() || null }),
  };
}

function split(kind, desk) {
  const some = desk.chosen.size > 0;
  const inside = parts(kind).filter((one) => some || one !== kind);
  const known = /** @type {[string, string][]} */ (inside.map((one) => [one === kind ? "" : one.kind, one === kind ? t("in_place") : spoken(one)]));
  const into = choice(known, known[0]?.[0] ?? "", nothing, { required: !some });
  const number = h("input", { type: "number", min: "2", max: "64", value: "4", required: true });
  const by = choice(["area", "components", "reports"].map((one) => [one, name("weights", one)]), "area", nothing);
  return {
    fields: [field(t("split_parts"), number, "narrow"), field(t("split_into"), into), field(t("split_by"), by), !some && h("p", { class: "note wide" }, t("split_all", { kind: kindName(kind.kind), number: kind.areas }))],
    said: () => ({ codes: some ? [...desk.chosen.keys()] : null, into: into.value || null, parts: Number(number.value), by: by.value }),
  };
}

function retire(kind, desk) {
  return { fields: [], said: () => ({ codes: [...desk.chosen.keys()] }) };
}

function draw(kind, desk) {
  const kinds = drawable(kind);
  const place = h("p", { class: "note wide" });
  const told = () => fill(place, whereWords(desk, kind, into.value));
  const into = choice(pairs(kinds), kinds[0].kind, told);
  const target = h("input", { type: "number", min: "400", max: "1000000", step: "any", value: "10000", required: true });
  const lines = fileField(t("draw_lines"));
  const buildings = fileField(t("draw_buildings"));
  told();
  return {
    fields: [field(t("draw_kind"), into), field(t("draw_target"), target), lines.node, buildings.node, place],
    said: async () => ({ kind: into.value, within: await within(desk, kind, into.value), target_m2: Number(target.value), lines: await shapes(lines.input), buildings: await shapes(buildings.input) }),
  };
}

/** In the language of the page, which browsers do not ask for. */
function fileField(words) {
  const chosen = h("small", {}, t("no_file"));
  const input = h("input", { type: "file", class: "unseen", accept: ".geojson,.json,application/geo+json", onchange: () => fill(chosen, input.files[0]?.name ?? t("no_file")) });
  const node = h("label", { class: "wide file" }, h("span", {}, words), h("div", {}, input, h("span", { class: "button quiet small" }, t("choose_file")), " ", chosen));
  return { input, node };
}

function whereWords(desk, kind, into) {
  const above = into === kind.kind ? kindOf(kind.parent) : kind;
  if (!desk.chosen.size) return t("in_all", { kind: spoken(above), number: above.areas });
  return into === kind.kind ? t("in_those_above", { kind: spoken(above) }) : t("in_chosen", { kind: spoken(above), number: desk.chosen.size });
}

function renumber(kind, desk) {
  return {
    fields: [h("p", { class: "note wide" }, whereWords(desk, kind, kind.kind))],
    said: async () => ({ within: await within(desk, kind, kind.kind) }),
  };
}

function realign(kind) {
  const to = choice(pairs(borders(kind)), "", nothing, { required: true });
  to.selectedIndex = 0;
  const tolerance = h("input", { type: "number", min: "0.1", step: "any", value: "5", required: true });
  return {
    fields: [field(t("realign_to"), to), field(t("realign_tolerance"), tolerance), h("p", { class: "note wide" }, t("realign_all", { kind: kindName(kind.kind), number: kind.areas }))],
    said: () => ({ to: to.value, tolerance: Number(tolerance.value) }),
  };
}

/**
 * Codes of the areas in which something happens: those chosen, or those that they lie in; none are chosen: all.
 * @param {import("./main.js").Desk} desk
 * @param {any} kind
 * @param {string} into
 */
async function within(desk, kind, into) {
  if (!desk.chosen.size) return null;
  if (into !== kind.kind) return [...desk.chosen.keys()];
  const above = new Set();
  for (const area of desk.chosen.values()) {
    const known = area.parent_code ?? (await ask(address("/api/v1/areas/one", { kind: kind.kind, code: area.code }))).area?.parent_code;
    if (known) above.add(known);
  }
  return [...above];
}

/**
 * What a file holds, as far as a browser can tell: the service says what is wrong inside.
 * @param {HTMLInputElement} input
 */
async function shapes(input) {
  const [file] = input.files;
  if (!file) return null;
  try {
    const found = JSON.parse(await file.text());
    if (found && typeof found === "object" && "type" in found) return found;
  } catch {
    // said below
  }
  throw new Problem(t("not_geojson", { file: file.name }), 422);
}
