/** What a draft would change, part by part, each with its file. */

import { fill, h } from "../imports/dom.js";
import { paging, table } from "../imports/table.js";
import { joined, name, page, share, t } from "../imports/words.js";
import { department, figure, kindName, ownName, square } from "./say.js";

const LIMIT = 15;
const MOST_HEIRS = 4;
const FORMS = { areas: ["xlsx", "csv", "gpkg"], components: ["xlsx", "csv", "gpkg"], cases: ["xlsx", "csv", "gpkg"], duties: ["xlsx", "csv"], accounts: ["xlsx", "csv"], rosters: ["xlsx", "csv"] };

/**
 * @param {any} draft
 * @param {any} found
 */
export function changePanels(draft, found) {
  const { kinds, components, cases, duties, accounts, rosters } = found;
  const ownFirst = [...kinds].sort((one, other) => Number(other.kind === draft.kind) - Number(one.kind === draft.kind));
  const parts = /** @type {[string, number, any][]} */ ([
    ["components", components.moved, moves(components.moves)],
    ["cases", cases.moved, casesTable(cases)],
    ["duties", duties.length, dutiesTable(duties)],
    ["accounts", accounts.count, accountsTable(accounts)],
    ["rosters", rosters.count, rostersTable(rosters)],
  ]);
  const untouched = parts.filter(([, total]) => !total).map(([key]) => t(`none_${key}`));
  return [
    ownFirst.map((one, place) => areasPanel(draft, one, place === 0)),
    parts.map(([key, total, content]) => total > 0 && part(draft, key, content, total)),
    untouched.length > 0 && h("section", { class: "panel untouched" }, joined(untouched)),
  ];
}

/**
 * Something that a draft concerns, with its files.
 * @param {any} draft
 * @param {string} key
 * @param {any} content
 * @param {number} total
 */
function part(draft, key, content, total) {
  return h(
    "section",
    { class: "panel table", "aria-label": t(`part_${key}`) },
    h("div", { class: "bar" }, h("h2", {}, t(`part_${key}`)), h("p", { class: "total" }, figure(total)), files(draft, key)),
    content,
  );
}

/** Files of people and cases are for accounts with the whole city. */
function files(draft, key) {
  if (key !== "areas" && !page.applies) return null;
  const link = (form) => h("a", { class: "button quiet small", href: `/api/v1/areas/drafts/${draft.id}/preview/export?part=${key}&form=${form}`, download: "" }, name("forms", form));
  return h("p", { class: "downloads" }, h("span", {}, t("download")), FORMS[key].map(link));
}

/**
 * A long list in pages, all of which the page has already.
 * @param {any[]} rows
 * @param {import("../imports/table.js").Column[]} columns
 * @param {string} caption
 */
function paged(rows, columns, caption) {
  const place = h("div");
  const show = (offset) => fill(place, table(columns, rows.slice(offset, offset + LIMIT), { caption, look: "inner" }), paging({ total: rows.length, limit: LIMIT, offset }, show));
  show(0);
  return place;
}

/**
 * What something was and what it becomes; once if that is the same.
 * @param {...(string | null)} sides
 */
function turned(...[was, becomes]) {
  if (was === null || becomes === null || was === becomes) return was ?? becomes;
  return [was, h("span", { class: "to" }, " → "), becomes];
}

function areasPanel(draft, kind, first) {
  const pair = (key, told) => (one) => turned(...[one.before, one.after].map((side) => (side ? told(side[key]) : null)));
  const state = (one) => (one.before === null ? "begins" : one.after === null ? "ends" : "changes");
  const columns = [
    { title: t("area"), cell: (one) => [ownName(one) || one.code, ownName(one) && h("small", {}, one.code)], look: "code-cell" },
    { title: t("what"), cell: (one) => [h("span", { class: `badge ${{ begins: "good", ends: "bad", changes: "warn" }[state(one)]}` }, t(state(one))), one.redrawn && h("small", {}, t("redrawn"))], look: "states" },
    { title: t("m2"), cell: pair("area_m2", square), look: "num" },
    { title: t("components"), cell: pair("components", figure), look: "num" },
    { title: t("reports"), cell: pair("reports", figure), look: "num" },
  ];
  return h(
    "section",
    { class: "panel table", "aria-label": kindName(kind.kind) },
    h("div", { class: "bar" }, h("h2", {}, kindName(kind.kind)), h("p", { class: "total" }, t("areas_total", { total: kind.areas.length })), first && files(draft, "areas")),
    paged(kind.areas, columns, kindName(kind.kind)),
    balance(kind.load),
  );
}

/** Least, middle and most of what the areas hold, before and after. */
function balance(load) {
  const spread = (number) => (number === null ? "–" : share(number));
  const pair = (key, told) => ([, { before, after }]) => turned(...[before, after].map((side) => (side.median === null ? null : told(side[key]))));
  const columns = [
    { title: t("balance_of"), cell: ([key]) => name("loads", key), look: "title" },
    { title: t("least"), cell: pair("min", square), look: "num" },
    { title: t("median"), cell: pair("median", square), look: "num" },
    { title: t("most"), cell: pair("max", square), look: "num" },
    { title: t("variation"), cell: pair("variation", spread), look: "num" },
  ];
  const shown = table(columns, Object.entries(load), { caption: t("balance"), look: "inner" });
  return h("details", { class: "more balance", open: true }, h("summary", {}, t("balance")), shown);
}

function moves(list) {
  const columns = [
    { title: t("kind"), cell: (one) => kindName(one.kind) },
    { title: t("from"), cell: (one) => one.from || t("no_area"), look: "code-cell" },
    { title: t("to"), cell: (one) => one.to || t("no_area"), look: "code-cell" },
    { title: t("components"), cell: (one) => figure(one.count), look: "num" },
  ];
  return paged(list, columns, t("part_components"));
}

function casesTable({ list, moved, to_others: others }) {
  if (!list) return h("p", { class: "note inset" }, t("cases_counted", { number: moved, others }));
  const columns = [
    { title: t("case"), cell: (one) => [figure(one.case_id), h("small", {}, name("case_states", one.state))], look: "num" },
    { title: t("areas"), cell: (one) => one.areas.map((move) => h("div", {}, kindName(move.kind), h("small", {}, `${move.from || t("no_area")} → `, h("wbr"), move.to || t("no_area")))), look: "said" },
    { title: t("department"), cell: (one) => department(one.department) },
    { title: t("becomes"), cell: (one) => (one.becomes ? becomes(one.becomes) : t("stays")) },
  ];
  return paged(list, columns, t("part_cases"));
}

function becomes(to) {
  if (to.manual_reason && !to.department) return h("strong", {}, t("by_hand"));
  return h("strong", {}, department(to.department));
}

function dutiesTable(list) {
  const columns = [
    { title: t("rule"), cell: (one) => figure(one.rule), look: "num" },
    { title: t("about"), cell: (one) => subject(one.about) },
    { title: t("area"), cell: (one) => [kindName(one.kind), h("small", {}, one.code)], look: "code-cell" },
    { title: t("department"), cell: (one) => department(one.lead) },
    { title: t("holds_for"), cell: (one) => heirs(one.becomes), look: "code-cell" },
  ];
  return paged(list, columns, t("part_duties"));
}

/** @param {string[]} codes */
function heirs(codes) {
  if (!codes.length) return h("strong", { class: "why" }, t("no_heir"));
  const rest = codes.length - MOST_HEIRS;
  return [codes.slice(0, MOST_HEIRS).map((code) => h("div", {}, code)), rest > 0 && h("small", {}, t("and_more", { number: rest }))];
}

/** @param {string} about such as "component 0120" */
function subject(about) {
  const [kind, code] = about.split(" ");
  return `${name("subjects", kind)} ${page.subjects[about] ?? code}`;
}

function accountsTable({ list, count }) {
  if (!list) return h("p", { class: "note inset" }, t("accounts_counted", { number: count }));
  const columns = [
    { title: t("account"), cell: (one) => [one.display_name || one.name, one.display_name && h("small", {}, one.name)], look: "title" },
    { title: t("area"), cell: (one) => [kindName(one.kind), h("small", {}, one.code)], look: "code-cell" },
    { title: t("what"), cell: (one) => t(one.ends ? "ends" : "changes") },
  ];
  return paged(list, columns, t("part_accounts"));
}

function rostersTable({ list, count }) {
  if (!list) return h("p", { class: "note inset" }, t("rosters_counted", { number: count }));
  const columns = [
    { title: t("person"), cell: (one) => one.person || "–", look: "title nowrap" },
    { title: t("post"), cell: (one) => page.posts[`${one.post} ${one.service}`] ?? page.posts[`${one.post} `] ?? one.post },
    { title: t("area"), cell: (one) => [kindName(one.kind), h("small", {}, one.code)], look: "code-cell" },
    { title: t("will_be_in"), cell: (one) => heirs(one.becomes), look: "code-cell" },
  ];
  return paged(list, columns, t("part_rosters"));
}
