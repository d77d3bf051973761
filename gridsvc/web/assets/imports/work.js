/** Work that goes on outside of the page, asked for every half second, and less often while nothing changes. */

import { ask } from "./api.js";
import { button, fill, h } from "./dom.js";
import { count, name, share, t } from "./words.js";

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
      const now = JSON.stringify(work);
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
 * A bar that says how far work is, and can end it.
 * @param {any} work
 * @param {() => Promise<void>} oncancel
 */
export function progress(work, oncancel) {
  const bar = h("progress", { max: 1, "aria-label": name("doing", work.step) });
  const figure = h("p", { class: "figure" });
  const spoken = h("p", { class: "unseen", role: "status" });
  let quarter = -1;
  const node = h("div", { class: "working" }, spoken, bar, h("div", { class: "bar" }, figure, button(t("cancel"), oncancel, "quiet small")));
  /**
   * @param {any} now
   * @param {string} [trouble]
   */
  const update = (now, trouble) => {
    if (trouble) return fill(figure, trouble);
    if (now.state === "waiting") bar.removeAttribute("value");
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

/** @param {any} work */
function sentence(work) {
  if (work.stopping) return t("stopping");
  if (work.state === "waiting") return t("waiting");
  const phase = work.phase ? `${name("phases", work.phase)} ` : "";
  if (!work.done) return phase || t("begun");
  if (!work.total) return `${phase}${t("rows_done", { done: work.done })}`;
  return `${phase}${t("rows_of", { done: count(work.done), total: count(work.total), share: share(Math.min(1, work.done / work.total)) })}`;
}
