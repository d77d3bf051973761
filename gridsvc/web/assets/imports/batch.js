/** One import: its head, its five steps, and what is at work. */

import { ask } from "./api.js";
import { render as check } from "./check.js";
import { render as compare } from "./compare.js";
import { asked, button, fill, h, trouble } from "./dom.js";
import { draftOf, forget } from "./draft.js";
import { badge } from "./history.js";
import { render as inspect } from "./inspect.js";
import { render as map } from "./mapping.js";
import { atWork, render as promote } from "./promote.js";
import { count, jointed, moment, name, place, t, target, told } from "./words.js";
import { AT_WORK, follow, progress } from "./work.js";

const RENDER = { inspect, map, check, compare, promote };
const STEPS = Object.keys(RENDER);
const STEP_OF_WORK = { inspect: "inspect", check: "check", promote: "promote", rollback: "promote" };
export const OPEN = ["received", "inspected", "checked"];
const STAND_ALONE = ["failed", "lost", "cancelled"];

/**
 * What the steps are given.
 * @typedef {object} Desk
 * @property {number} id
 * @property {any} batch as the service tells it
 * @property {any} draft what was chosen so far, see draft.js
 * @property {boolean} open whether the batch may still be changed
 * @property {(step: string) => void} go
 * @property {(path: string, given?: {method?: string, body?: any}) => Promise<void>} act a deed, after which all is shown anew
 */

/**
 * @param {HTMLElement} root
 * @param {number} id
 */
export async function openBatch(root, id) {
  const head = h("div");
  const alert = h("div", { "aria-live": "assertive" });
  const steps = h("nav", { class: "steps", "aria-label": t("steps") });
  const body = h("div", { class: "step", id: "step", tabindex: "-1" });
  fill(root, head, alert, steps, body);

  /** @type {Desk} */
  const desk = { id, batch: null, draft: null, open: false, go, act };
  let following = new AbortController();

  async function renew() {
    desk.batch = await ask(`/${id}`);
    desk.open = OPEN.includes(desk.batch.state);
    desk.draft = draftOf(desk.batch, desk.open);
    paint();
  }

  function paint() {
    following.abort();
    const busy = AT_WORK.includes(desk.batch.work?.state);
    const step = busy ? STEP_OF_WORK[desk.batch.work.step] : chosenStep(desk.batch);
    fill(head, headOf(desk, busy));
    fill(alert, interrupted(desk));
    fill(steps, stepper(desk.batch, step, busy, go));
    fill(body, busy ? working(desk, step) : RENDER[step](desk));
  }

  /** @param {string} step */
  function working(desk, step) {
    following = new AbortController();
    const shown = progress(desk.batch.work, atWork(desk.batch), () => act("/cancel"), following.signal);
    follow(id, shown.update, renew, following.signal);
    return h("section", { class: "panel" }, h("h2", {}, name("doing", desk.batch.work.step)), shown.node);
  }

  /** @param {string} step */
  function go(step) {
    window.history.pushState(null, "", `#${step}`);
    paint();
    body.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }

  async function act(path, { method = "POST", body: said } = {}) {
    try {
      await ask(`/${id}${path}`, { method, body: said });
      window.history.replaceState(null, "", window.location.pathname + window.location.search);
      await renew();
    } catch (error) {
      fill(alert, trouble(error.message));
      window.scrollTo({ top: 0, behavior: "smooth" });
    }
  }

  window.addEventListener("popstate", () => desk.batch && paint());
  await renew();
}

/**
 * @param {Desk} desk
 * @param {boolean} busy
 */
function headOf({ id, batch, open, act }, busy) {
  const facts = [
    t("batch_number", { number: count(id) }),
    batch.who && t("brought_by", { who: batch.who, when: moment(batch.staged_at) }),
    batch.target && target(batch.target),
    batch.promoted_at && t("promoted_at", { when: moment(batch.promoted_at) }),
  ];
  const drop = async () => {
    forget(id);
    await act("/drop");
  };
  return [
    h("p", { class: "back" }, h("a", { href: place("/imports") }, `← ${t("all_imports")}`)),
    h("div", { class: "head" }, h("h1", {}, jointed(batch.file_name)), h("div", { class: "head-act" }, badge(batch), open && !busy && asked(t("drop_batch"), t("drop_ask"), t("drop_sure"), drop, "small"))),
    h("p", { class: "lead" }, facts.filter(Boolean).join(" · ")),
  ];
}

/**
 * What became of work that did not come to its end, and the way to begin it again.
 * @param {Desk} desk
 */
function interrupted({ batch, act }) {
  const { step, state } = batch.work ?? {};
  if (STAND_ALONE.includes(state)) {
    return h(
      "div",
      { class: "trouble", role: "alert" },
      h("strong", {}, t("interrupted", { step: name("work", step), state: name("ended", state) })),
      h("p", {}, told(batch, "error") || t(state === "lost" ? "lost_why" : "nothing_changed")),
      step === "promote" && state === "failed" ? button(t("check_again"), () => act("/check"), "small") : button(t("again"), () => act(`/${step}`), "small"),
    );
  }
  return batch.error && batch.state === "refused" && trouble(h("strong", {}, t("refused")), " ", told(batch, "error"));
}

/** @param {any} batch */
function reachable(batch) {
  const seen = Boolean(batch.inspection?.layers);
  const compared = ["checked", "promoted", "rolled_back"].includes(batch.state);
  return { inspect: true, map: seen, check: Boolean(batch.definition?.target), compare: compared, promote: compared };
}

/** @param {any} batch */
function chosenStep(batch) {
  const may = reachable(batch);
  const wanted = window.location.hash.slice(1);
  if (may[wanted]) return wanted;
  if (batch.state === "promoted" || batch.state === "rolled_back") return "promote";
  return may.check && (batch.state === "checked" || batch.counts?.read !== undefined) ? "check" : may.check ? "map" : "inspect";
}

/**
 * @param {any} batch
 * @param {string} current
 * @param {boolean} busy
 * @param {(step: string) => void} go
 */
function stepper(batch, current, busy, go) {
  const may = reachable(batch);
  const lines = STEPS.map((step, place) => {
    const done = STEPS.indexOf(current) > place || (batch.state === "promoted" && may[step]);
    const wrong = done && step === "check" && Boolean(batch.counts?.refusals);
    const press = button(
      [h("span", { class: "mark", "aria-hidden": "true" }, wrong ? "!" : done ? "✓" : String(place + 1)), h("span", {}, name("steps", step)), wrong && h("span", { class: "unseen" }, t("refusing"))],
      () => go(step),
      "",
      { disabled: step !== current && (busy || !may[step]), "aria-current": step === current ? "step" : null },
    );
    return h("li", { class: wrong ? "past wrong" : done ? "past" : "" }, press);
  });
  return h("ol", {}, lines);
}
