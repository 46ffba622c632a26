/**
 * Passing a platform's body on as it arrives, without our token: where it begins, the body is cut off. What the token looks
 * like is in `echo.js`.
 */

/** @import { Echo } from "./echo.js" */

/** Bytes of a body that are read at once; much more than a token has. */
const PIECE = 65_536;

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {number | undefined} length the body's, if it is known
 * @param {Echo} echo
 * @returns {{ stream: ReadableStream<Uint8Array>, cut: () => void }} the stream ends with an error where the token begins;
 *   `cut` ends it with one at once
 */
export function relayed(body, length, echo) {
  const { readable, writable } =
    length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  const reader = body.getReader({ mode: "byob" });
  const writer = writable.getWriter();
  /** @param {unknown} why */
  const cut = (why) => {
    reader.cancel(why).catch(() => {});
    writer.abort(why).catch(() => {});
  };
  relay(reader, writer, echo).catch(cut);
  return { stream: readable, cut: () => cut(new Error("The platform did not answer in time.")) };
}

/**
 * What could begin the token is held back, and what arrives next is read behind it.
 *
 * @param {ReadableStreamBYOBReader} reader
 * @param {WritableStreamDefaultWriter<Uint8Array>} writer
 * @param {Echo} echo
 */
async function relay(reader, writer, echo) {
  let buffer = new ArrayBuffer(PIECE);
  let held = new Uint8Array();
  for (;;) {
    new Uint8Array(buffer).set(held);
    const { done, value } = await reader.read(new Uint8Array(buffer, held.length));
    if (done || value === undefined) break;
    buffer = /** @type {ArrayBuffer} */ (value.buffer);
    const piece = new Uint8Array(buffer, 0, value.byteOffset + value.byteLength);
    if (echo.isIn(piece)) throw new Error("The platform's answer repeated its token.");
    const passing = piece.length - echo.beginning(piece);
    held = piece.slice(passing);
    if (passing > 0) await writer.write(piece.subarray(0, passing));
  }
  if (held.length > 0) await writer.write(held);
  await writer.close();
}
