/** How kinds, areas, sizes and times are told. */

import { count, moment, name, page, t } from "../imports/words.js";

/** @type {any[]} kinds of area as the service knows them, with how many areas each has */
let kinds = [];

/** @param {any[]} found */
export function learn(found) {
  kinds = found;
}

export function allKinds() {
  return kinds;
}

/** @param {string} code */
export function kindOf(code) {
  return kinds.find((one) => one.kind === code);
}

/** @param {string} code */
export function kindName(code) {
  const known = kindOf(code);
  return known ? spoken(known) : code;
}

/**
 * The name of a thing in the language of the page.
 * @param {any} thing
 * @param {string} [prefix]
 * @returns {string}
 */
export function spoken(thing, prefix = "name") {
  return (page.lang === "zh" ? thing[`${prefix}_zh`] : thing[`${prefix}_en`]) || thing[`${prefix}_zh`] || "";
}

/**
 * A sentence of the service, in which kinds are called as people call them.
 * @param {string} text
 */
export function named(text) {
  const told = kinds.filter((one) => page.lang === "zh" || one.kind.includes("_"));
  return told.reduce((left, one) => left.replace(new RegExp(`(?<![\\w-])${one.kind}(?![\\w-])`, "g"), spoken(one)), text);
}

/**
 * An area's name, if it has another one than its code.
 * @param {any} area
 */
export function ownName(area) {
  const found = spoken(area);
  return found === area.code ? "" : found;
}

/**
 * Short enough for a chip or a heading.
 * @param {any} area
 */
export function label(area) {
  const own = ownName(area);
  return own ? `${own} ${area.code}` : area.code;
}

/**
 * A number that may not be known.
 * @param {number | null | undefined} number
 */
export function figure(number) {
  return number === null || number === undefined ? "–" : count(number);
}

/** @param {number | null | undefined} m2 */
export function square(m2) {
  return m2 === null || m2 === undefined ? "–" : count(Math.round(m2));
}

/**
 * A time from which something counts; what was there first has always been.
 * @param {string | null | undefined} at
 */
export function since(at) {
  if (!at) return "–";
  return Date.parse(at) <= 0 ? t("always") : moment(at);
}

/**
 * A time as a form has it, in the city's time.
 * @param {string} local such as 2026-07-01T08:00
 */
export function instant(local) {
  const written = Date.parse(`${local}:00Z`);
  let at = written;
  for (let turn = 0; turn < 2; turn += 1) at = written - offset(at);
  return new Date(at).toISOString();
}

/**
 * The other way.
 * @param {number} at in milliseconds
 */
export function local(at) {
  return moment(new Date(at).toISOString()).replace(" ", "T");
}

/** @param {number} at */
function offset(at) {
  return Date.parse(`${local(at)}:00Z`) - Math.floor(at / 60_000) * 60_000;
}

/**
 * A text for one, for none, or for several.
 * @param {string} key
 * @param {number} number
 */
export function many(key, number) {
  const own = { 0: `${key}_none`, 1: `${key}_one` }[number];
  return t(own in page.texts ? own : key, { number });
}

/**
 * Clauses as one sentence.
 * @param {string[]} clauses
 */
export function sentence(clauses) {
  return `${clauses.join(page.lang === "zh" ? "，" : ", ")}${page.lang === "zh" ? "。" : "."}`;
}

/** @param {string} text */
export function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** @param {string} code of a department; empty: nobody */
export function department(code) {
  return code ? (page.departments[code] ?? code) : t("nobody");
}

/** @param {string} deed */
export function deedName(deed) {
  return name("deeds", deed);
}

/**
 * What a draft was asked for, after its deed.
 * @param {any} draft
 */
export function noteOf(draft) {
  if (draft.deed === "reverse") return t("note_reverse", { revision: draft.reverses });
  const batch = /^from batch (\d+)$/.exec(draft.note);
  if (batch) return t("note_batch", { batch: Number(batch[1]) });
  const text = draft.note.replace(/, (area|components|reports)$/, (_, by) => t("note_by", { by: name("weights", by) }));
  return named(text);
}
