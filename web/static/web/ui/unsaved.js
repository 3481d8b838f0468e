/** Asks before a page is left while one of its forms holds what no button has saved. */

/** @type {{form: HTMLFormElement, isUnsaved: () => boolean}[]} */
const kept = [];

/** @param {HTMLFormElement} form @returns {boolean} */
const isFilledIn = (form) => [...form.elements].some((field) => field instanceof HTMLInputElement && field.value !== field.defaultValue);

/** @param {HTMLFormElement} form @param {() => boolean} [isUnsaved] by default, whether somebody wrote into it */
export function keepUnsaved(form, isUnsaved = () => isFilledIn(form)) {
  kept.push({ form, isUnsaved });
}

addEventListener("beforeunload", (event) => {
  if (kept.some(({ form, isUnsaved }) => form.isConnected && isUnsaved())) event.preventDefault();
});
