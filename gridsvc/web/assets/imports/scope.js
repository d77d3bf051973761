/** For which areas and subclasses a file speaks, and what becomes of components there that it lacks. */

import { address, ask } from "./api.js";
import { button, choice, fill, h, tick, trouble } from "./dom.js";
import { page, t } from "./words.js";

const MOST = 1000;

/**
 * @param {any} draft
 * @param {() => void} paint
 * @param {() => void} save
 */
export function scopePanel(draft, paint, save) {
  const own = draft.scope !== null;
  const set = (scope) => {
    draft.scope = scope;
    paint();
  };
  const setGone = (value) => {
    draft.gone = value;
    paint();
  };
  const gone = (value) => ({ type: "radio", name: "gone", checked: draft.gone === value, onchange: () => setGone(value) });
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("scope")),
    h("p", { class: "note" }, t("scope_why")),
    h(
      "div",
      { class: "panels plain" },
      h(
        "fieldset",
        { class: "options" },
        h("legend", {}, t("scope_ask")),
        tick({ type: "radio", name: "scope", checked: !own, onchange: () => set(null) }, h("span", { class: "option" }, t("scope_of_file")), h("small", {}, t("scope_of_file_how"))),
        tick({ type: "radio", name: "scope", checked: own, onchange: () => set({ kind: null, areas: [], subclasses: [] }) }, h("span", { class: "option" }, t("scope_own"))),
      ),
      h(
        "fieldset",
        { class: "options" },
        h("legend", {}, t("gone_ask")),
        tick(gone("keep"), h("span", { class: "option" }, t("gone_keep")), h("small", {}, t("gone_keep_how"))),
        tick(gone("retire"), h("span", { class: "option" }, t("gone_retire")), h("small", {}, t("gone_retire_how"))),
      ),
    ),
    own && ownScope(draft.scope, paint, save),
  );
}

/**
 * @param {any} scope
 * @param {() => void} paint
 * @param {() => void} save
 */
function ownScope(scope, paint, save) {
  const kinds = page.kinds.filter((kind) => page.city.ground.kinds.some((each) => each.kind === kind.kind));
  const options = /** @type {[string, string][]} */ ([["", t("whole_city")], ...kinds.map((kind) => [kind.kind, kind.name])]);
  const setKind = (value) => {
    scope.kind = value || null;
    scope.areas = [];
    paint();
  };
  const areas = h("div");
  if (scope.kind) listAreas(scope, areas, save);
  const subclasses = page.subclasses.map((one) => ({ code: one.code, name: one.name }));
  return h(
    "div",
    { class: "panels plain" },
    h("div", {}, h("label", { class: "line-field" }, h("span", {}, t("scope_kind")), choice(options, scope.kind ?? "", setKind)), areas),
    h("fieldset", {}, h("legend", {}, t("scope_subclasses")), members(scope, "subclasses", subclasses, save)),
  );
}

/**
 * @param {any} scope
 * @param {HTMLElement} place
 * @param {() => void} save
 */
async function listAreas(scope, place, save) {
  try {
    const { areas } = await ask(address("/api/v1/areas", { kind: scope.kind, limit: MOST }));
    const named = (one) => (page.lang === "zh" ? one.name_zh : one.name_en) || one.name_zh;
    fill(place, members(scope, "areas", areas.map((one) => ({ code: one.code, name: named(one) })), save));
  } catch (error) {
    fill(place, trouble(error.message));
  }
}

/**
 * Boxes for all that may be in a list of codes, and buttons for all of them at once.
 * @param {any} scope
 * @param {"areas" | "subclasses"} list
 * @param {{code: string, name: string}[]} all
 * @param {() => void} save
 */
function members(scope, list, all, save) {
  const place = h("div", { class: "checks tall" });
  const show = () => fill(place, all.map((one) => tick(member(scope, list, one.code, save), h("code", {}, one.code), " ", one.name)));
  const set = (codes) => {
    scope[list] = codes;
    save();
    show();
  };
  show();
  return [
    h("div", { class: "few" }, button(t("tick_all"), () => set(all.map((one) => one.code)), "quiet small"), button(t("tick_none"), () => set([]), "quiet small")),
    place,
  ];
}

/**
 * A box for one of a list of codes.
 * @param {any} scope
 * @param {"areas" | "subclasses"} list
 * @param {string} code
 * @param {() => void} save
 */
function member(scope, list, code, save) {
  const onchange = (checked) => {
    scope[list] = checked ? [...scope[list], code] : scope[list].filter((each) => each !== code);
    save();
  };
  return { checked: scope[list].includes(code), onchange };
}
