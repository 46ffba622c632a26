/**
 * Sends token requests and merchant proofs, and fetches issuers' keys. What is sent and what an answer means is decided in
 * `worker/src/vault/flight` and `worker/src/jwt`.
 *
 * Redirects are never followed (a 307 would replay the client secret to another host), nothing is cached, answers are
 * read up to a limit and within deadlines.
 */

import { knownLength } from "./length.js";

/** Longest wait in milliseconds for connection and headers. */
const HEADERS_DEADLINE = 5_000;
/** Longest wait in milliseconds for the whole answer. */
const WHOLE_DEADLINE = 10_000;

/**
 * @typedef {object} Sent
 * @property {"timeout" | "network"} [failed] why there is no answer
 * @property {number} status
 * @property {string} [retryAfter]
 * @property {string} [reset]
 * @property {Uint8Array} [body] absent if it was too long
 */

/**
 * @param {any[]} turn `1, url, method, names and values of headers by turns, body if any, most bytes of an answer`
 * @returns {Promise<Sent>}
 */
export async function send([, url, method, texts, body, mostBytes]) {
  const abort = new AbortController();
  let answered = false;
  const late = () => {
    if (!answered) abort.abort();
    else deadline = setTimeout(() => abort.abort(), WHOLE_DEADLINE - HEADERS_DEADLINE);
  };
  let deadline = setTimeout(late, HEADERS_DEADLINE);
  try {
    const headers = byTurns(texts);
    const { signal } = abort;
    const options = { method, headers, body, signal, redirect: "manual", cache: "no-store" };
    const answer = await fetch(url, /** @type {RequestInit} */ (options));
    answered = true;
    return {
      status: answer.status,
      retryAfter: answer.headers.get("retry-after") ?? undefined,
      reset: answer.headers.get("ratelimit-reset") ?? undefined,
      body: await read(answer, mostBytes),
    };
  } catch {
    return { failed: abort.signal.aborted ? "timeout" : "network", status: 0 };
  } finally {
    clearTimeout(deadline);
  }
}

/** @param {string[]} texts */
function byTurns(texts) {
  /** @type {Record<string, string>} */
  const headers = {};
  for (let index = 0; index < texts.length; index += 2)
    headers[texts[index] ?? ""] = texts[index + 1] ?? "";
  return headers;
}

/**
 * A body that says it is short is read at once; any other chunk by chunk, so that one without end costs no more than the
 * limit.
 *
 * @param {Response} answer
 * @param {number} mostBytes
 * @returns {Promise<Uint8Array | undefined>} undefined if it is too long
 */
async function read(answer, mostBytes) {
  const known = knownLength(answer.headers);
  if (known !== undefined && known <= mostBytes) return new Uint8Array(await answer.arrayBuffer());
  const { body } = answer;
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const bytes = new Uint8Array(mostBytes);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, length);
    if (length + value.byteLength > mostBytes) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    bytes.set(value, length);
    length += value.byteLength;
  }
}
