/** Work that takes a while: what is being done and for how long, while nothing else can be pressed. */

import { fill, h, trouble } from "../imports/dom.js";
import { duration, t } from "../imports/words.js";
import { named } from "./say.js";

const SHORT = 250;

/**
 * Does something; meanwhile `node` cannot be used, and `place` says what is done. What goes wrong is said there.
 * @param {HTMLElement} node
 * @param {HTMLElement} place
 * @param {string} words
 * @param {() => Promise<any>} work
 * @returns {Promise<any>} what the work gave; undefined if it failed
 */
export async function during(node, place, words, work) {
  const begun = performance.now();
  const clock = h("span", { class: "clock", "aria-hidden": "true" });
  const tell = () => fill(clock, t("working_since", { time: duration((performance.now() - begun) / 1000) }));
  const shown = h("div", { class: "at-work" }, h("p", { role: "status" }, words), clock, h("progress", { "aria-label": words }));
  const late = setTimeout(() => fill(place, shown), SHORT);
  const timer = setInterval(tell, 1000);
  tell();
  node.toggleAttribute("inert", true);
  node.setAttribute("aria-busy", "true");
  try {
    const found = await work();
    fill(place);
    return found;
  } catch (error) {
    wrong(place, error);
    return undefined;
  } finally {
    clearTimeout(late);
    clearInterval(timer);
    node.toggleAttribute("inert", false);
    node.removeAttribute("aria-busy");
  }
}

/**
 * @param {HTMLElement} place
 * @param {any} error
 */
export function wrong(place, error) {
  fill(place, trouble(named(error.message)));
  place.scrollIntoView({ block: "nearest", behavior: "smooth" });
}
