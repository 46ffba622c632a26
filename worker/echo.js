/**
 * Finding our token in what a platform answers. An answer that repeats it does not reach the caller: a small body is
 * searched before it is answered, any other on its way (`relay.js`). Bodies are searched here, since copying them into the
 * module would cost more than searching them.
 *
 * A token is looked for as it was sent, and as JSON writes it where slashes are escaped (RFC 8259 §7). Bytes that the
 * platform encoded otherwise, in base64 or in a compression that the runtime does not undo, are not recognised.
 */

/** The largest step of a search: that is how far a table of 16-bit numbers counts. */
const LARGEST_STEP = 65_535;
/** Places of a table of steps, a power of two. More would find longer steps in tokens of thousands of bytes. */
const PLACES = 512;

/**
 * @typedef {object} Needle a text to find, by Horspool's algorithm (1980) over three bytes instead of one (Lecroq 2007):
 *   a token has most of the bytes that JSON has, but hardly three in a row
 * @property {Uint8Array} bytes
 * @property {Uint16Array} steps for three bytes how far they are from their last place, before the end, to the end
 */

/** @param {string} text @returns {Needle} */
function needle(text) {
  const bytes = new TextEncoder().encode(text);
  const steps = new Uint16Array(PLACES).fill(step(bytes.length - 2));
  for (let end = 2; end < bytes.length - 1; end += 1)
    steps[place(bytes, end)] = step(bytes.length - 1 - end);
  return { bytes, steps };
}

/** @param {number} length of a step, in bytes */
function step(length) {
  return Math.min(Math.max(length, 1), LARGEST_STEP);
}

/** Where the step of the three bytes that end there stands. @param {Uint8Array} bytes @param {number} end */
function place(bytes, end) {
  return ((bytes[end] ?? 0) + 31 * (bytes[end - 1] ?? 0) + 341 * (bytes[end - 2] ?? 0)) % PLACES;
}

/** @param {Uint8Array} haystack @param {Needle} needle */
function isIn(haystack, { bytes, steps }) {
  const last = bytes.length - 1;
  for (let end = last; end < haystack.length; end += steps[place(haystack, end)] ?? 1)
    if (haystack[end] === bytes[last] && isAt(haystack, end - last, bytes)) return true;
  return false;
}

/**
 * Whether what stands there is `bytes`, or as much of it as there is room for.
 *
 * @param {Uint8Array} haystack
 * @param {number} start
 * @param {Uint8Array} bytes
 */
function isAt(haystack, start, bytes) {
  const length = Math.min(bytes.length, haystack.length - start);
  for (let index = 0; index < length; index += 1)
    if (haystack[start + index] !== bytes[index]) return false;
  return true;
}

/** @param {Uint8Array} piece @param {Needle} needle */
function beginning(piece, { bytes }) {
  const first = bytes[0] ?? 0;
  let start = piece.indexOf(first, Math.max(0, piece.length - bytes.length + 1));
  while (start !== -1 && !isAt(piece, start, bytes)) start = piece.indexOf(first, start + 1);
  return start === -1 ? 0 : piece.length - start;
}

/** One token, as it may stand in an answer. */
export class Echo {
  #token;
  #needles;

  /** @param {string} token */
  constructor(token) {
    this.#token = token;
    const forms = new Set([token, token.replaceAll("/", String.raw`\/`)]);
    this.#needles = [...forms].map(needle);
  }

  /** @param {string} value of a header */
  isInHeader(value) {
    return value.includes(this.#token);
  }

  /** @param {Uint8Array} body */
  isIn(body) {
    return this.#needles.some((needle) => isIn(body, needle));
  }

  /** How many bytes at the end could be the beginning of the token. @param {Uint8Array} piece */
  beginning(piece) {
    return Math.max(...this.#needles.map((needle) => beginning(piece, needle)));
  }
}
