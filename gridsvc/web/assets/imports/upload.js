/** Files that are dragged in or chosen, and how far they are sent. */

import { send } from "./api.js";
import { button, fill, h, trouble } from "./dom.js";
import { joined, listed, page, place, share, size, t } from "./words.js";

/** @returns {HTMLElement} */
export function uploadPanel() {
  const state = h("div", { class: "sending", role: "status" });
  const input = h("input", {
    type: "file", multiple: true, id: "files", class: "unseen", onchange: () => start([...input.files]),
  });
  const what = joined([t("drop_what"), page.megabytes && t("upload_limit", { megabytes: page.megabytes })]);
  const zone = h(
    "div",
    { class: "drop" },
    h("p", { class: "drop-title" }, t("drop")),
    h("p", { class: "note" }, what),
    input,
    h("label", { class: "button", for: "files" }, t("choose")),
  );
  const start = (files) => files.length && upload(files, zone, state).finally(() => (input.value = ""));
  listen(zone, start);
  return h("section", { class: "panel upload", "aria-label": t("upload") }, zone, state);
}

/**
 * @param {HTMLElement} zone
 * @param {(files: File[]) => void} onfiles
 */
function listen(zone, onfiles) {
  const over = (event) => {
    event.preventDefault();
    zone.classList.add("over");
  };
  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    onfiles([...event.dataTransfer.files]);
  });
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
}

/**
 * @param {File[]} files
 * @param {HTMLElement} zone
 * @param {HTMLElement} state
 */
async function upload(files, zone, state) {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (page.megabytes && total > page.megabytes * 1e6) {
    fill(state, trouble(t("too_large", { size: size(total), megabytes: page.megabytes })));
    return;
  }
  const bar = h("progress", { max: 1, value: 0, "aria-label": t("sending") });
  const figure = h("span", { class: "figure" });
  const names = listed(files.map((file) => file.name));
  zone.inert = true;
  try {
    const sent = (done, of) => {
      bar.value = of ? done / of : 0;
      figure.textContent = done < of ? `${share(done / of)} · ${size(done)} / ${size(of)}` : t("storing");
    };
    const begun = (stop) =>
      fill(state, h("p", { class: "names" }, names), h("div", { class: "bar" }, bar, figure, button(t("cancel"), stop, "quiet small")));
    const { id } = await send(files, sent, begun);
    window.location.assign(place(`/imports/${id}`));
  } catch (error) {
    fill(state, trouble(h("strong", {}, names), " ", error.message));
    zone.inert = false;
  }
}
