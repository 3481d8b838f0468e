/** The fields that say where a video comes from and what may be done with it. */

/** @import {VideoMetadata} from "../types.js" */
import { h } from "./dom.js";

/** @type {readonly {name: "environment" | "country" | "author" | "licence" | "consent_reference" | "split", label: string, placeholder?: string, options?: readonly string[]}[]} */
const FIELDS = [
  { name: "environment", label: "Environment", options: ["", "Indoor", "Outdoor"] },
  { name: "country", label: "Country", placeholder: "e.g. Kenya" },
  { name: "author", label: "Author" },
  { name: "licence", label: "Licence", placeholder: "e.g. CC BY 4.0" },
  { name: "consent_reference", label: "Consent reference" },
  { name: "split", label: "Split", options: ["train", "val", "test"] },
];

/**
 * The fields, filled in; they belong into a form.
 * @param {Partial<VideoMetadata>} metadata
 * @param {{disabled?: boolean}} [options]
 * @returns {HTMLElement}
 */
export function metadataFields(metadata, { disabled = false } = {}) {
  const fields = FIELDS.map(({ name, label, placeholder, options }) => {
    const value = metadata[name] ?? options?.[0] ?? "";
    const choices = options && !options.includes(value) ? [...options, value] : options;
    const control = choices
      ? h("select", { class: "select", name, disabled }, choices.map((choice) => h("option", { value: choice, selected: choice === value }, choice || "Not said")))
      : h("input", { class: "input", name, value, placeholder, disabled, maxlength: 100, autocomplete: "off" });
    return h("label", { class: "field" }, h("span", {}, label), control);
  });
  const tags = h("input", { class: "input", name: "tags", value: (metadata.tags ?? []).join(", "), placeholder: "Separated by commas", disabled, autocomplete: "off" });
  const objectionable = h("input", { type: "checkbox", name: "objectionable", checked: metadata.objectionable ?? false, disabled });
  return h(
    "div",
    { class: "fields" },
    fields,
    h("label", { class: "field field-wide" }, h("span", {}, "Tags"), tags),
    h("label", { class: "check field-wide" }, objectionable, "Contains objectionable content"),
  );
}

/** What the form's fields say now. @param {HTMLFormElement} form @returns {VideoMetadata} */
export function readMetadata(form) {
  const data = new FormData(form);
  const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
  return {
    environment: text("environment"),
    country: text("country"),
    author: text("author"),
    licence: text("licence"),
    consent_reference: text("consent_reference"),
    split: text("split"),
    tags: text("tags").split(",").map((tag) => tag.trim()).filter(Boolean),
    objectionable: data.has("objectionable"),
  };
}
