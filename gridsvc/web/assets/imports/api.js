/** Questions to the service. What it refuses becomes a Problem, in words of the page's language. */

import { name, page, t } from "./words.js";

const ROOT = "/api/v1/imports";

export class Problem extends Error {
  /**
   * @param {string} message
   * @param {number} status 0: there was no answer
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} path below /api/v1/imports, or a whole one
 * @param {{method?: string, body?: any, signal?: AbortSignal}} [given]
 * @returns {Promise<any>}
 */
export async function ask(path, { method = "GET", body, signal } = {}) {
  const headers = { Accept: "application/json", "X-CSRF-Token": page.csrf };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(whole(path), { method, headers, body: body && JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(t("no_answer"), 0);
  }
  const text = await answer.text();
  if (!answer.ok) throw problem(answer.status, text);
  return text ? JSON.parse(text) : null;
}

/**
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} query what is empty is left out
 */
export function address(path, query) {
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return `${path}?${new URLSearchParams(kept.map(([key, value]) => [key, String(value)]))}`;
}

/** @param {string} path */
export function whole(path) {
  return path.startsWith("/api/") ? path : ROOT + path;
}

/**
 * Sends files as one import; only this way a browser tells how much is sent.
 * @param {File[]} files
 * @param {(sent: number, total: number) => void} onsent
 * @param {(stop: () => void) => void} onbegun
 * @returns {Promise<{id: number}>}
 */
export function send(files, onsent, onbegun) {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => onsent(event.loaded, event.total));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(problem(request.status, request.responseText));
    });
    request.addEventListener("error", () => reject(new Problem(t("upload_broken"), 0)));
    request.addEventListener("abort", () => reject(new Problem(t("upload_stopped"), 0)));
    request.open("POST", ROOT);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", page.csrf);
    request.send(form);
    onbegun(() => request.abort());
  });
}

/**
 * @param {number} status
 * @param {string} text of an RFC 9457 problem
 */
function problem(status, text) {
  if (status === 401) return new Problem(t("signed_out"), status);
  let told = {};
  try {
    told = JSON.parse(text);
  } catch {
    // what stands between us and the service may answer in its own way
  }
  const detail = page.lang === "zh" ? (told.detail_zh ?? told.detail) : told.detail;
  return new Problem(detail || name("statuses", String(status)), status);
}
