/** @import {HashReply} from "./hash_worker.js" */

/**
 * The SHA-256 of a file, worked out beside the page.
 * @param {File} file
 * @param {{signal: AbortSignal, onProgress: (bytes: number) => void}} listen
 * @returns {Promise<string>} 64 hexadecimal digits
 */
export function hashFile(file, { signal, onProgress }) {
  return new Promise((resolve, reject) => {
    // The template says the address: a hashed file name cannot be guessed from here.
    const worker = new Worker(document.body.dataset.hashWorker ?? "", { type: "module" });
    const end = () => { worker.terminate(); signal.removeEventListener("abort", cancel); };
    const cancel = () => { end(); reject(new DOMException("Paused", "AbortError")); };
    signal.addEventListener("abort", cancel);
    worker.onmessage = (/** @type {MessageEvent<HashReply>} */ { data }) => {
      if ("done" in data) return onProgress(data.done);
      end();
      return "sha256" in data ? resolve(data.sha256) : reject(new Error(data.message));
    };
    worker.onerror = () => { end(); reject(new Error("The file could not be checked. Reload the page and try again.")); };
    worker.postMessage(file);
  });
}
