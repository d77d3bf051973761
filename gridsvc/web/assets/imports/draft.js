/** What was chosen in the first two steps; it outlives a reload of the page. */

/** @param {number} id */
const key = (id) => `gridsvc.import.${id}`;

/**
 * As it was left in this window, while the batch is open; else as it was sent, by whomever.
 * @param {any} batch
 * @param {boolean} open
 * @returns {any}
 */
export function draftOf(batch, open) {
  const kept = open && window.sessionStorage.getItem(key(batch.id));
  if (kept) return JSON.parse(kept);
  if (batch.definition?.target) return fromDefinition(batch);
  return fresh(batch.inspection);
}

/**
 * @param {number} id
 * @param {any} draft
 */
export function keep(id, draft) {
  window.sessionStorage.setItem(key(id), JSON.stringify(draft));
}

/** @param {number} id */
export function forget(id) {
  window.sessionStorage.removeItem(key(id));
}

/**
 * A scope that the check took from the file is none that somebody chose.
 * @param {any} batch
 */
function fromDefinition(batch) {
  const { suggested, ...given } = batch.scope ?? {};
  const scope = given.subclasses && !suggested ? given : null;
  return { ...empty(), ...batch.definition, layer: batch.layer, scope, gone: batch.gone, suggested: true };
}

function empty() {
  return {
    layer: "", target: "components", source_layers: [], fields: {}, constants: {}, values: {}, encoding: null, crs: null,
    turn: "", coordinate_columns: null, to_point: false, set_aside: [], ignored: null, as_exported: false, scope: null, gone: "keep", save_as: "",
    suggested: false,
  };
}

/** @param {any} inspection */
function fresh(inspection) {
  const layers = inspection?.layers ?? [];
  const all = inspection?.kind === "survey" || layers.length === 1;
  return { ...empty(), source_layers: all ? layers.map((layer) => layer.name) : [], coordinate_columns: layers[0]?.coordinate_columns ?? null };
}

/**
 * As the service takes it.
 * @param {any} draft
 */
export function definition(draft) {
  const { suggested, ...said } = draft;
  const name = draft.save_as.trim();
  const values = Object.entries(draft.values).filter(([field]) => field in draft.fields);
  const constants = Object.entries(draft.constants).filter(([, value]) => value);
  const meaning = draft.as_exported ? { fields: {}, constants: {}, values: {}, ignored: null } : { constants: Object.fromEntries(constants), values: Object.fromEntries(values) };
  return { ...said, ...meaning, layer: name || draft.layer || draft.target, save_as: name || null };
}

/**
 * The layers of the file that are meant.
 * @param {any} desk
 * @returns {any[]}
 */
export function chosenLayers({ batch, draft }) {
  return batch.inspection.layers.filter((layer) => draft.source_layers.includes(layer.name));
}

/**
 * Types of shape in a layer, with how many features have each; none for a table without shapes.
 * @param {any} layer
 * @returns {[string, number][]}
 */
export function shapeTypes(layer) {
  return /** @type {[string, number][]} */ (Object.entries(layer.geometry_types)).filter(([type]) => type !== "none");
}

/**
 * How many photos came with a file.
 * @param {any} batch
 * @returns {number}
 */
export function photosOf({ inspection }) {
  return inspection?.photos?.length ?? inspection?.photos ?? 0;
}
