/**
 * Calling a platform's API: builds the request from what wasm decided, streams its body by reference, and asks wasm what
 * the answer means, whose body is searched for the token. Which headers pass is data from wasm; nothing is copied and cleaned.
 */

import * as wasm from "./dist/tillgate_worker.js";
import { Echo } from "./echo.js";
import { knownLength } from "./length.js";
import { call, lists } from "./module.js";
import { relayed } from "./relay.js";

/** The header that every answer carries. */
export const REQUEST_ID = "x-request-id";

/** Longest time in milliseconds for a whole answer; the timer ends with the request, so it is never cleared. */
const DEADLINE = 30_000;

/** A body of at most so many bytes is there before it is answered; a longer one is passed on as it arrives. */
const SMALL = 65_536;

/** Statuses whose answers have no body (Fetch standard, null body status). */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** What `judge` says, of which the first and the last may come together: the numbers of `Verdict` in `worker/src/step.rs`. */
const DOWNLOAD = 1;
const REFUSE = 2;
const REJECTED = 4;

/** Most URLs that are kept. */
const MAX_SOUND = 256;

/** What finds a token, for as long as the module hands out the same one. @type {WeakMap<string[], Echo>} */
const echoes = new WeakMap();
/** URLs that were parsed and found the same. @type {Set<string>} */
const sound = new Set();

/**
 * @typedef {object} Outcome
 * @property {string} [event] what to hand to the next decision; absent if the response is final
 * @property {Response} [response] the platform's answer, ready for the caller
 * @property {string} [rejected] the ticket of the token that was answered with 401
 */

/**
 * @typedef {object} Forwarded one request on its way
 * @property {string} method
 * @property {string[]} token
 * @property {Headers} answerHeaders
 * @property {number} tried
 * @property {string} requestId
 * @property {() => void} expire what its deadline does
 */

/**
 * @param {Request} request the caller's
 * @param {any[]} step `2, url, token, answer headers, most bytes of a body`; the token is its ticket, itself, and the
 *   names and values of its headers by turns; others are answered with the same headers
 * @param {number} tried how often this request was sent before
 * @param {string} requestId
 * @returns {Promise<Outcome>}
 */
export function forward(request, [, url, token, answerHeaders, mostBytes], tried, requestId) {
  if (!isSound(url)) return Promise.resolve(failed("network"));
  return new Promise((resolve, reject) => {
    // What is still under way when the caller has its answer ends with the request: a signal would only cost more.
    const expire = () => resolve(failed("timeout"));
    const { method } = request;
    const forwarded = { method, token, answerHeaders, tried, requestId, expire };
    setTimeout(() => forwarded.expire(), DEADLINE);
    const body = limited(request, mostBytes);
    fetch(url, {
      method,
      headers: outgoing(request.headers, token),
      body: body.stream,
      redirect: "manual",
      cache: "no-store",
      ...(body.signal === undefined ? {} : { signal: body.signal }),
    })
      .then(
        (answer) => judged(answer, forwarded),
        () => failed(body.exceeded() ? "body_too_large" : "network"),
      )
      .then(resolve, reject);
  });
}

/**
 * What is judged is what is sent: whether the runtime reads the URL as it is written. A host whose Punycode is invalid has
 * no URL. Parsing makes an object, which costs more than knowing a URL again.
 *
 * @param {string} url
 */
function isSound(url) {
  if (sound.has(url)) return true;
  if (URL.parse(url)?.href !== url) return false;
  if (sound.size >= MAX_SOUND) sound.clear();
  sound.add(url);
  return true;
}

/**
 * @param {Response} answer
 * @param {Forwarded} forwarded
 * @returns {Outcome | Promise<Outcome>}
 */
function judged(answer, forwarded) {
  const { status, headers } = answer;
  const contentType = headers.get("content-type") ?? "";
  const verdict = call(() => wasm.judge(status, contentType, forwarded.tried));
  if (verdict === REFUSE) return heldBack(answer, "refused");
  const echo = echoOf(forwarded.token);
  const passing = incoming(headers, echo);
  if (passing === undefined) return heldBack(answer, "echo");
  /** @param {BodyInit | null} body */
  const outcome = (body) => passedOn(body, status, passing, verdict, forwarded);
  const length = knownLength(headers);
  if (WITHOUT_BODY.has(status) || length === 0) return outcome(null);
  if (forwarded.method === "HEAD") return outcome(answer.body);
  // The stream comes after the length, since looking at it makes an object.
  if (length !== undefined && length <= SMALL) {
    return answer.arrayBuffer().then(
      (body) => (echo.isIn(new Uint8Array(body)) ? failed("echo") : outcome(body)),
      () => failed("network"),
    );
  }
  if (answer.body === null) return outcome(null);
  const { stream, cut } = relayed(answer.body, length, echo);
  forwarded.expire = cut;
  return outcome(stream);
}

/**
 * The answer to the caller.
 *
 * @param {BodyInit | null} body
 * @param {number} status
 * @param {string[]} passing headers, names and values by turns
 * @param {number} verdict
 * @param {Forwarded} forwarded
 * @returns {Outcome}
 */
function passedOn(body, status, passing, verdict, { token: [ticket], answerHeaders, requestId }) {
  if (verdict & DOWNLOAD) passing.push("content-disposition", "attachment");
  passing.push(REQUEST_ID, requestId);
  const response = withHeaders(body, status, answerHeaders, passing);
  if (!(verdict & REJECTED)) return { response };
  return { response, rejected: ticket, event: `{"rejected":${JSON.stringify(ticket)}}` };
}

/**
 * A response with the headers that others are answered with as well, and with its own. A response copies its headers, and
 * putting its own among the others for that moment takes less time than adding them to the copy.
 *
 * @param {BodyInit | null} body
 * @param {number} status
 * @param {Headers} headers
 * @param {string[]} own names and values by turns; of two with one name the second counts
 */
function withHeaders(body, status, headers, own) {
  try {
    for (let index = 0; index < own.length; index += 2)
      headers.set(own[index] ?? "", own[index + 1] ?? "");
    return new Response(body, { status, headers });
  } finally {
    for (let index = 0; index < own.length; index += 2) headers.delete(own[index] ?? "");
  }
}

/** @param {string[]} token */
function echoOf(token) {
  let echo = echoes.get(token);
  if (echo === undefined) {
    echo = new Echo(token[1] ?? "");
    echoes.set(token, echo);
  }
  return echo;
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
  /** @type {Record<string, string>} */
  const headers = {};
  for (const name of lists().request) {
    const value = from.get(name);
    if (value !== null) headers[name] = value;
  }
  for (let index = 2; index < token.length; index += 2)
    headers[token[index] ?? ""] = token[index + 1] ?? "";
  return headers;
}

/**
 * The platform's headers that may pass, names and values by turns; none of them is one of ours. Undefined if one repeats
 * the token.
 *
 * @param {Headers} from
 * @param {Echo} echo
 */
function incoming(from, echo) {
  const passing = [];
  for (const name of lists().response) {
    const value = from.get(name);
    if (value === null) continue;
    if (echo.isInHeader(value)) return undefined;
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
 * @returns {{ stream: ReadableStream | null, signal?: AbortSignal, exceeded: () => boolean }}
 */
function limited({ method, headers, body }, mostBytes) {
  // For `Content-Length: 0` the runtime has an empty body, which it does not send with these.
  if (method === "GET" || method === "HEAD") return { stream: null, exceeded: never };
  // With both headers the length does not count (RFC 9112 §6.3).
  const measured = headers.has("content-length") && !headers.has("transfer-encoding");
  if (body === null || measured) return { stream: body, exceeded: never };
  const abort = new AbortController();
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
        abort.abort();
      } else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { stream, signal: abort.signal, exceeded: () => bytes > mostBytes };
}

const never = () => false;

/** @param {string} why @returns {Outcome} */
function failed(why) {
  return { event: `{"failed":"${why}"}` };
}
