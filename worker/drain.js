/**
 * Taking in what a sender goes on sending although it is refused. The runtime closes the connection of an answer that
 * comes before the request's end, and a sender that is still writing then learns of a broken connection instead of why.
 */

/** Bodies up to here are on their way as a whole, in buffers of the system. */
const SMALL_BYTES = 64 * 1024;
/** Most bytes that are taken in and thrown away: a few times the usual limit of a body. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Longest time in milliseconds for that. */
const DEADLINE = 2_000;

/**
 * Whether the sender may still be writing, as far as the headers tell.
 *
 * @param {Request} request
 */
export function isSending(request) {
  // The body comes last, since looking at it makes a stream.
  const length = request.headers.get("content-length");
  return !(length !== null && Number(length) <= SMALL_BYTES) && request.body !== null;
}

/** @param {Request} request */
export async function drain({ body }) {
  if (body === null || body.locked) return;
  const reader = body.getReader();
  const deadline = setTimeout(() => reader.cancel().catch(() => {}), DEADLINE);
  try {
    for (let bytes = 0; bytes < MOST_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
    }
    await reader.cancel();
  } catch {
    // The sender went away.
  } finally {
    clearTimeout(deadline);
  }
}
