/** Elements without a framework: build them, keep those that did not change. */

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} AttributeValue */

/**
 * A new element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, AttributeValue>} [attributes] functions under `on…` are listeners; `false`, `null` and
 *   `undefined` leave an attribute out, `true` sets it empty
 * @param {...(Child | Child[])} children text is text, never markup
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  fill(element, ...children);
  return element;
}

/**
 * Replaces all that is in an element.
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function fill(parent, ...children) {
  const nodes = children.flat().filter((child) => child !== null && child !== undefined && child !== false);
  parent.replaceChildren(...nodes.map((child) => (child instanceof Node ? child : String(child))));
}

/**
 * The element of this page with an id; its absence is a fault of ours.
 * @template {HTMLElement} E
 * @param {string} id
 * @param {new () => E} type
 * @returns {E}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`This page has no ${type.name} #${id}.`);
  return element;
}

/** @type {WeakMap<Element, {key: string, form: string}>} */
const made = new WeakMap();

/** @type {Node | null} */
let pressed = null; // by the pointer; it is let go before the click that comes of it
for (const type of ["pointerdown", "pointerup", "pointercancel"]) {
  globalThis.document?.addEventListener(type, ({ target }) => { pressed = type === "pointerdown" ? /** @type {Node} */ (target) : null; }, true); // units have none
}

/** What a control is called. @param {Element} control */
const nameOf = (control) => control.getAttribute("aria-label") ?? control.textContent;

/**
 * Shows one element per item in order, and makes new ones only for items that changed, so that focus, hover and
 * pictures stay while a list is refreshed. One that is being pressed is left as it is until the next time; the
 * focus goes on to the control of the same name.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T) => string | number} keyOf
 * @param {(item: T) => HTMLElement} make
 */
export function fillKeyed(parent, items, keyOf, make) {
  let focused = parent.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  /** @type {Map<string, Element>} */
  const old = new Map();
  for (const child of parent.children) {
    const known = made.get(child);
    if (known) old.set(known.key, child);
  }
  const wanted = items.map((item) => {
    const key = String(keyOf(item));
    const form = JSON.stringify(item);
    const kept = old.get(key);
    if (kept && (made.get(kept)?.form === form || kept.contains(pressed))) return kept;
    const element = make(item);
    made.set(element, { key, form });
    if (focused && kept?.contains(focused)) focused = sameIn(element, focused);
    return element;
  });
  const stay = new Set(wanted);
  for (const child of [...parent.children]) if (!stay.has(child)) child.remove();
  // What is moved loses the focus, and a click that is begun on it: what stays in order is not touched.
  wanted.forEach((element, i) => { if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null); });
  if (focused !== document.activeElement) focused?.focus({ preventScroll: true });
}

/** @param {HTMLElement} element @param {HTMLElement} control */
function sameIn(element, control) {
  const likely = /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(control.tagName));
  return [...likely].find((one) => nameOf(one) === nameOf(control)) ?? null;
}
