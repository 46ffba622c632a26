/**
 * How long the body of a platform's answer is, by which its readers choose whether to read it at once or piece by piece.
 *
 * Undefined if it arrives in chunks, beside which a length does not count (RFC 9112 §6.3), or is decoded on its way, which
 * for the runtime is a fault where there is nothing to decode. A length that is there twice, `4, 4`, the runtime takes if both
 * are the same (RFC 9110 §8.6).
 *
 * @param {Headers} headers
 * @returns {number | undefined} bytes
 */
export function knownLength(headers) {
  const length = parseInt(headers.get("content-length") ?? "", 10);
  const isDecoded = length > 0 && headers.has("content-encoding");
  const isKnown = Number.isSafeInteger(length) && !isDecoded && !headers.has("transfer-encoding");
  return isKnown ? length : undefined;
}
