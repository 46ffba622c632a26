/**
 * Calling a platform's API: builds the request from what wasm decided, streams both bodies by reference, and asks wasm
 * what the answer means. Which headers pass is data from wasm; nothing is copied and cleaned.
 */

import { call, lists } from "./module.js";

/** The header that every answer carries. */
export const REQUEST_ID = "x-request-id";

/** Longest time in milliseconds for a whole answer; the timer ends with the request, so it is never cleared. */
const DEADLINE = 30_000;

/** Statuses whose answers have no body (Fetch standard, null body status). */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** What `judge` says; the numbers are those of `Verdict` in `worker/src/step.rs`. */
const DOWNLOAD = 1;
const REFUSE = 2;
const REJECTED = 3;

/**
 * @typedef {object} Outcome
 * @property {string} [event] what to hand to the next decision; absent if the response is final
 * @property {Response} [response] the platform's answer, ready for the caller
 * @property {string} [rejected] the ticket of the token that was answered with 401
 */

/**
 * @param {Request} request the caller's
 * @param {any[]} step `2, url, token, answer headers, most bytes of a body`; the token is its ticket, itself, and the
 *   names and values of its headers by turns; others are answered with the same headers
 * @param {number} tried how often this request was sent before
 * @param {string} requestId
 * @returns {Promise<Outcome>}
 */
export async function forward(request, [, url, token, answerHeaders, mostBytes], tried, requestId) {
  if (new URL(url).href !== url) return failed("network");
  const abort = new AbortController();
  const deadline = setTimeout(() => abort.abort(), DEADLINE);
  const body = limited(request, mostBytes, () => abort.abort());
  let answer;
  try {
    answer = await fetch(url, {
      method: request.method,
      headers: outgoing(request.headers, token),
      body: body.stream,
      redirect: "manual",
      cache: "no-store",
      signal: abort.signal,
    });
  } catch {
    clearTimeout(deadline);
    if (body.exceeded()) return failed("body_too_large");
    return failed(abort.signal.aborted ? "timeout" : "network");
  }
  return judged(answer, answerHeaders, token, tried, requestId);
}

/**
 * @param {Response} answer
 * @param {Headers} ownHeaders
 * @param {string[]} token
 * @param {number} tried
 * @param {string} requestId
 * @returns {Outcome}
 */
function judged(answer, ownHeaders, [ticket, token], tried, requestId) {
  const contentType = answer.headers.get("content-type") ?? "";
  const verdict = call((module) => module.judge(answer.status, contentType, tried));
  if (verdict === REFUSE) return heldBack(answer, "refused");
  const passing = incoming(answer.headers, token ?? "");
  if (passing === undefined) return heldBack(answer, "echo");
  const body = WITHOUT_BODY.has(answer.status) ? null : answer.body;
  const response = new Response(body, { status: answer.status, headers: ownHeaders });
  const { headers } = response;
  headers.set(REQUEST_ID, requestId);
  for (let index = 0; index < passing.length; index += 2)
    headers.set(passing[index] ?? "", passing[index + 1] ?? "");
  if (verdict === DOWNLOAD) headers.set("content-disposition", "attachment");
  if (verdict !== REJECTED) return { response };
  return { response, rejected: ticket, event: `{"rejected":${JSON.stringify(ticket)}}` };
}

/** @param {Response} answer @param {string} why */
function heldBack(answer, why) {
  answer.body?.cancel().catch(() => {});
  return failed(why);
}

/**
 * The caller's headers that may pass, then ours, which are set last and once.
 *
 * @param {Headers} from
 * @param {string[]} token
 */
function outgoing(from, token) {
  const headers = new Headers();
  for (const name of lists().request) {
    const value = from.get(name);
    if (value !== null) headers.set(name, value);
  }
  for (let index = 2; index < token.length; index += 2)
    headers.set(token[index] ?? "", token[index + 1] ?? "");
  return headers;
}

/**
 * The platform's headers that may pass, names and values by turns; none of them is one of ours. Undefined if one repeats
 * the token.
 *
 * @param {Headers} from
 * @param {string} token
 */
function incoming(from, token) {
  const passing = [];
  for (const name of lists().response) {
    const value = from.get(name);
    if (value === null) continue;
    if (value.includes(token)) return undefined;
    passing.push(name, value);
  }
  return passing;
}

/**
 * A body of known length was measured before. One that is sent in chunks is counted on its way, and if it grows too large
 * or its sender goes away the whole request is given up: a stream that merely ends or fails would be sent on as if it were
 * complete, since the runtime then writes the last chunk all the same.
 *
 * @param {Request} request
 * @param {number} mostBytes
 * @param {() => void} giveUp
 */
function limited({ method, headers, body }, mostBytes, giveUp) {
  // For `Content-Length: 0` the runtime has an empty body, which it does not send with these.
  if (method === "GET" || method === "HEAD") return { stream: null, exceeded: () => false };
  // With both headers the length does not count (RFC 9112 §6.3).
  const measured = headers.has("content-length") && !headers.has("transfer-encoding");
  if (body === null || measured) return { stream: body, exceeded: () => false };
  const reader = body.getReader();
  let bytes = 0;
  /** @type {ReadableStream<Uint8Array>} */
  const stream = new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read().catch(() => ({ done: false, value: undefined }));
      bytes += value?.byteLength ?? 0;
      if (done) controller.close();
      else if (value === undefined || bytes > mostBytes) {
        reader.releaseLock();
        giveUp();
      } else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { stream, exceeded: () => bytes > mostBytes };
}

/** @param {string} why @returns {Outcome} */
function failed(why) {
  return { event: `{"failed":"${why}"}` };
}
