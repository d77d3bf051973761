/** One draft: what it would change, drawn on the map; applying or dropping it. */

import { ask } from "../imports/api.js";
import { asked, button, choice, fill, h } from "../imports/dom.js";
import { count, moment, t } from "../imports/words.js";
import { applyPanel } from "./apply.js";
import { changePanels } from "./changes.js";
import { findings } from "./check.js";
import { deedName, kindName, many, named, noteOf, spoken } from "./say.js";
import { during, wrong } from "./working.js";

const MOST_REMARKS = 8;

/**
 * @param {import("./main.js").Desk} desk
 * @param {string} id
 */
export function showDraft(desk, id) {
  const place = h("div", { class: "stack" }, h("p", { class: "note" }, t("loading")));
  load(desk, place, `/api/v1/areas/drafts/${Number(id)}`);
  return [h("p", { class: "back" }, button(t("back_to_drafts"), () => desk.go("drafts"), "quiet small")), place];
}

async function load(desk, place, path) {
  try {
    const { draft, box } = await ask(path);
    const told = h("div", { class: "told" });
    const found = h("div", { class: "stack" });
    if (draft.kind !== desk.kind) desk.look(draft.kind, {});
    desk.map.draft({ id: draft.id, kind: draft.kind });
    desk.map.fit(box);
    fill(place, head(desk, draft, path, place), told, found);
    if (draft.applied_revision) return;
    const preview = await during(place, told, t("previewing"), () => ask(`${path}/preview`, { method: "POST" }));
    if (preview) fill(found, errorsOf(preview), summary(desk, draft, preview), applyPanel(desk, draft, preview), checkOf(desk, draft, preview), changePanels(draft, preview));
  } catch (error) {
    wrong(place, error);
  }
}

function head(desk, draft, path, place) {
  const drop = async () => {
    const gone = await during(place, place.querySelector(".told"), t("dropping"), async () => {
      await ask(path, { method: "DELETE" });
      return true;
    });
    if (!gone) return;
    await desk.renew();
    desk.go("drafts");
  };
  return h(
    "section",
    { class: "panel draft-head" },
    h(
      "div",
      { class: "bar" },
      h("h2", {}, t("draft_number", { draft: draft.id }), h("span", { class: "badge" }, deedName(draft.deed)), h("span", { class: "badge soft" }, kindName(draft.kind))),
      !draft.applied_revision && asked(t("drop"), t("drop_ask"), t("drop_sure"), drop, "small"),
    ),
    h("p", { class: "said" }, noteOf(draft)),
    h("p", { class: "note" }, t("draft_made", { when: moment(draft.made_at), revision: draft.base_revision })),
    draft.applied_revision && h("p", { class: "done" }, t("draft_applied", { revision: draft.applied_revision }), " ", button(t("tab_history"), () => desk.go("history"), "link")),
    remarks(desk, draft.remarks),
  );
}

/** What it could not do as asked; those with a place can be pointed at. */
function remarks(desk, list) {
  if (!list.length) return null;
  const line = (one) => {
    const words = named(spoken({ name_zh: one.zh, name_en: one.en }));
    return h("li", {}, one.geom ? button(words, () => desk.map.pick(one.geom), "link") : words);
  };
  const rest = list.slice(MOST_REMARKS);
  return h(
    "div",
    { class: "remarks" },
    h("h3", {}, t("remarks")),
    h("ul", {}, list.slice(0, MOST_REMARKS).map(line)),
    rest.length > 0 && h("details", { class: "more" }, h("summary", {}, t("and_more", { number: rest.length })), h("ul", {}, rest.map(line))),
  );
}

function errorsOf({ errors }) {
  if (!errors.length) return null;
  const lines = errors.slice(0, 20).map((one) => h("li", {}, named(spoken({ name_zh: one.zh, name_en: one.en }))));
  return h("div", { class: "trouble forbids", role: "alert" }, h("strong", {}, many("errors_forbid", errors.length)), h("ul", {}, lines));
}

/** Whether the areas would fit together, for each kind: asked only on demand, for it looks at all areas of the kind. */
function checkOf(desk, draft, { kinds }) {
  const place = h("div", { class: "stack" });
  const begin = (kind) => findings(desk, place, { kind, draft: draft.id });
  const press = (one) => button(t("check_kind", { kind: kindName(one.kind) }), () => begin(one.kind), "quiet small");
  return [h("section", { class: "panel check-draft", "aria-label": t("tab_check") }, h("p", {}, t("check_draft")), h("p", { class: "deeds-row" }, kinds.map(press))), place];
}

function summary(desk, draft, { kinds, components, cases }) {
  const sum = (key) => kinds.reduce((all, one) => all + one[key].length, 0);
  const pairs = [
    ["begin", sum("begin"), "added"], ["end", sum("end"), "gone"], ["change", sum("change"), ""],
    ["components_move", components.moved, ""], ["ambiguous", components.ambiguous, "gone"], ["cases_move", cases.moved, ""], ["to_others", cases.to_others, "gone"],
  ];
  const figure = ([key, number, look]) => h("div", { class: look && number ? `is-${look}` : null }, h("dt", {}, t(key)), h("dd", {}, count(number)));
  const kind = kinds.length > 1 && kindsOnMap(desk, draft, kinds);
  return h("section", { class: "panel summary", "aria-label": t("preview") }, h("h2", {}, t("preview")), h("dl", { class: "figures" }, pairs.map(figure)), components.ambiguous > 0 && h("p", { class: "note" }, t("ambiguous_means")), kind);
}

/** A draft may change several kinds, which lie on each other: one is drawn at a time. */
function kindsOnMap(desk, draft, kinds) {
  const options = /** @type {[string, string][]} */ (kinds.map((one) => [one.kind, kindName(one.kind)]));
  const set = (kind) => {
    desk.look(kind, {});
    desk.map.draft({ id: draft.id, kind });
  };
  return h("div", { class: "choosing" }, h("label", {}, h("span", {}, t("kind_on_map")), choice(options, draft.kind, set)));
}
