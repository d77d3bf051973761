/* What every map does in the browser. Texts from data only ever become text nodes. */
const gridsvc = (() => {
  "use strict";
  /* Names of a layer appear once this share of them fits, so that a few large areas do not stand out by name. */
  const ENOUGH = 0.4;
  const labels = [];

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const both = (zh, en) => {
    const made = element("span");
    const [chinese, english] = [element("span", "zh", zh), element("span", "en", en)];
    chinese.lang = "zh-CN";
    english.lang = "en";
    made.append(chinese, english);
    return made;
  };

  function create(id) {
    const map = L.map(id, {
      attributionControl: false, zoomControl: false, zoomSnap: 0.1, zoomDelta: 0.6, wheelPxPerZoomLevel: 120,
      maxZoom: 19, center: [0, 0], zoom: 2,
    });
    L.control.zoom({ position: "topright", zoomInTitle: "放大 Zoom in", zoomOutTitle: "缩小 Zoom out" }).addTo(map);
    L.control.attribution({ position: "bottomright", prefix: "Leaflet" }).addTo(map);
    map.createPane("ground").style.zIndex = 350;
    map.createPane("outlines").style.zIndex = 450;
    map.createPane("labels").style.zIndex = 460;
    for (const name of ["outlines", "labels"]) map.getPane(name).style.pointerEvents = "none";
    map.on("zoomend viewreset", () => fitLabels(map));
    return map;
  }

  function tip(properties, settings) {
    const made = element("div", "tip");
    if (properties.code !== undefined) {
      const name = element("strong");
      name.append(both(properties.zh, properties.en));
      made.append(name);
      if (properties.code !== properties.zh) made.append(element("span", "code", properties.code));
    }
    const row = element("span", "row");
    row.append(both(settings.what[0], settings.what[1]), element("b", "", properties.n.toLocaleString("en-US")));
    made.append(row);
    return made;
  }

  /* Filled cells or areas: properties.k is the class, settings.colours its colours. */
  function counts(map, data, settings) {
    const edge = (feature) => (feature.properties.k ? settings.edge : "#d3dbe2");
    const layer = L.geoJSON(data, {
      smoothFactor: 0,
      style: (feature) => ({
        fillColor: settings.colours[feature.properties.k], fillOpacity: 1, color: edge(feature),
        weight: settings.weight, opacity: 1, lineJoin: "round", className: "shape",
      }),
    });
    const mark = (shape, on, stay) => {
      shape.setStyle(on ? { color: "#111827", weight: 2.5 } : { color: edge(shape.feature), weight: settings.weight });
      if (on && !stay) shape.bringToFront();
    };
    layer.on("mouseover", (event) => mark(event.layer, true));
    layer.on("mouseout", (event) => mark(event.layer, false));
    layer.bindTooltip((shape) => tip(shape.feature.properties, settings), { sticky: true, opacity: 1, direction: "top", offset: [0, -6] });
    layer.addTo(map);
    layer.eachLayer((shape) => reach(shape, settings, mark));
    if (settings.labels) label(map, data, "area-label", settings.colours);
    return layer;
  }

  /* Named areas can be reached by keyboard; thousands of cells would only be in the way. */
  function reach(shape, settings, mark) {
    const path = shape.getElement();
    const { zh, en, n } = shape.feature.properties;
    path.setAttribute("tabindex", zh === undefined ? -1 : 0);
    if (zh === undefined) return;
    path.setAttribute("role", "img");
    path.setAttribute("aria-label", `${zh} ${en} ${settings.what.join(" ")} ${n}`);
    path.addEventListener("focus", () => path.matches(":focus-visible") && mark(shape, true, true));
    path.addEventListener("blur", () => mark(shape, false));
  }

  /* Ground below the counts and thin lines with names above them, from the same data. */
  function outlines(map, data, settings) {
    L.geoJSON(data, { pane: "ground", interactive: false, style: { stroke: false, fillColor: "#fff", fillOpacity: 1 } }).addTo(map);
    const halo = { pane: "outlines", interactive: false, style: { fill: false, color: "#fff", weight: 4, opacity: 0.7 } };
    L.geoJSON(data, halo).addTo(map);
    const style = { fill: false, color: "#3d4f61", weight: 1.4, opacity: 0.95, className: "outline" };
    const layer = L.geoJSON(data, { pane: "outlines", interactive: false, style }).addTo(map);
    if (settings.labels) label(map, data, "outline-label");
    return layer;
  }

  /* Is white writing easier to read on this colour (#rrggbb)? */
  const isDark = (colour) => {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
    return 0.2126 * red ** 2.2 + 0.7152 * green ** 2.2 + 0.0722 * blue ** 2.2 < 0.22;
  };

  function label(map, data, className, colours) {
    const made = data.features.map((feature) => {
      const [lon, lat, radius] = feature.properties.at;
      const text = both(feature.properties.zh, feature.properties.en);
      const light = colours && isDark(colours[feature.properties.k]) ? " on-dark" : "";
      const icon = L.divIcon({ className: className + light, html: text, iconSize: [0, 0] });
      L.marker([lat, lon], { icon, pane: "labels", interactive: false, keyboard: false }).addTo(map);
      return { text, radius, lat };
    });
    labels.push(made.sort((one, other) => other.radius - one.radius));
  }

  /* A name shows where it fits into its area and covers no name that matters more. */
  function fitLabels(map) {
    const taken = [];
    const fits = ({ text, radius, lat }) => {
      const metresPerPixel = (40075016.7 * Math.cos((lat * Math.PI) / 180)) / 256 / 2 ** map.getZoom();
      return text.offsetWidth < (2.3 * radius) / metresPerPixel;
    };
    const place = ({ text }) => {
      const box = text.getBoundingClientRect();
      const covers = (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
      if (taken.some(covers)) return false;
      taken.push(box);
      return true;
    };
    for (const group of labels) {
      const fitting = group.map(fits);
      const enough = fitting.filter(Boolean).length >= ENOUGH * group.length;
      group.forEach((name, i) => name.text.classList.toggle("hidden", !(enough && fitting[i] && place(name))));
    }
  }

  /* Shows all that is drawn, beside the panels. */
  function fit(map, bounds) {
    const panel = document.querySelector(".title");
    const beside = getComputedStyle(panel).position === "absolute" && map.getSize().x > 820;
    const left = beside ? panel.offsetLeft + panel.offsetWidth : 0;
    map.setMinZoom(0);
    map.fitBounds(bounds, { paddingTopLeft: [left + 16, 16], paddingBottomRight: [beside ? 56 : 16, 24], animate: false });
    map.setMinZoom(Math.max(map.getZoom() - 1.5, 1));
  }

  /* Fits again whenever the window changes (a frame may start with no size at all), until the reader has moved the map. */
  function view(map, bounds) {
    if (!bounds) return;
    const container = map.getContainer();
    let moved = false;
    for (const act of ["pointerdown", "wheel", "keydown"]) container.addEventListener(act, () => (moved = true), { passive: true });
    const show = () => {
      map.invalidateSize({ animate: false, pan: false });
      if (!moved && map.getSize().x > 100 && map.getSize().y > 100) fit(map, bounds);
      fitLabels(map);
    };
    show();
    new ResizeObserver(show).observe(container);
    map.setMaxBounds(L.latLngBounds(bounds).pad(1));
    L.control.scale({ imperial: false, position: "bottomright", maxWidth: 120 }).addTo(map);
  }

  function language(map) {
    const root = document.documentElement;
    document.getElementById("language").addEventListener("click", () => {
      const english = root.lang !== "en";
      root.lang = english ? "en" : "zh-CN";
      document.title = english ? root.dataset.titleEn : root.dataset.titleZh;
      fitLabels(map);
    });
  }

  return { create, counts, outlines, view, language };
})();
