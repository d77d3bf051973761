/** Step 5: what will happen in one sentence, the deed, what it did, and the way back. */

import { address, ask } from "./api.js";
import { asideDeed } from "./aside.js";
import { verdict } from "./check.js";
import { scopeSaid } from "./compare.js";
import { asked, button, fill, h, trouble } from "./dom.js";
import { photosOf } from "./draft.js";
import { mayGoBack } from "./history.js";
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
      counts.refusing && h("div", { class: "trouble" }, h("strong", {}, counts.refusing.feature ? t("first_error_at", { number: counts.refusing.feature }) : t("first_error")), " ", told(counts.refusing, "message"), told(counts.refusing, "hint") && h("p", {}, told(counts.refusing, "hint"))),
      h("p", { class: "note" }, t("refused_how")),
      h("div", { class: "deeds-row" }, button(t("to_findings"), () => go("check")), button(t("to_mapping"), () => go("map"), "quiet"), asideDeed(desk)),
    );
  }
  return h(
    "section",
    { class: "panel promote" },
    h("h2", {}, t("promote")),
    h("p", { class: "sentence" }, sentence(batch)),
    withPhotos(batch) && h("p", { class: "note" }, t("will_photos", { photos: photosOf(batch) })),
    batch.target === "components" && h("p", { class: "note" }, scopeSaid(batch)),
    h("p", { class: "note" }, t("one_transaction")),
    h("p", { class: "deeds-row" }, button(t("promote_now"), () => act("/promote"))),
  );
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

/**
 * What is being done, for whoever waits for it.
 * @param {any} batch at work
 */
export function atWork(batch) {
  const { work, counts, target: goal } = batch;
  if (work.step === "promote") return sentence(batch);
  if (work.step !== "rollback") return "";
  if (goal !== "components") return t("undoing_draft", { draft: String(counts.draft ?? "") });
  return t("undoing", { added: counts.added ?? 0, changed: (counts.changed ?? 0) + (counts.retired ?? 0) });
}

/** @param {any} batch */
function withPhotos(batch) {
  return batch.target === "components" && photosOf(batch) > 0;
}

/**
 * What became of a batch; what is gone and was not retired was kept.
 * @param {any} batch
 * @returns {[string, number][]}
 */
function tally(batch) {
  const { counts } = batch;
  const of = (keys) => keys.map((key) => [key, counts[key] ?? 0]);
  if (batch.target !== "components") return of(["areas", "set_aside"]);
  const kept = (counts.gone ?? 0) - (counts.retired ?? 0);
  const photos = withPhotos(batch) || counts.photos ? of(["photos"]) : [];
  return [...of(["added", "changed", "unchanged", "retired"]), ["kept", kept], ...of(["set_aside", "ambiguous", "issued"]), ...photos];
}

/** @param {import("./batch.js").Desk} desk */
function done({ batch, act }) {
  const { counts, in_force: revision } = batch;
  const undo = () => act("/rollback");
  return h(
    "section",
    { class: "panel promote" },
    h("p", { class: "done", role: "status" }, t("promoted_on", { when: moment(batch.promoted_at) })),
    figures(tally(batch).map(([key, number]) => [name("counts", key), number, key])),
    counts.draft && !revision && h("p", { class: "note" }, t("draft_number", { draft: String(counts.draft) }), " ", h("code", {}, `gridsvc areas apply ${counts.draft}`)),
    revision && h("p", { class: "note" }, t("draft_in_force", { draft: String(counts.draft), revision: String(revision) })),
    mayGoBack(batch) && [
      h("h3", {}, t("rollback")),
      h("p", { class: "note" }, t(counts.draft ? "rollback_draft_why" : "rollback_why")),
      asked(t("rollback"), t(counts.draft ? "rollback_draft_ask" : "rollback_ask", { file: batch.file_name }), t("rollback_sure"), undo),
    ],
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
  const several = batch.inspection?.layers?.length > 1;
  const show = async (offset) => {
    try {
      const { total, rejected: rows } = await ask(address(`/${id}/rejected`, { limit: LIMIT, offset }));
      fill(place, h("div", { class: "bar" }, h("h2", {}, t("rejected")), h("p", { class: "total" }, t("rows_total", { total }))), listed(rows, several), paging({ total, limit: LIMIT, offset }, show));
    } catch (error) {
      fill(place, trouble(error.message));
    }
  };
  show(0);
  return place;
}

/**
 * @param {any[]} rows
 * @param {boolean} several whether they are of more than one layer
 */
function listed(rows, several) {
  return table(
    [
      { title: t("feature"), cell: (one) => [one.code || t("no_code"), h("small", {}, several ? `${one.layer} #${one.feature}` : `#${one.feature}`)], look: "code-cell" },
      { title: t("subclass"), cell: (one) => (one.row?.subclass_code ? subclass(one.row.subclass_code) : "–"), look: "nowrap" },
      { title: t("reason"), cell: (one) => told(one, "reason"), look: "said" },
    ],
    rows,
  );
}
