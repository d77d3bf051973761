/** Work that goes on outside of the page, asked for every half second, and less often while nothing changes. */

import { ask } from "./api.js";
import { button, fill, h } from "./dom.js";
import { count, duration, name, share, t } from "./words.js";

export const AT_WORK = ["waiting", "working"];
const SHORTEST = 500;
const LONGEST = 5_000;
const SLOWER = 1.5;

/**
 * @param {number} id
 * @param {(work: any, trouble?: string) => void} onprogress
 * @param {() => Promise<void>} onended
 * @param {AbortSignal} signal that somebody else follows, or nobody
 */
export async function follow(id, onprogress, onended, signal) {
  let wait = SHORTEST;
  let last = "";
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) return;
    try {
      const { work } = await ask(`/${id}`, { signal });
      if (!AT_WORK.includes(work?.state)) {
        await onended();
        return;
      }
      onprogress(work);
      const now = JSON.stringify({ ...work, seconds: null });
      wait = now === last ? Math.min(LONGEST, wait * SLOWER) : SHORTEST;
      last = now;
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 401 || error.status === 403) {
        onprogress(null, error.message);
        return;
      }
      onprogress(null, `${error.message} ${t("trying_again")}`);
      wait = Math.min(LONGEST, wait * SLOWER);
    }
  }
}

/**
 * A bar that says how far work is and for how long it goes on, and can end it.
 * @param {any} work
 * @param {string} what in a sentence, what is being done
 * @param {() => Promise<void>} oncancel
 * @param {AbortSignal} signal that nobody looks any more
 */
export function progress(work, what, oncancel, signal) {
  const bar = h("progress", { max: 1, "aria-label": name("doing", work.step) });
  const figure = h("p", { class: "figure" });
  const spoken = h("p", { class: "unseen", role: "status" });
  let quarter = -1;
  const clock = watch(signal);
  const node = h(
    "div",
    { class: "working" },
    what && h("p", {}, what),
    spoken,
    bar,
    h("div", { class: "bar" }, h("div", { class: "figures-line" }, figure, clock.node), button(t("cancel"), oncancel, "quiet small")),
    h("p", { class: "note" }, t("may_leave")),
  );
  /**
   * @param {any} now
   * @param {string} [trouble]
   */
  const update = (now, trouble) => {
    if (trouble) return fill(figure, trouble);
    clock.set(now.seconds);
    if (now.state === "waiting" || now.phase === "photos") bar.removeAttribute("value");
    else if (now.total && now.done) bar.value = Math.min(1, now.done / now.total);
    else bar.removeAttribute("value");
    const reached = now.total ? Math.floor((4 * now.done) / now.total) : 0;
    if (reached !== quarter) fill(spoken, sentence(now)); // whoever listens is not told twice a second
    quarter = reached;
    return fill(figure, sentence(now));
  };
  update(work);
  return { node, update };
}

/**
 * Seconds that go on between two answers of the service, and are set right by each.
 * @param {AbortSignal} signal that nobody looks any more
 */
function watch(signal) {
  const node = h("p", { class: "clock" });
  let since = null;
  const show = () => fill(node, since === null ? "" : t("working_since", { time: duration((performance.now() - since) / 1000) }));
  const timer = setInterval(show, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  /** @param {number | null | undefined} seconds */
  const set = (seconds) => {
    if (typeof seconds !== "number") since = null;
    else if (since === null || Math.abs(performance.now() - since - seconds * 1000) > 1500) since = performance.now() - seconds * 1000;
    show();
  };
  return { node, set };
}

/** @param {any} work */
function sentence(work) {
  if (work.stopping) return t("stopping");
  if (work.state === "waiting") return t("waiting");
  const phase = work.phase ? `${name("phases", work.phase)} ` : "";
  if (work.phase === "photos") return t("photos_done", { photos: work.done });
  if (!work.done) return work.phase === work.step ? t("begun") : phase || t("begun");
  if (!work.total) return `${phase}${t("rows_done", { done: work.done })}`;
  return `${phase}${t("rows_of", { done: count(work.done), total: count(work.total), share: share(Math.min(1, work.done / work.total)) })}`;
}
