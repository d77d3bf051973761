/** Which areas are chosen, on the map and in the list alike. */

/**
 * Chooses exactly these areas.
 * @param {import("./main.js").Desk} desk
 * @param {any[]} areas
 */
export function choose(desk, areas) {
  desk.chosen = new Map(areas.map((one) => [one.code, one]));
  desk.map.choose([...desk.chosen.keys()]);
  desk.onchosen?.();
}

/**
 * Chooses an area too, or not any more.
 * @param {import("./main.js").Desk} desk
 * @param {any} area
 */
export function flip(desk, area) {
  const left = [...desk.chosen.values()].filter((one) => one.code !== area.code);
  choose(desk, desk.chosen.has(area.code) ? left : [...left, area]);
}
