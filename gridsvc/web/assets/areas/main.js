/** The grid desk: areas with their figures, drafts that change them, and what changed them before; a map beside. */

import { ask } from "../imports/api.js";
import { button, fill, h, trouble } from "../imports/dom.js";
import { count, page, place, t } from "../imports/words.js";
import { showCheck } from "./check.js";
import { choose, flip } from "./chosen.js";
import { showDraft } from "./draft.js";
import { showDrafts } from "./drafts.js";
import { showHistory } from "./history.js";
import { showAreas } from "./list.js";
import { showOne } from "./one.js";
import { picture } from "./picture.js";
import { allKinds, kindOf, learn } from "./say.js";

const VIEWS = { areas: showAreas, area: showOne, drafts: showDrafts, draft: showDraft, check: showCheck, history: showHistory };
const TABS = { areas: ["areas", "area"], drafts: ["drafts", "draft"], check: ["check"], history: ["history"] };

/**
 * What all parts of the page share.
 * @typedef {object} Desk
 * @property {string} kind of area that is looked at
 * @property {{at?: string, revision?: number}} when it is looked at; empty: now
 * @property {Map<string, any>} chosen areas by code
 * @property {any} list how the list is sorted and where it stands
 * @property {number} revision the newest
 * @property {import("./picture.js").Picture} map
 * @property {(...where: (string | number)[]) => void} go to a part of the page
 * @property {(kind: string, when?: {at?: string, revision?: number}) => void} look at another kind or time
 * @property {() => Promise<void>} renew asks again what there is, after something changed
 * @property {(() => void) | null} onchosen what a view does when other areas are chosen
 */

/** @param {HTMLElement} root */
async function begin(root) {
  const tabs = h("nav", { class: "steps tabs", "aria-label": t("parts") });
  const left = h("div", { class: "desk-left", id: "part", tabindex: "-1" });
  const map = picture({ onarea });
  /** @type {Desk} */
  const desk = { kind: "", when: {}, chosen: new Map(), list: null, revision: 0, map, go, look, renew, onchosen: null };
  let drafts = 0;

  function onarea(code, several, names) {
    if (several) flip(desk, { code, name_zh: names.name_zh, name_en: names.name_en });
    else go("area", desk.kind, code);
  }

  async function renew() {
    const [found, waiting] = await Promise.all([ask("/api/v1/areas/kinds"), ask("/api/v1/areas/drafts")]);
    learn(found.kinds);
    desk.revision = found.revision;
    drafts = waiting.total;
    if (!kindOf(desk.kind)) desk.kind = firstKind();
    map.areas(desk.kind, desk.when, desk.revision);
    paintTabs();
  }

  function look(kind, when = desk.when) {
    if (kind !== desk.kind) choose(desk, []);
    desk.kind = kind;
    desk.when = when;
    map.areas(kind, when, desk.revision);
  }

  function paintTabs() {
    const now = parts()[0];
    const tab = (key) => {
      const words = key === "drafts" && drafts ? [t("tab_drafts"), h("span", { class: "mark" }, count(drafts))] : t(`tab_${key}`);
      return h("li", {}, button(words, () => go(key), "", { "aria-current": TABS[key].includes(now) ? "page" : null }));
    };
    fill(tabs, h("ol", {}, Object.keys(TABS).map(tab)));
  }

  function go(...where) {
    const hash = `#${where.map((part) => encodeURIComponent(String(part))).join("/")}`;
    if (window.location.hash !== hash) window.history.pushState(null, "", hash);
    show();
    left.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }

  function show() {
    const [view, ...rest] = parts();
    desk.onchosen = null;
    if (view !== "draft") map.draft(null);
    if (view !== "area") map.point("");
    map.pick(null);
    paintTabs();
    fill(left, VIEWS[view](desk, ...rest));
  }

  const imports = page.imports && h("a", { class: "button quiet", href: place("/imports") }, t("load_layer"));
  fill(root, h("div", { class: "head" }, h("h1", {}, t("title")), imports), tabs, h("div", { class: "beside" }, left, map.node));
  await renew();
  show();
  window.addEventListener("popstate", show);
}

/** Which part of the page is asked for. */
function parts() {
  const found = window.location.hash.slice(1).split("/").map(decodeURIComponent);
  return found[0] in VIEWS ? found : ["areas"];
}

/** The finest that has areas. */
function firstKind() {
  const used = allKinds().filter((one) => one.areas);
  return (used.find((one) => one.code_scheme.startsWith("unit_grid")) ?? used.at(-1) ?? allKinds()[0])?.kind ?? "";
}

const root = document.getElementById("desk");
begin(root).catch((error) => fill(root, trouble(error.message)));
