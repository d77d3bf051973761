/** What changed the areas, newest first: looked at on the map, and taken back. */

import { address, ask } from "../imports/api.js";
import { asked, button, fill, h } from "../imports/dom.js";
import { paging, table } from "../imports/table.js";
import { count, t } from "../imports/words.js";
import { deedName, kindName, noteOf, since } from "./say.js";
import { during, wrong } from "./working.js";

const LIMIT = 20;

/** @param {import("./main.js").Desk} desk */
export function showHistory(desk) {
  const told = h("div");
  const place = h("section", { class: "panel table", "aria-label": t("tab_history") }, h("p", { class: "note" }, t("loading")));
  load(desk, place, told, 0);
  return [told, place];
}

async function load(desk, place, told, offset) {
  try {
    const { revisions } = await ask(address("/api/v1/areas/revisions", { limit: LIMIT, offset }));
    fill(
      place,
      h("div", { class: "bar" }, h("h2", {}, t("history")), h("p", { class: "total", role: "status" }, t("revisions_total", { total: desk.revision }))),
      revisions.length ? list(desk, place, told, revisions) : h("p", { class: "nothing" }, t("history_none")),
      paging({ total: desk.revision, limit: LIMIT, offset }, (next) => load(desk, place, told, next)),
    );
  } catch (error) {
    wrong(told, error);
  }
}

function list(desk, place, told, revisions) {
  const columns = [
    { title: t("revision"), cell: (one) => count(one.revision), look: "num" },
    { title: t("valid_from"), cell: (one) => [since(one.valid_from), one.began_at === null && h("span", { class: "badge warn" }, t("yet_to_come"))], look: "time" },
    { title: t("deed"), cell: (one) => [deedName(one.deed), h("small", {}, kindName(one.kind))], look: "title" },
    { title: t("note"), cell: (one) => [noteOf(one), h("small", {}, t("made_and_ended", { made: one.made, ended: one.ended }))], look: "said" },
    { title: "", cell: (one) => deeds(desk, place, told, one), look: "act" },
  ];
  return table(columns, revisions, { caption: t("history"), look: "revisions" });
}

function deeds(desk, place, told, one) {
  const see = () => {
    desk.look(one.kind, one.revision === desk.revision && one.began_at ? {} : { revision: one.revision });
    desk.go("areas");
  };
  const back = async () => {
    const made = await during(place, told, t("making_draft"), () => ask("/api/v1/areas/drafts", { method: "POST", body: { deed: "reverse", revision: one.revision } }));
    if (!made) return;
    await desk.renew();
    desk.go("draft", made.draft.id);
  };
  return h("div", { class: "two-deeds" }, button(t("see_map"), see, "quiet small"), asked(t("take_back"), t("take_back_ask", { revision: one.revision }), t("take_back_sure"), back, "small"));
}
