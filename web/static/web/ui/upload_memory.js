/** Which uploads were begun in this browser, so that a reload or a crash does not begin them anew. */

/** @typedef {{key: string, id: string | number, name: string, size: number}} Begun */

/** @param {string} slug */
const place = (slug) => `maskloom.uploads.${slug}`;

/** A file is the same file when these agree. @param {File} file */
export const keyOf = (file) => `${file.name}/${file.size}/${file.lastModified}`;

/** @param {string} slug @returns {Begun[]} */
export function begun(slug) {
  try {
    const list = JSON.parse(localStorage.getItem(place(slug)) ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** @param {string} slug @param {Begun} upload */
export function remember(slug, upload) {
  const others = begun(slug).filter((other) => other.key !== upload.key);
  localStorage.setItem(place(slug), JSON.stringify([...others, upload]));
}

/** @param {string} slug @param {string} key */
export function forget(slug, key) {
  localStorage.setItem(place(slug), JSON.stringify(begun(slug).filter((other) => other.key !== key)));
}
