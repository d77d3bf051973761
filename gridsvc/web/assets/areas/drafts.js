/** Drafts that wait: what they are, and the way to one. */

import { ask } from "../imports/api.js";
import { button, fill, h } from "../imports/dom.js";
import { table } from "../imports/table.js";
import { count, moment, page, place as address, t } from "../imports/words.js";
import { deedName, kindName, noteOf } from "./say.js";
import { wrong } from "./working.js";

/** @param {import("./main.js").Desk} desk */
export function showDrafts(desk) {
  const place = h("section", { class: "panel table", "aria-label": t("tab_drafts") }, h("p", { class: "note" }, t("loading")));
  load(desk, place);
  return place;
}

async function load(desk, place) {
  try {
    const { total, drafts } = await ask("/api/v1/areas/drafts");
    const imports = page.imports && h("a", { href: address("/imports") }, t("load_layer"));
    fill(
      place,
      h("div", { class: "bar" }, h("h2", {}, t("drafts")), h("p", { class: "total", role: "status" }, t("drafts_total", { total }))),
      total ? list(desk, drafts) : h("p", { class: "nothing" }, t("drafts_none"), " ", imports),
    );
  } catch (error) {
    wrong(place, error);
  }
}

function list(desk, drafts) {
  const open = (one) => desk.go("draft", one.id);
  const columns = [
    { title: t("number"), cell: (one) => button(count(one.id), () => open(one), "link", { "aria-label": t("draft_number", { draft: one.id }) }), look: "num" },
    { title: t("deed"), cell: (one) => [deedName(one.deed), h("small", {}, kindName(one.kind))], look: "title" },
    { title: t("note"), cell: (one) => [noteOf(one), one.remarks.length > 0 && h("small", { class: "why" }, t("remarks_total", { number: one.remarks.length }))], look: "said" },
    { title: t("named_areas"), cell: (one) => count(one.areas), look: "num" },
    { title: t("made_at"), cell: (one) => moment(one.made_at), look: "time" },
  ];
  const shown = table(columns, drafts, { caption: t("drafts"), look: "drafts" });
  for (const [place, row] of [...shown.tBodies[0].rows].entries()) {
    row.classList.add("usable");
    row.addEventListener("click", (event) => event.target.closest("button") === null && open(drafts[place]));
  }
  return shown;
}
