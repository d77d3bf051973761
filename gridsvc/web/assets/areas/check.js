/** How well areas fit together: gaps, overlaps, wrong codes and the like, pointed at on the map. */

import { address, ask } from "../imports/api.js";
import { button, choice, fill, h } from "../imports/dom.js";
import { drawn, SEVERITIES } from "../imports/signs.js";
import { paging, table } from "../imports/table.js";
import { count, name, t, told } from "../imports/words.js";
import { allKinds, kindName, named, spoken } from "./say.js";
import { during } from "./working.js";

const LIMIT = 15;
const FORMS = ["xlsx", "csv", "gpkg"];
const ORDER = ["error", "warning", "note"];

/** @param {import("./main.js").Desk} desk */
export function showCheck(desk) {
  const place = h("div", { class: "stack" });
  const options = /** @type {[string, string][]} */ (allKinds().filter((one) => one.areas).map((one) => [one.kind, spoken(one)]));
  const set = (kind) => {
    desk.look(kind, {});
    findings(desk, place, { kind });
  };
  if (desk.when.at || desk.when.revision) desk.look(desk.kind, {});
  findings(desk, place, { kind: desk.kind });
  const field = h("div", { class: "choosing" }, h("label", {}, h("span", {}, t("kind")), choice(options, desk.kind, set)));
  return [h("section", { class: "panel" }, h("p", { class: "note" }, t("check_what")), field), place];
}

/**
 * The findings in a place of their own: of areas in force, or as a draft would leave them.
 * @param {import("./main.js").Desk} desk
 * @param {HTMLElement} place
 * @param {{kind: string, draft?: number}} asked
 */
export async function findings(desk, place, asked) {
  const state = h("div", { class: "told" });
  const found = h("section", { class: "panel table", "aria-label": t("check_found") });
  fill(place, state);
  const load = async (more) => {
    const question = { ...asked, severity: more.severity, limit: LIMIT, offset: more.offset };
    const answer = await during(place, state, t("checking"), () => ask(address("/api/v1/areas/check", question)));
    if (!answer) return;
    if (!found.isConnected) place.append(found);
    fill(found, content(desk, asked, answer, more, load));
  };
  await load({ severity: "", offset: 0 });
}

function content(desk, asked, answer, more, load) {
  const { kind, draft } = asked;
  const all = Object.values(answer.severities).reduce((sum, one) => sum + one, 0);
  const known = ORDER.filter((one) => answer.severities[one]);
  const options = /** @type {[string, string][]} */ ([["", t("check_all")], ...known.map((one) => [one, `${name("severities", one)} ${count(answer.severities[one])}`])]);
  const link = (form) => h("a", { class: "button quiet small", href: address("/api/v1/areas/check/export", { kind, draft, form }), download: "" }, name("forms", form));
  return [
    h(
      "div",
      { class: "bar" },
      h("h2", {}, kindName(kind)),
      h("p", { class: "total", role: "status" }, all ? t("check_total", { total: all, areas: answer.areas }) : ""),
      all > 0 && h("p", { class: "downloads" }, h("span", {}, t("download")), FORMS.map(link)),
    ),
    all === 0 && h("p", { class: "done inset" }, t("check_none", { areas: answer.areas })),
    known.length > 1 && h("div", { class: "choosing inset" }, h("label", {}, h("span", {}, t("severity")), choice(options, more.severity, (severity) => load({ severity, offset: 0 })))),
    answer.findings.length > 0 && list(desk, answer),
    paging({ total: answer.total, limit: LIMIT, offset: more.offset }, (offset) => load({ ...more, offset })),
  ];
}

function list(desk, { findings: found, rules }) {
  const titles = Object.fromEntries(rules.map((one) => [one.rule, told(one, "title")]));
  const point = (one) => desk.map.pick(one.geometry);
  const columns = [
    { title: t("severity"), cell: (one) => h("span", { class: "severity" }, drawn(SEVERITIES[one.severity]), name("severity", one.severity)), look: "states" },
    { title: t("code"), cell: (one) => (one.geometry ? button(one.code ?? t("see_map"), () => point(one), "link") : (one.code ?? "–")), look: "code-cell" },
    { title: t("finding"), cell: (one) => [named(told(one, "message")), h("small", {}, named(titles[one.rule] ?? ""))], look: "said" },
  ];
  return table(columns, found, { caption: t("check_found"), look: "inner findings" });
}
