/** Tables, pages of them, and figures. */

import { button, h } from "./dom.js";
import { count, t } from "./words.js";

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: any) => any} cell
 * @property {string} [look] class of its cells
 */

/**
 * @param {Column[]} columns
 * @param {any[]} rows
 * @param {{caption?: string, look?: string, onrow?: (row: any) => void, usable?: (row: any) => boolean}} [given]
 *   `onrow`: what pressing a row does, for those that are `usable`
 */
export function table(columns, rows, { caption, look = "", onrow, usable = () => true } = {}) {
  const head = columns.map((column) => h("th", { scope: "col", class: column.look }, column.title));
  const body = rows.map((row) => line(columns, row, onrow && usable(row) ? onrow : null));
  return h(
    "table",
    { class: `rows ${look}` },
    caption && h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, head)),
    h("tbody", {}, body),
  );
}

/**
 * @param {Column[]} columns
 * @param {any} row
 * @param {((row: any) => void) | null} onrow
 */
function line(columns, row, onrow) {
  const cells = columns.map((column) =>
    h("td", { "data-name": column.title || null, class: column.look }, h("span", {}, column.cell(row))),
  );
  if (!onrow) return h("tr", {}, cells);
  const act = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onrow(row);
  };
  return h("tr", { class: "usable", tabindex: "0", onclick: act, onkeydown: act }, cells);
}

/**
 * Which part of a list is shown, and the ways to the others.
 * @param {{total: number, limit: number, offset: number}} given
 * @param {(offset: number) => any} onmove
 */
export function paging({ total, limit, offset }, onmove) {
  if (total <= limit) return null;
  const page = Math.floor(offset / limit) + 1;
  const pages = Math.ceil(total / limit);
  return h(
    "nav",
    { class: "paging", "aria-label": t("pages") },
    button(t("previous"), () => onmove(offset - limit), "quiet small", { disabled: page === 1 }),
    h("span", {}, t("page_of", { page, pages })),
    button(t("following"), () => onmove(offset + limit), "quiet small", { disabled: page === pages }),
  );
}

/**
 * Figures side by side.
 * @param {[string, number | null | undefined, string?][]} pairs words, number, class
 */
export function figures(pairs) {
  return h(
    "dl",
    { class: "figures" },
    pairs
      .filter(([, number]) => number !== null && number !== undefined)
      .map(([words, number, look]) => h("div", { class: look && number ? `is-${look}` : null }, h("dt", {}, words), h("dd", {}, count(number)))),
  );
}
