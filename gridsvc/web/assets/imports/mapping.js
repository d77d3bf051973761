/** Step 2: what the file becomes, which column and which value means what, and for what it speaks. */

import { address, ask } from "./api.js";
import { button, choice, fill, h, tick, trouble } from "./dom.js";
import { chosenLayers, definition, keep, shapeTypes } from "./draft.js";
import { fieldsPanel, meant, restPanel } from "./fields.js";
import { missing } from "./inspect.js";
import { scopePanel } from "./scope.js";
import { valuesPanel } from "./values.js";
import { listed, name, page, share, t, target } from "./words.js";

/** @param {import("./batch.js").Desk} desk */
export function render(desk) {
  const place = h("div", { class: "stacked" }, h("section", { class: "panel" }, h("p", { class: "note" }, t("suggesting"))));
  const begin = () => suggest(desk, place).catch((error) => fill(place, trouble(error.message), button(t("again"), begin, "small")));
  begin();
  return place;
}

/**
 * @param {import("./batch.js").Desk} desk
 * @param {HTMLElement} place
 */
async function suggest(desk, place) {
  const { draft } = desk;
  const query = { target: draft.target, layers: draft.source_layers.join("\n"), encoding: draft.encoding };
  const found = await ask(address(`/${desk.id}/suggestion`, query));
  if (!draft.suggested) take(draft, found);
  const paint = () => {
    keep(desk.id, draft);
    fill(place, panels(desk, found, paint, () => retarget(desk, place)));
  };
  paint();
}

/**
 * @param {any} draft
 * @param {any} found
 */
function take(draft, found) {
  draft.fields = Object.fromEntries(found.fields.map((one) => [one.target, one.source]));
  draft.values = {};
  for (const [field, values] of Object.entries(found.values)) {
    const pairs = values.map((one) => [one.value, meant(field, one.code)]);
    draft.values[field] = Object.fromEntries(pairs.filter(([value, meaning]) => meaning && meaning !== value));
  }
  draft.ignored = found.ignored;
  draft.suggested = true;
}

/**
 * @param {import("./batch.js").Desk} desk
 * @param {HTMLElement} place
 */
function retarget(desk, place) {
  Object.assign(desk.draft, { fields: {}, constants: {}, values: {}, ignored: null, as_exported: false, set_aside: [], scope: null, suggested: false });
  return suggest(desk, place);
}

/**
 * @param {import("./batch.js").Desk} desk
 * @param {any} found
 * @param {() => void} paint
 * @param {() => void} anew
 */
function panels(desk, found, paint, anew) {
  const { draft, open } = desk;
  const layers = chosenLayers(desk);
  const save = () => keep(desk.id, draft);
  return h(
    "fieldset",
    { class: "stacked", disabled: !open },
    targetPanel(draft, found, paint, anew),
    !draft.as_exported && [fieldsPanel(draft, layers, found, paint), restPanel(draft, layers, found, save), valuesPanel(draft, found, paint)],
    draft.target === "components" && scopePanel(draft, paint, save),
    rest(draft, layers, paint, save),
    open && onward(desk, layers),
  );
}

/**
 * @param {any} draft
 * @param {any} found
 * @param {() => void} paint
 * @param {() => void} anew
 */
function targetPanel(draft, found, paint, anew) {
  const targets = ["components", ...page.kinds.map((each) => each.kind)];
  const options = /** @type {[string, string][]} */ (targets.map((each) => [each, target(each)]));
  const change = (value) => {
    draft.target = value;
    anew();
  };
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("target")),
    h("div", { class: "fields" }, h("label", {}, h("span", {}, t("target_ask")), choice(options, draft.target, change))),
    draft.target !== "components" && h("p", { class: "note after" }, t("areas_become_draft")),
    (found.as_exported || draft.as_exported) && written(draft, paint),
    !draft.as_exported && found.profiles.map((one) => profile(draft, one, paint)),
  );
}

/**
 * A file that this system wrote says by its columns what they mean.
 * @param {any} draft
 * @param {() => void} paint
 */
function written(draft, paint) {
  const onchange = (checked) => {
    draft.as_exported = checked;
    paint();
  };
  return h("div", { class: "offer" }, tick({ checked: draft.as_exported, onchange }, h("span", { class: "option" }, t("as_exported")), h("small", {}, t("as_exported_how"))));
}

/**
 * A mapping that was saved for files of this shape.
 * @param {any} draft
 * @param {any} one
 * @param {() => void} paint
 */
function profile(draft, one, paint) {
  const use = () => {
    const { fields, constants, values, ignored, to_point, set_aside } = one.definition;
    Object.assign(draft, { fields, constants, values, ignored, to_point, set_aside, save_as: one.name });
    paint();
  };
  const words = one.exact ? t("profile_found", { name: one.name }) : t("profile_like", { name: one.name, share: share(one.overlap) });
  const lacks = one.missing.length > 0 && h("small", {}, t("profile_lacks", { columns: listed(one.missing) }));
  return h("div", { class: "offer" }, h("p", {}, words, lacks), button(t("profile_use"), use, "quiet small"));
}

/**
 * @param {any} draft
 * @param {any[]} layers
 * @param {() => void} paint
 * @param {() => void} save
 */
function rest(draft, layers, paint, save) {
  const points = layers.some((layer) => shapeTypes(layer).some(([type]) => !type.endsWith("Point")));
  const setName = (value) => {
    draft.save_as = value;
    save();
  };
  const setPoint = (checked) => {
    draft.to_point = checked;
    paint();
  };
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("more")),
    h(
      "div",
      { class: "fields" },
      draft.target === "components" && points && h("div", { class: "checks single" }, tick({ checked: draft.to_point, onchange: setPoint }, t("to_point"))),
      setAside(draft, save),
      h("label", {}, h("span", {}, t("save_as"), h("small", {}, t("save_as_why"))), h("input", { value: draft.save_as, maxlength: "80", autocomplete: "off", onchange: (event) => setName(event.target.value) })),
    ),
  );
}

/**
 * Rules whose errors set the row aside instead of refusing the file.
 * @param {any} draft
 * @param {() => void} save
 */
function setAside(draft, save) {
  const fits = draft.target === "components" ? "components" : "areas";
  const rules = page.rules.filter((rule) => rule.severity === "error" && ["all", fits].includes(rule.targets));
  const lines = rules.map((rule) => {
    const onchange = (checked) => {
      draft.set_aside = checked ? [...draft.set_aside, rule.rule] : draft.set_aside.filter((each) => each !== rule.rule);
      number.textContent = t("set_aside_rules", { rules: draft.set_aside.length });
      save();
    };
    return tick({ checked: draft.set_aside.includes(rule.rule), onchange }, rule.title);
  });
  const number = h("span", {}, t("set_aside_rules", { rules: draft.set_aside.length }));
  return h("details", { class: "more" }, h("summary", {}, t("set_aside_title"), " ", h("small", {}, number)), h("p", { class: "note" }, t("set_aside_why")), h("div", { class: "checks" }, lines));
}

/**
 * @param {import("./batch.js").Desk} desk
 * @param {any[]} layers
 */
function onward(desk, layers) {
  const { draft } = desk;
  const wrong = missing(desk, layers) || lacking(draft);
  const note = h("p", { class: "note", role: "status" }, wrong);
  const send = () => {
    const { scope } = draft; // its boxes are ticked without this being made anew
    const empty = scope && (!scope.subclasses.length || (scope.kind && !scope.areas.length));
    if (empty) return fill(note, t("scope_empty"));
    return desk.act("/definition", { method: "PUT", body: definition(draft) });
  };
  return h("div", { class: "onward" }, note, button(t("next_check"), send, "", { disabled: Boolean(wrong) }));
}

/**
 * What a file must say and this mapping does not.
 * @param {any} draft
 */
function lacking(draft) {
  if (draft.as_exported) return "";
  const says = (field) => draft.fields[field] || draft.constants[field];
  if (draft.target === "components") return says("subclass") || says("subclass_name") || says("code") ? "" : t("needs_subclass");
  return says("code") ? "" : t("needs_field", { field: name("fields", "code") });
}
