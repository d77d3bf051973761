/** Areas of a kind at a time: searched, sorted, chosen, and what can be done with those that are chosen. */

import { address, ask } from "../imports/api.js";
import { button, choice, fill, h } from "../imports/dom.js";
import { paging } from "../imports/table.js";
import { count, page, t } from "../imports/words.js";
import { choose, flip } from "./chosen.js";
import { deedsPanel } from "./deeds.js";
import { allKinds, figure, instant, label, local, ownName, spoken, square } from "./say.js";
import { wrong } from "./working.js";

const LIMIT = 20;
const CALM = 250;
const NEW = { words: "", sort: "code", descending: false, offset: 0 };

/** @param {import("./main.js").Desk} desk */
export function showAreas(desk) {
  desk.list ??= { ...NEW };
  const found = h("div", { class: "found" });
  const deeds = h("div");
  const again = () => load(desk, found);
  desk.onchosen = () => {
    fill(deeds, deedsPanel(desk));
    for (const box of found.querySelectorAll("input[data-code]")) box.checked = desk.chosen.has(box.dataset.code);
  };
  const restart = () => {
    desk.list.offset = 0;
    desk.onchosen();
    again();
  };
  desk.onchosen();
  again();
  return [
    h("section", { class: "panel", "aria-label": t("choose") }, h("div", { class: "choosing" }, kindField(desk, restart), whenField(desk, restart), searchField(desk, again))),
    deeds,
    h("section", { class: "panel table", "aria-label": t("areas") }, found),
  ];
}

/**
 * @param {import("./main.js").Desk} desk
 * @param {() => void} onchange
 */
function kindField(desk, onchange) {
  const options = /** @type {[string, string][]} */ (allKinds().map((one) => [one.kind, t("kind_count", { kind: spoken(one), number: one.areas })]));
  const set = (kind) => {
    desk.look(kind);
    onchange();
  };
  return h("label", {}, h("span", {}, t("kind")), choice(options, desk.kind, set));
}

/**
 * Now, a time, or a revision.
 * @param {import("./main.js").Desk} desk
 * @param {() => void} onchange
 */
function whenField(desk, onchange) {
  const more = h("div", { class: "when-more" });
  const set = (when) => {
    desk.look(desk.kind, when);
    onchange();
  };
  const at = () => {
    const known = desk.when.at ? Date.parse(desk.when.at) : Date.now();
    const changed = (event) => event.target.value && set({ at: instant(event.target.value) });
    return h("label", {}, h("span", {}, t("when_at")), h("input", { type: "datetime-local", value: local(known), onchange: changed }));
  };
  const revision = () => {
    const numbers = Array.from({ length: desk.revision }, (_, place) => String(desk.revision - place));
    const options = /** @type {[string, string][]} */ (numbers.map((one) => [one, t("revision_number", { revision: Number(one) })]));
    return h("label", {}, h("span", {}, t("when_revision")), choice(options, String(desk.when.revision ?? desk.revision), (one) => set({ revision: Number(one) })));
  };
  const kinds = { now: () => null, at, revision };
  const turn = (kind) => {
    if (kind === "now") set({});
    if (kind === "at" && !desk.when.at) set({ at: instant(local(Date.now())) });
    if (kind === "revision" && !desk.when.revision) set({ revision: desk.revision });
    fill(more, kinds[kind]());
  };
  const now = desk.when.revision ? "revision" : desk.when.at ? "at" : "now";
  fill(more, kinds[now]());
  const options = /** @type {[string, string][]} */ (Object.keys(kinds).map((one) => [one, t(`when_is_${one}`)]));
  return [h("label", {}, h("span", {}, t("when")), choice(options, now, turn)), more];
}

/**
 * @param {import("./main.js").Desk} desk
 * @param {() => void} onchange
 */
function searchField(desk, onchange) {
  let timer = 0;
  const typed = (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      Object.assign(desk.list, { words: event.target.value.trim(), offset: 0 });
      onchange();
    }, CALM);
  };
  const field = h("input", { type: "search", value: desk.list.words, placeholder: t("search_hint"), autocomplete: "off", spellcheck: "false", oninput: typed });
  return h("label", { class: "grow" }, h("span", {}, t("search")), field);
}

/**
 * The page of the list that is asked for; an answer that comes too late is dropped.
 * @param {import("./main.js").Desk} desk
 * @param {HTMLElement} place
 */
async function load(desk, place) {
  const { words, sort, descending, offset } = desk.list;
  const asked = { kind: desk.kind, ...desk.when, words, sort, descending: descending ? "true" : "", limit: LIMIT, offset };
  const question = address("/api/v1/areas/figures", asked);
  place.dataset.question = question;
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(question);
    if (place.dataset.question === question) fill(place, content(desk, place, answer));
  } catch (error) {
    if (place.dataset.question === question) wrong(place, error);
  }
  place.removeAttribute("aria-busy");
}

function content(desk, place, { total, areas }) {
  const move = (offset) => {
    desk.list.offset = offset;
    return load(desk, place);
  };
  const past = desk.when.at || desk.when.revision;
  return [
    h("div", { class: "bar" }, h("h2", {}, t("areas")), h("p", { class: "total", role: "status" }, t("areas_total", { total }))),
    past && areas.some((one) => !one.current) && h("p", { class: "note inset" }, t("figures_today")),
    total ? areasTable(desk, place, areas) : h("p", { class: "nothing" }, t("areas_none")),
    paging({ total, limit: LIMIT, offset: desk.list.offset }, move),
  ];
}

function areasTable(desk, place, areas) {
  const named = page.lang === "zh" ? "name_zh" : "name_en";
  const columns = [
    { sort: "code", title: t("code"), cell: (one) => one.code, look: "code-cell" },
    ...(areas.some((one) => ownName(one)) ? [{ sort: named, title: t("name"), cell: (one) => ownName(one) || "–", look: "" }] : []),
    { sort: "area_m2", title: t("m2"), cell: (one) => square(one.area_m2), look: "num" },
    { sort: "components", title: t("components"), cell: (one) => figure(one.components), look: "num" },
    { sort: "open_cases", title: t("open_cases"), cell: (one) => figure(one.open_cases), look: "num" },
    { sort: "people", title: t("people"), cell: (one) => figure(one.people), look: "num" },
  ];
  return h(
    "table",
    { class: "rows listing" },
    h("caption", { class: "unseen" }, t("areas")),
    h("thead", {}, h("tr", {}, h("th", { class: "tick" }, wholePage(desk, areas)), columns.map((one) => heading(desk, place, one)))),
    h("tbody", {}, areas.map((one) => line(desk, one, columns))),
  );
}

function wholePage(desk, areas) {
  const all = (event) => {
    const others = [...desk.chosen.values()].filter((one) => !areas.some(({ code }) => code === one.code));
    choose(desk, event.target.checked ? [...others, ...areas] : others);
  };
  const box = h("input", { type: "checkbox", "aria-label": t("choose_page"), onchange: all });
  box.checked = areas.every((one) => desk.chosen.has(one.code));
  return box;
}

/** Figures begin with the most. */
function heading(desk, place, { sort, title, look }) {
  const { list } = desk;
  const turn = () => {
    const same = list.sort === sort;
    Object.assign(list, { sort, descending: same ? !list.descending : look === "num", offset: 0 });
    return load(desk, place);
  };
  const state = list.sort !== sort ? "none" : list.descending ? "descending" : "ascending";
  const arrow = h("span", { class: "arrow", "aria-hidden": "true" }, { none: "", ascending: "▲", descending: "▼" }[state]);
  return h("th", { scope: "col", class: look, "aria-sort": state }, button([title, arrow], turn, "sort", { title: t("sort_by", { column: title }) }));
}

function line(desk, area, columns) {
  const box = h("input", { type: "checkbox", "data-code": area.code, "aria-label": t("choose_area", { area: label(area) }), onchange: () => flip(desk, area) });
  box.checked = desk.chosen.has(area.code);
  const open = () => desk.go("area", desk.kind, area.code);
  const cells = columns.map((one, place) => {
    const text = one.cell(area);
    return h("td", { "data-name": one.title, class: one.look }, place === 0 ? button(text, open, "link") : h("span", {}, text));
  });
  const press = (event) => !event.target.closest("button, input") && open();
  return h("tr", { class: "usable", onclick: press }, h("td", { class: "tick" }, box), cells);
}
