/** Rows with errors that are set aside, so that the rest of a file can go on. */

import { address, ask } from "./api.js";
import { asked } from "./dom.js";
import { definition, keep } from "./draft.js";
import { t } from "./words.js";

/**
 * The way on for a file with errors.
 * @param {import("./batch.js").Desk} desk
 */
export function asideDeed(desk) {
  return asked(t("aside_all"), t("aside_ask"), t("aside_sure"), () => setAside(desk));
}

/**
 * The rows with errors are to be set aside; errors of the whole file stay.
 * @param {import("./batch.js").Desk} desk
 */
async function setAside({ id, draft, act }) {
  const { totals } = await ask(address(`/${id}/findings`, { severity: "error", limit: 1, offset: 0 }));
  const rules = totals.filter((one) => one.severity === "error").map((one) => one.rule);
  draft.set_aside = [...new Set([...draft.set_aside, ...rules])];
  keep(id, draft);
  await act("/definition", { method: "PUT", body: definition(draft) });
}
