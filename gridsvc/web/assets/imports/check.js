/** Step 3: what the checks found, as figures, as a table and on the map, and as files for the surveyor. */

import { address, ask, whole } from "./api.js";
import { asideDeed } from "./aside.js";
import { button, choice, fill, h, trouble } from "./dom.js";
import { photosOf } from "./draft.js";
import { preview } from "./preview.js";
import { SEVERITIES, drawn } from "./signs.js";
import { figures, paging, table } from "./table.js";
import { count, name, page, t, told } from "./words.js";

const LIMIT = 15;
const FORMS = ["csv", "xlsx", "gpkg"];
const WORST_FIRST = ["error", "warning", "repaired", "note"];

/** @param {import("./batch.js").Desk} desk */
export function render(desk) {
  const { batch, id, open } = desk;
  if (batch.counts?.read === undefined) {
    return h("section", { class: "panel" }, h("p", {}, t("not_checked")), open && h("p", { class: "deeds" }, button(t("check_now"), () => desk.act("/check"))));
  }
  const found = batch.counts.findings ?? {};
  const shown = preview(id, { by: "severity", signs: SEVERITIES, group: "severities", order: WORST_FIRST, totals: found });
  return [
    h(
      "section",
      { class: "panel summary" },
      figures([[t("rows"), batch.counts.read], ...WORST_FIRST.map((key) => [name("severities", key), found[key] ?? 0, key]), [name("counts", "set_aside"), batch.counts.set_aside || null], [name("counts", "photos"), photosOf(batch) || null]]),
      h("p", { class: "verdict" }, verdict(batch.counts)),
      open && batch.counts.refusals > 0 && asideDeed(desk),
    ),
    h("div", { class: "beside" }, findingsPanel(id, batch.counts.refusals ? "error" : "", shown.pick), shown.node),
    open && h("div", { class: "onward" }, button(t("check_again"), () => desk.act("/check"), "quiet"), button(t("next_compare"), () => desk.go("compare"))),
  ];
}

/** @param {any} counts */
export function verdict({ refusals, set_aside: aside, findings }) {
  if (refusals) return [h("span", { class: "badge bad" }, t("refusing")), " ", t("refusals", { errors: refusals })];
  if (aside) return [h("span", { class: "badge warn" }, t("fit")), " ", t("aside", { rows: aside })];
  const any = Object.values(findings ?? {}).some(Boolean);
  return [h("span", { class: "badge good" }, t("fit")), " ", t(any ? "fit_with_findings" : "nothing_found")];
}

/**
 * @param {number} id
 * @param {string} severity that is listed first
 * @param {(geometry: any) => void} pick
 */
function findingsPanel(id, severity, pick) {
  const place = h("section", { class: "panel table findings", "aria-label": t("findings") }, h("p", { class: "note" }, t("loading")));
  const chosen = { severity, rule: "" };
  const show = async (offset) => {
    try {
      const found = await ask(address(`/${id}/findings`, { ...chosen, limit: LIMIT, offset }));
      fill(place, head(id, found, chosen, () => show(0)), list(found, pick), paging({ total: found.total, limit: LIMIT, offset }, show));
    } catch (error) {
      fill(place, trouble(error.message));
    }
  };
  show(0);
  return place;
}

/**
 * @param {number} id
 * @param {any} found
 * @param {{severity: string, rule: string}} chosen
 * @param {() => void} anew
 */
function head(id, found, chosen, anew) {
  const set = (key) => (value) => {
    chosen[key] = value;
    if (key === "severity") chosen.rule = "";
    anew();
  };
  const severities = WORST_FIRST.filter((key) => found.totals.some((one) => one.severity === key));
  const rules = found.totals.filter((one) => !chosen.severity || one.severity === chosen.severity);
  const links = FORMS.map((form) => h("a", { class: "button quiet small", download: "", href: address(whole(`/${id}/findings/file`), { form, language: page.lang }) }, name("forms", form)));
  return [
    h("div", { class: "bar" }, h("h2", {}, t("findings")), h("p", { class: "total", role: "status" }, t("findings_total", { total: found.total }))),
    h(
      "div",
      { class: "bar filters" },
      h("label", {}, h("span", { class: "unseen" }, t("severity")), choice([["", t("all_severities")], ...severities.map((key) => /** @type {[string, string]} */ ([key, name("severities", key)]))], chosen.severity, set("severity"))),
      h("label", { class: "wide" }, h("span", { class: "unseen" }, t("rule")), choice([["", t("all_rules")], ...rules.map((one) => /** @type {[string, string]} */ ([one.rule, `${told(one, "title")} (${count(one.count)})`]))], chosen.rule, set("rule"))),
      h("div", { class: "downloads" }, h("span", {}, t("download")), links),
    ),
  ];
}

/**
 * @param {any} found
 * @param {(geometry: any) => void} pick
 */
function list(found, pick) {
  if (!found.findings.length) return h("p", { class: "nothing" }, t("findings_none"));
  const titles = Object.fromEntries(found.totals.map((one) => [one.rule, told(one, "title")]));
  return table(
    [
      { title: t("severity"), cell: (one) => h("span", { class: "severity" }, drawn(SEVERITIES[one.severity]), name("severity", one.severity)), look: "states" },
      { title: t("feature"), cell: (one) => [one.code || (one.feature ? "–" : t("whole_file")), one.feature && h("small", {}, `#${one.feature}`)], look: "code-cell" },
      { title: t("finding"), cell: (one) => [h("small", {}, titles[one.rule] ?? one.rule), told(one, "message"), told(one, "hint") && h("small", { class: "hint-line" }, told(one, "hint"))], look: "said" },
    ],
    found.findings,
    { onrow: (one) => pick(one.geometry), usable: (one) => Boolean(one.geometry) },
  );
}
