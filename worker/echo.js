/**
 * Finding our token in what a platform answers. An answer that repeats it does not reach the caller: a small body is
 * searched before it is answered, any other on its way, and a body is cut off before the token begins. Bodies are
 * searched here, since copying them into the module would cost more than searching them.
 *
 * A token is looked for as it was sent, and as JSON writes it where slashes are escaped (RFC 8259 §7). Bytes that the
 * platform encoded otherwise, in base64 or in a compression that the runtime does not undo, are not recognised.
 */

/** Bytes of a body that are read at once; much more than a token has. */
const PIECE = 65_536;
/** The largest step of a search: that is how far a table of 16-bit numbers counts. */
const LARGEST_STEP = 65_535;

/**
 * @typedef {object} Needle a text to find, by the algorithm of Horspool (1980)
 * @property {Uint8Array} bytes
 * @property {Uint16Array} steps for each byte how far it is from its last place, before the end, to the end
 */

/** @param {string} text @returns {Needle} */
function needle(text) {
  const bytes = new TextEncoder().encode(text);
  const steps = new Uint16Array(256).fill(Math.min(bytes.length, LARGEST_STEP));
  for (const [index, byte] of bytes.subarray(0, -1).entries())
    steps[byte] = Math.min(bytes.length - 1 - index, LARGEST_STEP);
  return { bytes, steps };
}

/** @param {Uint8Array} haystack @param {Needle} needle */
function isIn(haystack, { bytes, steps }) {
  const last = bytes.length - 1;
  for (let end = last; end < haystack.length; end += steps[haystack[end] ?? 0] ?? 1)
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
    const lengths = this.#needles.map(({ bytes }) => {
      let start = Math.max(0, piece.length - bytes.length + 1);
      while (start < piece.length && !isAt(piece, start, bytes)) start += 1;
      return piece.length - start;
    });
    return Math.max(...lengths);
  }

  /**
   * Passes a body on as it arrives, without the token: where it begins the stream ends with an error.
   *
   * @param {ReadableStream<Uint8Array>} body
   * @param {number | undefined} length the body's, if it is known
   * @returns {{ stream: ReadableStream<Uint8Array>, cut: () => void }} `cut` ends the stream with an error
   */
  without(body, length) {
    const { readable, writable } =
      length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
    const reader = body.getReader({ mode: "byob" });
    const writer = writable.getWriter();
    /** @param {unknown} why */
    const cut = (why) => {
      reader.cancel(why).catch(() => {});
      writer.abort(why).catch(() => {});
    };
    this.#relay(reader, writer).catch(cut);
    return { stream: readable, cut: () => cut(new Error("The platform did not answer in time.")) };
  }

  /**
   * What could begin the token is held back, and what arrives next is read behind it.
   *
   * @param {ReadableStreamBYOBReader} reader
   * @param {WritableStreamDefaultWriter<Uint8Array>} writer
   */
  async #relay(reader, writer) {
    let buffer = new ArrayBuffer(PIECE);
    let held = new Uint8Array();
    for (;;) {
      new Uint8Array(buffer).set(held);
      const { done, value } = await reader.read(new Uint8Array(buffer, held.length));
      if (done || value === undefined) break;
      buffer = /** @type {ArrayBuffer} */ (value.buffer);
      const piece = new Uint8Array(buffer, 0, value.byteOffset + value.byteLength);
      if (this.isIn(piece)) throw new Error("The platform's answer repeated its token.");
      const passing = piece.length - this.beginning(piece);
      held = piece.slice(passing);
      if (passing > 0) await writer.write(piece.subarray(0, passing));
    }
    if (held.length > 0) await writer.write(held);
    await writer.close();
  }
}
