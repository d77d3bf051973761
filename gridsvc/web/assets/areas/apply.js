/** Putting a draft in force: now or at a time, and what becomes of open cases. It is asked once more before. */

import { ask } from "../imports/api.js";
import { button, fill, h, tick } from "../imports/dom.js";
import { joined, moment, page, t } from "../imports/words.js";
import { instant, local, many, sentence as clauses } from "./say.js";
import { during } from "./working.js";

const DAY = 86_400_000;

/**
 * @param {import("./main.js").Desk} desk
 * @param {any} draft
 * @param {any} found its preview
 */
export function applyPanel(desk, draft, found) {
  const chosen = { at: "", cases: "reroute" };
  const told = h("div", { class: "told-apply" });
  const time = h("input", { type: "datetime-local", value: nextMorning(), disabled: true, "aria-label": t("apply_time"), required: true });
  const later = (on) => {
    time.disabled = !on;
    if (on) time.focus();
  };
  const section = h("section", { class: "panel apply", "aria-label": t("apply") });
  const forbidden = found.errors.length ? t("apply_errors") : page.applies ? "" : t("apply_whole_city");
  const ready = async () => {
    if (!time.disabled && !time.reportValidity()) return;
    chosen.at = time.disabled ? "" : instant(time.value);
    if (await confirmed(sentence(draft, found, chosen))) await send(desk, draft, chosen, section, told);
  };
  const radios = (group, options) => h("div", { class: "options" }, options);
  fill(
    section,
    h("h2", {}, t("apply")),
    h("div", { class: "panels plain" }, [
      h("fieldset", {}, h("legend", {}, t("apply_when")), radios("when", [
        tick({ type: "radio", name: "when", checked: true, onchange: () => later(false) }, t("apply_now")),
        tick({ type: "radio", name: "when", checked: false, onchange: () => later(true) }, t("apply_later")),
      ]), h("div", { class: "time-field" }, time, h("small", {}, t("city_time", { zone: page.city.zone })))),
      h("fieldset", {}, h("legend", {}, t("open_cases_become")), radios("cases", [
        tick({ type: "radio", name: "cases", checked: true, onchange: () => (chosen.cases = "reroute") }, t("cases_reroute"), h("small", {}, t("cases_reroute_how"))),
        tick({ type: "radio", name: "cases", checked: false, onchange: () => (chosen.cases = "keep") }, t("cases_keep"), h("small", {}, t("cases_keep_how"))),
      ])),
    ]),
    forbidden && h("p", { class: "note" }, forbidden),
    h("p", { class: "deeds-row" }, button(t("apply_ask"), ready, "", forbidden ? { disabled: true } : {})),
    told,
  );
  return section;
}

/** In the city's time. */
function nextMorning() {
  return `${local(Date.now() + DAY).slice(0, 10)}T00:00`;
}

/** What will happen, with its numbers. */
function sentence(draft, { kinds, components, cases }, chosen) {
  const sum = (key) => kinds.reduce((all, one) => all + one[key].length, 0);
  const when = chosen.at ? t("will_at", { draft: draft.id, when: moment(chosen.at) }) : t("will_now", { draft: draft.id });
  const turns = ["begin", "end", "change"].filter((key) => sum(key)).map((key) => many(`will_${key}`, sum(key)));
  const follow = many(chosen.cases === "keep" ? "will_keep" : "will_reroute", cases.to_others);
  return when + clauses([...turns, many("will_move", components.moved), follow]);
}

/**
 * @param {string} words
 * @returns {Promise<boolean>}
 */
function confirmed(words) {
  const dialog = h("dialog", { class: "confirm", "aria-labelledby": "confirm-title" });
  const answer = new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes")));
  fill(
    dialog,
    h("h2", { id: "confirm-title" }, t("apply_title")),
    h("p", { class: "sentence" }, words),
    h("p", { class: "note" }, t("apply_back")),
    h("p", { class: "deeds-row" }, button(t("apply_sure"), () => dialog.close("yes")), button(t("cancel"), () => dialog.close("no"), "quiet")),
  );
  document.body.append(dialog);
  dialog.showModal();
  return answer.finally(() => dialog.remove());
}

async function send(desk, draft, chosen, section, told) {
  const body = { at: chosen.at || null, cases: chosen.cases };
  const done = await during(section.parentNode, told, t("applying"), () => ask(`/api/v1/areas/drafts/${draft.id}/apply`, { method: "POST", body }));
  if (!done) return;
  await desk.renew();
  fill(section.parentNode, result(desk, done));
  desk.map.draft(null);
}

function result(desk, done) {
  const { revision, begun } = done;
  const first = begun ? t("applied_now", { revision }) : t("applied_later", { revision, when: moment(done.valid_from) });
  const words = joined([first, clauses([many("applied_changed", done.changed), ...(begun ? [many("applied_moved", done.components)] : [])])]);
  return h(
    "section",
    { class: "panel result" },
    h("p", { class: "done", role: "status" }, words),
    h("p", { class: "deeds-row" }, button(t("see_areas"), () => desk.go("areas")), button(t("see_history"), () => desk.go("history"), "quiet")),
  );
}
