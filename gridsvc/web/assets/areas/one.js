/** One area: what it is, what it holds, its people and who is missing, what it came from and what took over. */

import { address, ask } from "../imports/api.js";
import { button, fill, h } from "../imports/dom.js";
import { table } from "../imports/table.js";
import { listed, t } from "../imports/words.js";
import { flip } from "./chosen.js";
import { capital, deedName, figure, kindName, kindOf, ownName, since, spoken, square } from "./say.js";
import { wrong } from "./working.js";

/**
 * @param {import("./main.js").Desk} desk
 * @param {string} kind
 * @param {string} code
 */
export function showOne(desk, kind, code) {
  if (kind !== desk.kind && kindOf(kind)) desk.look(kind);
  const place = h("div", { class: "stack" }, h("p", { class: "note" }, t("loading")));
  desk.map.point(code);
  load(desk, place, kind, code);
  return [h("p", { class: "back" }, button(t("back_to_list"), () => desk.go("areas"), "quiet small")), place];
}

async function load(desk, place, kind, code) {
  try {
    const found = await ask(address("/api/v1/areas/one", { kind, code, ...desk.when }));
    const paint = () => fill(place, whatPanel(desk, found), rosterPanel(found), linePanel(desk, found), pastPanel(desk, found));
    desk.onchosen = paint;
    paint();
    desk.map.fit(found.area?.box ?? null);
  } catch (error) {
    wrong(place, error);
  }
}

function whatPanel(desk, { kind, code, area, past }) {
  const names = area ?? { code, ...past[0] };
  const chosen = desk.chosen.has(code);
  return h(
    "section",
    { class: "panel one" },
    h("h2", {}, `${kindName(kind)} ${code}`, !area && h("span", { class: "badge soft" }, t(choosing(desk) ? "ended_now" : "not_then"))),
    ownName(names) && h("p", { class: "own-name" }, ownName(names)),
    area && figureRow(area),
    area && !area.current && h("p", { class: "note" }, t("figures_today")),
    h("dl", { class: "facts" }, facts(code, area ?? past[0])),
    area && choosing(desk) && h("p", { class: "deeds-row" }, button(t(chosen ? "unchoose" : "choose_it"), () => flip(desk, area), chosen ? "quiet" : ""), desk.chosen.size > 0 && button(t("to_deeds", { number: desk.chosen.size }), () => desk.go("areas"), "quiet")),
  );
}

/** Whether the areas of now are looked at, which can be changed. */
function choosing({ when }) {
  return !when.at && !when.revision;
}

function figureRow(area) {
  const pairs = [["m2", square(area.area_m2)], ["components", figure(area.components)], ["open_cases", figure(area.open_cases)], ["people", figure(area.people)]];
  return h("dl", { class: "figures" }, pairs.map(([key, words]) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, words))));
}

function facts(code, area) {
  const above = area.parent_code && `${spoken(area, "parent")} ${area.parent_code}`.trim();
  const rows = [
    [t("name_zh"), area.name_zh === code ? "" : area.name_zh],
    [t("name_en"), area.name_en === code ? "" : area.name_en],
    [t("above"), above],
    [t("valid_from"), since(area.valid_from)],
    [t("valid_to"), area.valid_to && since(area.valid_to)],
    [t("revision"), t("revision_number", { revision: area.revision })],
  ];
  return rows.filter(([, words]) => words).map(([words, text]) => h("div", {}, h("dt", {}, words), h("dd", {}, text)));
}

function rosterPanel({ roster, team, missing, surplus }) {
  if (!team && !roster.length) return null;
  const gaps = (key, list) => list.length > 0 && h("p", { class: key === "missing" ? "trouble" : "note" }, t(key, { posts: listed(list.map(gap)) }));
  return h(
    "section",
    { class: "panel" },
    h("h2", {}, t("roster")),
    gaps("missing", missing),
    gaps("surplus", surplus),
    team && !missing.length && !surplus.length && h("p", { class: "done" }, t("roster_complete")),
    roster.length ? people(roster) : h("p", { class: "note" }, t("roster_none")),
  );
}

/** @param {any} one */
function gap(one) {
  return t("gap", { post: post(one), number: one.count });
}

/** @param {any} one */
function post(one) {
  const service = spoken(one, "service");
  const post = capital(spoken(one, "post"));
  return service ? t("post_of", { post, service }) : post;
}

function people(roster) {
  const columns = [
    { title: t("post"), cell: post },
    { title: t("person"), cell: (one) => one.person || "–", look: "title nowrap" },
    { title: t("phone"), cell: (one) => one.phone || "–", look: "nowrap" },
    { title: t("on_duty_from"), cell: (one) => since(one.valid_from), look: "nowrap" },
  ];
  return table(columns, roster, { caption: t("roster"), look: "inner" });
}

function linePanel(desk, { kind, came_from, became }) {
  if (!came_from.length && !became.length) return null;
  const links = (list) =>
    list.map((one) => h("li", {}, button(one.code, () => desk.go("area", kind, one.code), "link"), h("small", {}, t("revision_number", { revision: one.revision }))));
  const part = (key, list) => list.length > 0 && [h("h3", {}, t(key, { number: list.length })), h("ul", { class: "line" }, links(list))];
  return h("section", { class: "panel" }, h("h2", {}, t("line")), part("came_from", came_from), part("became", became));
}

function pastPanel(desk, { kind, code, past }) {
  const see = (one) => {
    desk.look(kind, { revision: one.revision });
    desk.go("area", kind, code);
  };
  const columns = [
    { title: t("revision"), cell: (one) => button(t("revision_number", { revision: one.revision }), () => see(one), "link") },
    { title: t("valid_from"), cell: (one) => [since(one.valid_from), h("small", {}, deedName(one.made_by_deed))], look: "nowrap" },
    { title: t("valid_to"), cell: (one) => (one.valid_to ? [since(one.valid_to), h("small", {}, deedName(one.ended_by_deed))] : t("still")), look: "nowrap" },
    { title: t("m2"), cell: (one) => square(one.area_m2), look: "num" },
  ];
  return h("section", { class: "panel" }, h("h2", {}, t("past")), table(columns, past, { caption: t("past"), look: "inner" }));
}
