/** What can be done with areas. Every deed makes a draft; only those that make sense for the kind are offered. */

import { ask } from "../imports/api.js";
import { button, fill, h } from "../imports/dom.js";
import { t } from "../imports/words.js";
import { choose } from "./chosen.js";
import { FORMS } from "./deed_forms.js";
import { allKinds, deedName, kindOf, label } from "./say.js";
import { during } from "./working.js";

const ADMINISTRATIVE = ["district", "subdistrict", "community"];
const MOST_CHIPS = 12;

/**
 * Kinds whose areas can be drawn: this one in its parents, or those that lie in it.
 * @param {any} kind
 */
export function drawable(kind) {
  const fits = (one) => one.parent && !one.made_of && !ADMINISTRATIVE.includes(one.code_scheme);
  return allKinds().filter((one) => fits(one) && (one.kind === kind.kind || one.parent === kind.kind));
}

/**
 * Kinds that areas can be split into: their own, or one that lies in them.
 * @param {any} kind
 */
export function parts(kind) {
  return [kind, ...allKinds().filter((one) => one.parent === kind.kind)];
}

/**
 * Kinds whose borders this one may be moved to: not those that lie in it.
 * @param {any} kind
 */
export function borders(kind) {
  const inside = (one) => one && (one.kind === kind.kind || inside(kindOf(one.parent)));
  return allKinds().filter((one) => one.areas && !inside(one));
}

/** How many areas have to be chosen, and for which kinds. */
const DEEDS = {
  merge: { least: 2, fits: () => true },
  split: { least: 0, fits: (kind) => kind.areas > 0 },
  retire: { least: 1, fits: (kind) => !kind.must_tile },
  draw: { least: 0, fits: (kind) => drawable(kind).length > 0 },
  renumber: { least: 0, fits: (kind) => kind.parent && kind.code_scheme !== "free" && kind.areas > 0 },
  realign: { least: 0, fits: (kind) => !kind.made_of && kind.areas > 0 && borders(kind).length > 0 },
};

/** @param {import("./main.js").Desk} desk */
export function deedsPanel(desk) {
  const kind = kindOf(desk.kind);
  if (!kind) return null;
  if (desk.when.at || desk.when.revision) return h("p", { class: "note past-note" }, t("deeds_now_only"));
  const place = h("div", { class: "deed-form" });
  const told = h("div", { class: "told-deed" });
  const offered = Object.entries(DEEDS).filter(([, { fits }]) => fits(kind));
  const section = h("section", { class: "panel deeds-panel", "aria-label": t("deeds") });
  const open = (deed, press) => {
    for (const other of press.parentNode.children) other.setAttribute("aria-expanded", String(other === press));
    fill(told);
    fill(place, form(desk, kind, deed, section, told));
    place.querySelector("input, select, button")?.focus();
  };
  const press = ([deed, { least }]) => {
    const lacks = desk.chosen.size < least;
    const why = lacks ? t(least === 1 ? "choose_one_first" : "choose_two_first") : t(`about_${deed}`);
    return button(deedName(deed), (event) => event, "quiet small", { disabled: lacks, title: why, "aria-expanded": "false", onclick: (event) => open(deed, event.currentTarget) });
  };
  fill(section, chosenBar(desk), h("div", { class: "deeds-row" }, offered.map(press)), place, told);
  return section;
}

/** @param {import("./main.js").Desk} desk */
function chosenBar(desk) {
  const areas = [...desk.chosen.values()];
  if (!areas.length) return h("p", { class: "note" }, t("chosen_none"));
  const drop = (area) => choose(desk, areas.filter((one) => one !== area));
  const chip = (area) => h("li", { class: "chip" }, label(area), button("×", () => drop(area), "bare", { "aria-label": t("unchoose_area", { area: label(area) }) }));
  const more = areas.length - MOST_CHIPS;
  return h(
    "div",
    { class: "chosen-bar" },
    h("strong", { role: "status" }, t("chosen_total", { number: areas.length })),
    h("ul", {}, areas.slice(0, MOST_CHIPS).map(chip), more > 0 && h("li", { class: "chip" }, t("and_more", { number: more }))),
    button(t("choose_none"), () => choose(desk, []), "quiet small"),
  );
}

/**
 * @param {import("./main.js").Desk} desk
 * @param {any} kind
 * @param {string} deed
 * @param {HTMLElement} section
 * @param {HTMLElement} told
 */
function form(desk, kind, deed, section, told) {
  const { fields, said } = FORMS[deed](kind, desk);
  const send = async (event) => {
    event.preventDefault();
    const made = await during(section, told, t("making_draft"), async () => ask("/api/v1/areas/drafts", { method: "POST", body: { deed, kind: kind.kind, ...(await said()) } }));
    if (!made) return;
    choose(desk, []);
    await desk.renew();
    desk.go("draft", made.draft.id);
  };
  return h(
    "form",
    { onsubmit: send, "aria-label": deedName(deed) },
    h("p", { class: "note" }, t(`about_${deed}`)),
    h("div", { class: "choosing" }, fields),
    h("p", { class: "deeds-row" }, h("button", {}, t("make_draft")), h("small", {}, t("draft_only"))),
  );
}
