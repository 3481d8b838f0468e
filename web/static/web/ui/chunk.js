/** One piece of an upload, with progress: fetch tells nothing while it sends. */

/** @import {Upload} from "../types.js" */
import { ApiError } from "../api.js";
import { csrfToken } from "./csrf.js";

const SILENCE_MOST = 60_000; // ms without a byte going out

/** @param {XMLHttpRequest} call */
function errorOf(call) {
  if (call.status === 0) return new ApiError(0, "offline", "The server cannot be reached.");
  const data = typeof call.response === "object" && call.response ? call.response : {};
  return new ApiError(call.status, data.code ?? `http_${call.status}`, data.message ?? `The server answered ${call.status}. Try again.`, data);
}

/**
 * Sends the bytes of an upload from `offset` on.
 * @param {Upload["id"]} id
 * @param {number} offset
 * @param {Blob} piece
 * @param {{signal: AbortSignal, onProgress: (bytes: number) => void}} listen
 * @returns {Promise<Upload>} rejects with ApiError; with an AbortError when the signal said so
 */
export function sendChunk(id, offset, piece, { signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    let watchdog = 0;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => call.abort(), SILENCE_MOST);
    };
    const cancel = () => call.abort();
    call.open("PATCH", `/api/uploads/${id}`);
    call.responseType = "json";
    call.setRequestHeader("Accept", "application/json");
    call.setRequestHeader("Content-Type", "application/offset+octet-stream");
    call.setRequestHeader("Upload-Offset", String(offset));
    call.setRequestHeader("X-CSRFToken", csrfToken());
    call.upload.onprogress = (event) => { alive(); onProgress(event.loaded); };
    call.onabort = () => reject(signal.aborted ? new DOMException("Paused", "AbortError") : errorOf(call));
    call.onerror = () => reject(errorOf(call));
    call.onload = () => (call.status >= 200 && call.status < 300 && call.response ? resolve(call.response) : reject(errorOf(call)));
    call.onloadend = () => { clearTimeout(watchdog); signal.removeEventListener("abort", cancel); };
    signal.addEventListener("abort", cancel);
    alive();
    call.send(piece);
  });
}
