/** A worker that gives the SHA-256 of one file: post a File, get `{done}` in bytes as it goes, then `{sha256}`. */

import { Sha256 } from "./sha256.js";

const PIECE = 4 * 1024 * 1024; // bytes in memory at a time

/** @typedef {{done: number} | {sha256: string} | {message: string}} HashReply */

/** @param {HashReply} reply */
function say(reply) {
  self.postMessage(reply);
}

self.addEventListener("message", async (/** @type {MessageEvent<File>} */ { data: file }) => {
  try {
    const hash = new Sha256();
    for (let at = 0; at < file.size; at += PIECE) {
      hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
      say({ done: Math.min(at + PIECE, file.size) });
    }
    say({ sha256: hash.hex() });
  } catch {
    say({ message: `${file.name} could not be read. Is it still where it was?` });
  }
});
