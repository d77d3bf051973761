/** Elements made of texts: whatever comes from a file is never read as markup. */

const CONTROLS = "a, button, input, select, summary, tr.usable";

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes; names that begin with `on` are listeners; null and false are left out
 * @param {...any} children nodes, texts and lists of them; null and false are left out
 * @returns {any}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false || name === "value") continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...parts(children));
  if (props.value !== undefined && props.value !== null) node.value = props.value; // of a list: once it has its options
  return node;
}

/** @param {any[]} children */
function parts(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/**
 * Shows something else in a place; whoever was at one of its controls stays at the same one.
 * @param {Element} node
 * @param {...any} children
 */
export function fill(node, ...children) {
  const at = [...node.querySelectorAll(CONTROLS)].indexOf(document.activeElement);
  node.replaceChildren(...parts(children));
  if (at >= 0) node.querySelectorAll(CONTROLS)[at]?.focus({ preventScroll: true });
  return node;
}

/**
 * A list to choose from.
 * @param {[string, string][]} options value and words
 * @param {string} value
 * @param {(value: string) => void} onchosen
 * @param {Record<string, any>} [props]
 */
export function choice(options, value, onchosen, props = {}) {
  const known = options.map(([each, words]) => h("option", { value: each }, words));
  return h("select", { ...props, value, onchange: (event) => onchosen(event.target.value) }, known);
}

/**
 * A box or a dot with words beside it.
 * @param {{type?: string, name?: string, checked: boolean, disabled?: boolean, onchange: (checked: boolean) => void}} given
 * @param {...any} words
 */
export function tick({ type = "checkbox", name, checked, disabled, onchange }, ...words) {
  const box = h("input", { type, name, disabled, onchange: (event) => onchange(event.target.checked) });
  box.checked = checked;
  return h("label", {}, box, h("span", {}, words));
}

/**
 * A deed that asks once more before it is done.
 * @param {string} words
 * @param {string} question
 * @param {string} sure
 * @param {() => Promise<void>} deed
 * @param {string} [look] classes of both buttons
 */
export function asked(words, question, sure, deed, look = "") {
  return h(
    "details",
    { class: "sure" },
    h("summary", { class: `button quiet ${look}` }, words),
    h("div", { class: "question" }, h("p", {}, question), button(sure, deed, `danger ${look}`)),
  );
}

/**
 * A button that cannot be pressed again before it is done.
 * @param {any} words
 * @param {() => any} deed
 * @param {string} [look]
 * @param {Record<string, any>} [props]
 */
export function button(words, deed, look = "", props = {}) {
  const press = async (event) => {
    const node = event.currentTarget;
    node.disabled = true;
    try {
      await deed();
    } finally {
      node.disabled = false;
    }
  };
  return h("button", { type: "button", class: look, onclick: press, ...props }, words);
}

/** @param {...any} words */
export function trouble(...words) {
  return h("div", { class: "trouble", role: "alert" }, words);
}
