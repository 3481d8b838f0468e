/** SHA-256 in pieces (FIPS 180-4): the browser's own digest wants the whole file in memory. */

const BLOCK = 64; // bytes

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
const K = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

export class Sha256 {
  #state = new Int32Array([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);
  #schedule = new Int32Array(64);
  #rest = new Uint8Array(BLOCK);
  #resting = 0;
  #bytes = 0;

  /** Takes in the next bytes. @param {Uint8Array} data */
  update(data) {
    this.#bytes += data.length;
    let at = 0;
    if (this.#resting > 0) {
      at = Math.min(BLOCK - this.#resting, data.length);
      this.#rest.set(data.subarray(0, at), this.#resting);
      this.#resting += at;
      if (this.#resting < BLOCK) return;
      this.#compress(new DataView(this.#rest.buffer), 0);
    }
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (; at + BLOCK <= data.length; at += BLOCK) this.#compress(view, at);
    this.#rest.set(data.subarray(at));
    this.#resting = data.length - at;
  }

  /** The digest of all that was taken in, as 64 hexadecimal digits; nothing can be taken in afterwards. */
  hex() {
    const bits = this.#bytes * 8;
    const tail = new Uint8Array(this.#resting < 56 ? BLOCK : 2 * BLOCK);
    tail.set(this.#rest.subarray(0, this.#resting));
    tail[this.#resting] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(tail.length - 4, bits >>> 0);
    for (let at = 0; at < tail.length; at += BLOCK) this.#compress(view, at);
    return [...this.#state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  /** @param {DataView} view @param {number} at */
  #compress(view, at) {
    const w = this.#schedule;
    for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(at + 4 * t);
    for (let t = 16; t < 64; t += 1) {
      const x = at32(w, t - 15);
      const y = at32(w, t - 2);
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[t] = (at32(w, t - 16) + s0 + at32(w, t - 7) + s1) | 0;
    }
    this.#rounds(w);
  }

  /** @param {Int32Array} w */
  #rounds(w) {
    const s = this.#state;
    let a = at32(s, 0), b = at32(s, 1), c = at32(s, 2), d = at32(s, 3);
    let e = at32(s, 4), f = at32(s, 5), g = at32(s, 6), h = at32(s, 7);
    for (let t = 0; t < 64; t += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at32(K, t) + at32(w, t)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    s[0] = at32(s, 0) + a; s[1] = at32(s, 1) + b; s[2] = at32(s, 2) + c; s[3] = at32(s, 3) + d;
    s[4] = at32(s, 4) + e; s[5] = at32(s, 5) + f; s[6] = at32(s, 6) + g; s[7] = at32(s, 7) + h;
  }
}

/** @param {Int32Array} words @param {number} i */
function at32(words, i) {
  return /** @type {number} */ (words[i]);
}
