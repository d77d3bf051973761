/** Step 4: what promoting the batch would do to the store, row by row, before it is done; and what it did, afterwards. */

import { address, ask } from "./api.js";
import { button, choice, fill, h, trouble } from "./dom.js";
import { preview } from "./preview.js";
import { ACTIONS, drawn } from "./signs.js";
import { figures, paging, table } from "./table.js";
import { joined, length, name, subclass, t } from "./words.js";

const LIMIT = 15;
const ORDER = ["added", "changed", "unchanged", "gone", "ambiguous", "rejected"];
const GROUPS = { components: "actions", areas: "area_actions" };
const DEEDS = ["added", "changed", "retired"];

/** @param {import("./batch.js").Desk} desk */
export function render(desk) {
  const { batch, id, open } = desk;
  const areas = batch.target !== "components";
  const group = GROUPS[areas ? "areas" : "components"];
  const totals = open ? ahead(batch, areas) : done(batch, areas);
  const keys = (open ? ORDER : [...DEEDS, ...ORDER.slice(2)]).filter((key) => totals[key] !== undefined);
  const shown = preview(id, { by: "action", signs: ACTIONS, group, order: open ? keys : DEEDS, totals });
  const listed = open ? totals : Object.fromEntries(DEEDS.map((key) => [key, totals[key] ?? 0]));
  return [
    h(
      "section",
      { class: "panel summary" },
      figures(keys.map((key) => [name(group, key), totals[key], key])),
      h("p", { class: "note" }, areas ? t("areas_become_draft") : scopeSaid(batch)),
    ),
    !open && !areas && h("p", { class: "note" }, batch.ended_at ? t("deeds_undone") : t("deeds_shown")),
    h("div", { class: "beside" }, areas ? null : changesPanel(id, listed, shown.pick), shown.node),
    open && h("div", { class: "onward" }, button(t("next_promote"), () => desk.go("promote"))),
  ];
}

/**
 * @param {any} batch
 * @param {boolean} areas
 */
function ahead({ counts }, areas) {
  if (!areas) return counts.changes ?? {};
  return { added: counts.read - (counts.set_aside ?? 0), rejected: counts.set_aside ?? 0 };
}

/**
 * Of what was compared, what the batch wrote; those that are gone were retired, or kept.
 * @param {any} batch
 * @param {boolean} areas
 */
function done({ counts }, areas) {
  if (areas) return { added: counts.areas, rejected: counts.set_aside ?? 0 };
  const { added = 0, changed = 0, retired = 0, unchanged = 0, ambiguous = 0, set_aside: rejected = 0 } = counts;
  return { added, changed, retired, unchanged, gone: (counts.gone ?? 0) - retired, ambiguous, rejected };
}

/** @param {any} batch */
export function scopeSaid({ scope, gone }) {
  if (!scope?.subclasses) return "";
  const words = scope.kind ? t("scope_said", { areas: scope.areas.length, subclasses: scope.subclasses.length }) : t("scope_said_city", { subclasses: scope.subclasses.length });
  return joined([words, scope.suggested && t("scope_from_file"), t(gone === "retire" ? "gone_retire_how" : "gone_keep_how")]);
}

/**
 * @param {number} id
 * @param {Record<string, number>} totals
 * @param {(geometry: any) => void} pick
 */
function changesPanel(id, totals, pick) {
  const place = h("section", { class: "panel table", "aria-label": t("changes") }, h("p", { class: "note" }, t("loading")));
  let action = ["changed", "gone", "retired", "ambiguous", "added", "rejected"].find((key) => totals[key]) ?? "";
  const set = (value) => {
    action = value;
    show(0);
  };
  const show = async (offset) => {
    try {
      const found = await ask(address(`/${id}/changes`, { action, limit: LIMIT, offset }));
      const total = found.total ?? (action ? found.totals[action] : Object.values(found.totals).reduce((sum, each) => sum + each, 0));
      fill(place, head(totals, total, action, set), list(found.changes, pick), paging({ total, limit: LIMIT, offset }, show));
    } catch (error) {
      fill(place, trouble(error.message));
    }
  };
  show(0);
  return place;
}

/**
 * @param {Record<string, number>} totals
 * @param {number} total
 * @param {string} action
 * @param {(action: string) => void} set
 */
function head(totals, total, action, set) {
  const options = /** @type {[string, string][]} */ ([["", t("all_actions")], ...Object.keys(ACTIONS).reverse().filter((key) => totals[key]).map((key) => [key, name("actions", key)])]);
  return h(
    "div",
    { class: "bar" },
    h("h2", {}, t("changes")),
    h("label", { class: "filter-one" }, h("span", { class: "unseen" }, t("action")), choice(options, action, set)),
    h("p", { class: "total", role: "status" }, t("changes_total", { total })),
  );
}

/**
 * @param {any[]} changes
 * @param {(geometry: any) => void} pick
 */
function list(changes, pick) {
  if (!changes.length) return h("p", { class: "nothing" }, t("changes_none"));
  const place = (one) => ({ type: "Point", coordinates: [one.lon, one.lat] });
  return table(
    [
      { title: t("action"), cell: (one) => h("span", { class: "severity" }, drawn(ACTIONS[one.action]), name("actions", one.action)), look: "states" },
      { title: t("component"), cell: (one) => [one.code || t("no_code"), one.subclass_code && h("small", {}, subclass(one.subclass_code))], look: "code-cell" },
      { title: t("what_changes"), cell: (one) => fieldsOf(one), look: "said" },
      { title: t("moved"), cell: (one) => (one.moved_m ? length(one.moved_m) : "–"), look: "num" },
    ],
    changes,
    { onrow: (one) => pick(place(one)), usable: (one) => one.lon !== null && one.lon !== undefined },
  );
}

/** @param {any} one */
function fieldsOf(one) {
  const fields = typeof one.fields === "string" ? one.fields.split(",").filter(Boolean) : (one.fields ?? []);
  if (!fields.length) return "–";
  return fields.map((field) => h("span", { class: "chip" }, field.startsWith("attributes.") ? field.slice("attributes.".length) : name("fields", field)));
}
