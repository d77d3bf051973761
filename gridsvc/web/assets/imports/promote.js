/** Step 5: what will happen in one sentence, the deed, what it did, and the way back. */

import { address, ask } from "./api.js";
import { verdict } from "./check.js";
import { scopeSaid } from "./compare.js";
import { asked, button, fill, h, trouble } from "./dom.js";
import { definition, keep } from "./draft.js";
import { figures, paging, table } from "./table.js";
import { joined, moment, name, subclass, t, target, told } from "./words.js";

const LIMIT = 15;

/** @param {import("./batch.js").Desk} desk */
export function render(desk) {
  const { state } = desk.batch;
  if (state === "promoted") return [done(desk), rejected(desk)];
  if (state === "rolled_back") return [undone(desk), rejected(desk)];
  return ahead(desk);
}

/** @param {import("./batch.js").Desk} desk */
function ahead(desk) {
  const { batch, act, go } = desk;
  const { counts } = batch;
  if (counts.refusals) {
    return h(
      "section",
      { class: "panel promote" },
      h("h2", {}, t("promote")),
      h("p", { class: "sentence" }, verdict(counts)),
      counts.refusing && h("div", { class: "trouble" }, h("strong", {}, t("first_error")), " ", counts.refusing.feature && t("feature_number", { number: counts.refusing.feature }), " ", told(counts.refusing, "message"), told(counts.refusing, "hint") && h("p", {}, told(counts.refusing, "hint"))),
      h("p", { class: "note" }, t("refused_how")),
      h("div", { class: "deeds-row" }, button(t("to_findings"), () => go("check")), button(t("to_mapping"), () => go("map"), "quiet"), asked(t("aside_all"), t("aside_ask"), t("aside_sure"), () => setAside(desk))),
    );
  }
  return h(
    "section",
    { class: "panel promote" },
    h("h2", {}, t("promote")),
    h("p", { class: "sentence" }, sentence(batch)),
    batch.target === "components" && h("p", { class: "note" }, scopeSaid(batch)),
    h("p", { class: "note" }, t("one_transaction")),
    h("p", { class: "deeds-row" }, button(t("promote_now"), () => act("/promote"))),
  );
}

/**
 * The rows with errors are to be set aside; errors of the whole file stay.
 * @param {import("./batch.js").Desk} desk
 */
async function setAside({ id, draft, act }) {
  const { totals } = await ask(address(`/${id}/findings`, { severity: "error", limit: 1, offset: 0 }));
  const rules = totals.filter((one) => one.severity === "error").map((one) => one.rule);
  draft.set_aside = [...new Set([...draft.set_aside, ...rules])];
  keep(id, draft);
  await act("/definition", { method: "PUT", body: definition(draft) });
}

/** @param {any} batch */
export function sentence({ target: goal, counts, gone }) {
  if (goal !== "components") {
    return t("will_draft", { areas: counts.read - (counts.set_aside ?? 0), kind: target(goal) });
  }
  const { added, changed, unchanged, gone: lacking, ambiguous } = counts.changes;
  const parts = [t("will", { added, changed, unchanged })];
  if (lacking) parts.push(t(gone === "retire" ? "will_retire" : "will_keep", { gone: lacking }));
  if (counts.set_aside) parts.push(t("will_set_aside", { rows: counts.set_aside }));
  if (ambiguous) parts.push(t("will_not_decide", { rows: ambiguous }));
  return joined(parts);
}

/** @param {import("./batch.js").Desk} desk */
function done({ batch, act }) {
  const { counts } = batch;
  const keys = batch.target === "components" ? ["added", "changed", "unchanged", "retired", "gone", "set_aside", "ambiguous", "issued"] : ["areas", "set_aside"];
  const undo = () => act("/rollback");
  return h(
    "section",
    { class: "panel promote" },
    h("p", { class: "done", role: "status" }, t("promoted_on", { when: moment(batch.promoted_at) })),
    figures(keys.map((key) => [name("counts", key), counts[key] ?? 0, key])),
    counts.draft && h("p", { class: "note" }, t("draft_number", { draft: String(counts.draft) })),
    h("h3", {}, t("rollback")),
    h("p", { class: "note" }, t("rollback_why")),
    asked(t("rollback"), t("rollback_ask", { file: batch.file_name }), t("rollback_sure"), undo),
  );
}

/** @param {import("./batch.js").Desk} desk */
function undone({ batch }) {
  const { counts } = batch;
  return h(
    "section",
    { class: "panel promote" },
    h("p", { class: "done", role: "status" }, t("rolled_back_on", { when: moment(batch.ended_at) })),
    figures([[name("counts", "removed"), counts.removed ?? 0], [name("counts", "restored"), counts.restored ?? 0]]),
  );
}

/** @param {import("./batch.js").Desk} desk */
function rejected({ id, batch }) {
  if (!batch.counts.set_aside && !batch.counts.ambiguous) return null;
  const place = h("section", { class: "panel table" });
  const show = async (offset) => {
    try {
      const { total, rejected: rows } = await ask(address(`/${id}/rejected`, { limit: LIMIT, offset }));
      fill(place, h("div", { class: "bar" }, h("h2", {}, t("rejected")), h("p", { class: "total" }, t("rows_total", { total }))), listed(rows), paging({ total, limit: LIMIT, offset }, show));
    } catch (error) {
      fill(place, trouble(error.message));
    }
  };
  show(0);
  return place;
}

/** @param {any[]} rows */
function listed(rows) {
  return table(
    [
      { title: t("feature"), cell: (one) => [one.code || t("no_code"), h("small", {}, `${one.layer} #${one.feature}`)], look: "code-cell" },
      { title: t("subclass"), cell: (one) => (one.row?.subclass_code ? subclass(one.row.subclass_code) : "–") },
      { title: t("reason"), cell: (one) => told(one, "reason"), look: "said" },
    ],
    rows,
  );
}
