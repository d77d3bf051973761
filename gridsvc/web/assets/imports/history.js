/** All imports, newest first, and the place to bring in another one. */

import { address, ask } from "./api.js";
import { asked, fill, h, trouble } from "./dom.js";
import { paging, table } from "./table.js";
import { uploadPanel } from "./upload.js";
import { count, jointed, moment, name, page, place, t, target, told } from "./words.js";

const LIMIT = 20;
const LOOKS = { promoted: "good", refused: "bad", checked: "warn", rolled_back: "soft", dropped: "soft" };
const COUNTED = ["added", "changed", "unchanged", "retired", "set_aside", "ambiguous", "photos", "areas"];

/** @param {HTMLElement} root */
export async function openHistory(root) {
  const list = h("section", { class: "panel table", "aria-labelledby": "history" });
  fill(root, h("div", { class: "head" }, h("h1", {}, t("title"))), uploadPanel(), list);
  await show(list, 0);
}

/**
 * @param {HTMLElement} list
 * @param {number} offset
 */
async function show(list, offset) {
  const { total, imports } = await ask(address("", { limit: LIMIT, offset }));
  const again = () => show(list, offset);
  fill(
    list,
    h("div", { class: "bar" }, h("h2", { id: "history" }, t("history")), h("p", { class: "total", role: "status" }, t("imports_total", { total }))),
    total ? table(columns(list, again), imports, { look: "history" }) : h("p", { class: "nothing" }, t("imports_none")),
    paging({ total, limit: LIMIT, offset }, (next) => show(list, next)),
  );
}

/**
 * @param {HTMLElement} list
 * @param {() => Promise<void>} again
 */
function columns(list, again) {
  return [
    { title: t("number"), cell: (one) => count(one.id), look: "num" },
    { title: t("file"), cell: fileOf, look: "title" },
    { title: t("goes_to"), cell: (one) => (one.target ? target(one.target) : "–") },
    { title: t("state"), cell: (one) => badge(one), look: "states" },
    { title: t("counts"), cell: countsOf, look: "counts" },
    { title: t("who"), cell: (one) => one.who || "–", look: "who-cell" },
    { title: t("when"), cell: (one) => moment(one.promoted_at ?? one.staged_at), look: "time" },
    { title: "", cell: (one) => (mayGoBack(one) ? rollBack(one, list, again) : one.in_force && h("small", {}, t("in_force"))), look: "act" },
  ];
}

/**
 * Whether a batch can be rolled back, as far as is known before it is tried.
 * @param {any} one
 */
export function mayGoBack(one) {
  const ours = one.target === "components" || page.kinds.some((each) => each.kind === one.target);
  return one.state === "promoted" && ours && !one.in_force;
}

/** @param {any} one */
function fileOf(one) {
  return [
    h("a", { href: place(`/imports/${one.id}`) }, jointed(one.file_name)),
    one.kind === "hand" && h("small", {}, t("by_hand")),
    one.error && h("small", { class: "why" }, told(one, "error")),
  ];
}

/** @param {any} one */
export function badge(one) {
  const work = one.work?.state;
  if (work === "waiting" || work === "working") return h("span", { class: "badge" }, name("doing", one.work.step));
  if (work === "lost" || work === "failed") return h("span", { class: "badge bad" }, name("ended", work));
  return h("span", { class: `badge ${LOOKS[one.state] ?? ""}` }, name("states", one.state));
}

/** @param {any} one */
function countsOf(one) {
  const counts = { ...one.counts?.changes, ...one.counts };
  if (counts.read === undefined) return "–";
  const parts = COUNTED.filter((key) => counts[key]).map((key) => h("span", {}, `${name("counts", key)} ${count(counts[key])}`));
  return [t("rows_read", { rows: counts.read }), h("small", { class: "parts" }, parts)];
}

/**
 * @param {any} one
 * @param {HTMLElement} list
 * @param {() => Promise<void>} again
 */
function rollBack(one, list, again) {
  const deed = async () => {
    try {
      await ask(`/${one.id}/rollback`, { method: "POST" });
      window.location.assign(place(`/imports/${one.id}`));
    } catch (error) {
      await again();
      list.prepend(trouble(error.message));
    }
  };
  return asked(t("rollback"), t(one.counts?.draft ? "rollback_draft_ask" : "rollback_ask", { file: one.file_name }), t("rollback_sure"), deed, "small");
}
