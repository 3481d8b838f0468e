/** One registry of keys: what the page can do, what starts it, and the overlay that says so. */

/**
 * An act of the page: its key and its button start the same.
 * @typedef {object} Shortcut
 * @property {string} id
 * @property {string} label What it does, as a person would say.
 * @property {string} group Heading in the overlay.
 * @property {readonly string[]} keys As "Ctrl+Shift+Z", "F", "ArrowLeft", "?"; the first is shown on buttons. Ctrl is Cmd on a Mac.
 * @property {(combination?: string) => void} run
 * @property {boolean} [repeats] Whether holding the key goes on.
 */

/** @type {Record<string, string>} */
const SIGNS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "Space", Escape: "Esc", Delete: "Del" };
const MODIFIERS = /** @type {const} */ (["Ctrl", "Alt", "Shift"]);

/** The one spelling of a key combination. Throws on an unknown modifier. @param {string} combination */
export function normalised(combination) {
  const parts = combination === "+" ? ["+"] : combination.split("+");
  const key = parts.pop() || "+";
  const unknown = parts.find((part) => !MODIFIERS.some((modifier) => modifier === part));
  if (unknown) throw new Error(`${combination}: no modifier is called ${unknown}`);
  const name = key === "Space" ? " " : key.length === 1 ? key.toLowerCase() : key;
  return [...MODIFIERS.filter((modifier) => parts.includes(modifier)), name].join("+");
}

/** The combination that was pressed, spelt as `normalised` does. Shift counts only where it does not make another sign. @param {Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">} event */
export function combinationOf(event) {
  const key = latinKey(event);
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase() && key !== " ";
  const held = { Ctrl: event.ctrlKey || event.metaKey, Alt: event.altKey, Shift: event.shiftKey && !isSign };
  const name = key.length === 1 ? key.toLowerCase() : key;
  return [...MODIFIERS.filter((modifier) => held[modifier]), name].join("+");
}

/** The letter on a Latin keyboard where the layout gives another script's, or Alt a special sign. @param {Pick<KeyboardEvent, "key" | "code">} event */
function latinKey({ key, code }) {
  const isForeign = key.length === 1 && key > "~";
  return isForeign && code.startsWith("Key") ? code.slice(3) : key;
}

/** A key as it is printed on a button. @param {string} combination */
export function keySign(combination) {
  const parts = normalised(combination).split("+");
  const key = parts.pop() || "+";
  return [...parts, SIGNS[key] ?? (key.length === 1 ? key.toUpperCase() : key)].join(" ");
}

/** Whether the event belongs to a field that takes text. @param {EventTarget | null} target */
export function takesText(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range", "color"].includes(target.type);
}

const CONTROL_KEYS = new Set([" ", "Enter", "Tab", "Shift+Tab"]);

/** Whether a focused button or link needs the key itself. @param {EventTarget | null} target @param {string} combination */
function belongsToControl(target, combination) {
  return CONTROL_KEYS.has(combination) && target instanceof HTMLElement && target.closest("button, a, input, summary, [role='option']") !== null;
}

/** A page's set of shortcuts. Two acts on one key are refused when they are registered. */
export class Shortcuts {
  /** @type {Map<string, Shortcut>} By combination. */
  #byKey = new Map();
  /** @type {Map<string, Shortcut>} */
  #byId = new Map();

  /** @param {readonly Shortcut[]} shortcuts */
  constructor(shortcuts) {
    for (const shortcut of shortcuts) this.#register(shortcut);
  }

  get all() {
    return [...this.#byId.values()];
  }

  /** @param {string} id */
  get(id) {
    const shortcut = this.#byId.get(id);
    if (!shortcut) throw new Error(`no act is called ${id}`);
    return shortcut;
  }

  /** Whether the page has this act. @param {string} id */
  has(id) {
    return this.#byId.has(id);
  }

  /** Label and key, for a tooltip: "Play (Space)". @param {string} id */
  tooltip(id) {
    const { label, keys } = this.get(id);
    return keys[0] ? `${label} (${keySign(keys[0])})` : label;
  }

  /** Runs what the key stands for; whether there was something. @param {KeyboardEvent} event */
  handle(event) {
    if (takesText(event.target) || event.isComposing) return false;
    const combination = combinationOf(event);
    const shortcut = this.#byKey.get(combination);
    if (!shortcut || belongsToControl(event.target, combination)) return false;
    event.preventDefault();
    if (!event.repeat || shortcut.repeats) shortcut.run(combination);
    return true;
  }

  /** Listens on the page, except while a dialog is open. @param {AbortSignal} [signal] ends it */
  listen(signal) {
    document.addEventListener("keydown", (event) => {
      if (!document.querySelector("dialog[open]")) this.handle(event);
    }, { signal });
  }

  /** @param {Shortcut} shortcut */
  #register(shortcut) {
    if (this.#byId.has(shortcut.id)) throw new Error(`two acts are called ${shortcut.id}`);
    this.#byId.set(shortcut.id, shortcut);
    for (const key of shortcut.keys) {
      const combination = normalised(key);
      const other = this.#byKey.get(combination);
      if (other) throw new Error(`${key} starts both ${other.id} and ${shortcut.id}`);
      this.#byKey.set(combination, shortcut);
    }
  }
}
