/** What the page was given, and everything that is said in the language of the page. */

/** @type {any} */
export const page = JSON.parse(document.getElementById("given").textContent);

const SENTENCES = ["hint", "note"]; // other texts may begin with a name, which stays as it is
const tag = page.lang === "zh" ? "zh-CN" : "en-GB";
const numbers = new Intl.NumberFormat(tag);
const short = new Intl.NumberFormat(tag, { notation: "compact", maximumSignificantDigits: 3 });
const moments = new Intl.DateTimeFormat("sv-SE", { timeZone: page.city.zone, dateStyle: "short", timeStyle: "short" });

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] for the {names} of the text
 */
export function t(key, values = {}) {
  const text = page.texts[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{([a-z_]+)\}/g, (_, name) => said(values[name]));
}

/** @param {string | number | null | undefined} value */
function said(value) {
  return typeof value === "number" ? count(value) : String(value ?? "");
}

/**
 * What a code is called; a code that has no name is called by itself.
 * @param {string} group
 * @param {string} code
 * @returns {string}
 */
export function name(group, code) {
  return page.names[group][code] ?? code;
}

/** @param {number} number */
export function count(number) {
  return numbers.format(number);
}

/**
 * For where there is little room.
 * @param {number} number
 */
export function about(number) {
  return number < 10_000 ? count(number) : short.format(number);
}

/**
 * A share of one, never rounded to all or nothing of it.
 * @param {number} share
 */
export function share(share) {
  const percent = share * 100;
  if (percent > 99.9 && percent < 100) return "99.9%";
  if (percent > 0 && percent < 0.1) return "<0.1%";
  return `${percent === 100 || percent === 0 ? percent : percent.toFixed(1)}%`;
}

/** @param {number} metres */
export function length(metres) {
  if (metres >= 1000) return `${count(Math.round(metres / 100) / 10)} km`;
  return `${metres >= 10 ? Math.round(metres) : metres.toFixed(metres >= 0.1 ? 1 : 3)} m`;
}

/** @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return t("seconds", { seconds: whole });
  return t("minutes", { minutes: Math.floor(whole / 60), seconds: whole % 60 });
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1_000_000) return `${count(Math.max(1, Math.round(bytes / 1000)))} KB`;
  return `${count(Math.round(bytes / 100_000) / 10)} MB`;
}

/** @param {string | null | undefined} at a moment with its zone */
export function moment(at) {
  return at ? moments.format(new Date(at)) : "";
}

/**
 * A sentence that is told in both languages: `key` in English, `key_zh` in Chinese.
 * @param {any} thing
 * @param {string} key
 * @returns {string}
 */
export function told(thing, key) {
  const text = (page.lang === "zh" && thing[`${key}_zh`]) || thing[key] || "";
  return SENTENCES.includes(key) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text;
}

/**
 * Sentences one after the other.
 * @param {(string | false | null)[]} sentences
 */
export function joined(sentences) {
  return sentences.filter(Boolean).join(page.lang === "zh" ? "" : " ");
}

/**
 * Names one after the other.
 * @param {string[]} names
 */
export function listed(names) {
  return names.join(page.lang === "zh" ? "、" : ", ");
}

/**
 * A name as files have them, which may be broken after its joints rather than anywhere.
 * @param {string} text
 * @returns {any[]}
 */
export function jointed(text) {
  return text.split(/(?<=[_.\-])/).flatMap((part) => [part, document.createElement("wbr")]).slice(0, -1);
}

/** @param {string} path of a page of ours */
export function place(path) {
  return `${path}?lang=${page.lang}`;
}

/** @param {string} code */
export function subclass(code) {
  const known = page.subclasses.find((each) => each.code === code);
  return known ? `${code} ${known.name}` : code;
}

/** @param {string} target */
export function target(target) {
  if (target === "components") return t("components");
  if (target === "reports") return t("reports");
  return page.kinds.find((each) => each.kind === target)?.name ?? target;
}
