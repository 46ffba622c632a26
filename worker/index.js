/**
 * The worker's entry: carries out what the wasm module decides, and waits for it. No decisions here.
 *
 * A request is handed to `handle` again and again, each time with what became of the step before, until the step is an
 * answer. Nothing is kept between the steps, so a client that goes away leaves nothing behind.
 *
 * Starting and restarting the module is in `module.js`, calling platforms in `forward.js`, checking JWTs in `jwt.js`, the
 * Durable Object in `vault.js`.
 */

import * as wasm from "./dist/tillgate_worker.js";
import { drain, isSending } from "./drain.js";
import { forward, REQUEST_ID } from "./forward.js";
import { isAboutJwt, prove } from "./jwt.js";
import { call, isReady, report, start } from "./module.js";
import { ask } from "./objects.js";

export { Vault } from "./vault.js";

/** What `handle` says to do; the numbers are those of `worker/src/runtime.rs`. */
const ANSWER = 0;
const ASK = 1;
const FORWARD = 2;
const LIMIT = 4;

export default {
  /**
   * @param {Request} request
   * @param {import("./types").Env} env
   * @param {ExecutionContext} [ctx] what keeps a fetch alive whose request is gone
   * @returns {Response | Promise<Response>} most answers are there without waiting for anything
   */
  fetch(request, env, ctx) {
    const requestId = crypto.randomUUID();
    try {
      if (!isReady()) return respond(request, env, ctx, requestId);
      const step = decide(request, requestId);
      return step[0] === ANSWER && !isSending(request)
        ? answer(step, requestId)
        : respond(request, env, ctx, requestId, step);
    } catch (error) {
      return failed(requestId, error);
    }
  },
};

/**
 * Carries out one step after the other, until there is an answer.
 *
 * @param {Request} request
 * @param {import("./types").Env} env
 * @param {ExecutionContext | undefined} ctx
 * @param {string} requestId
 * @param {any[]} [first] the first step; without one the module has to be started
 * @returns {Promise<Response>}
 */
async function respond(request, env, ctx, requestId, first) {
  /** @type {import("./forward.js").Outcome} */
  let outcome = {};
  let tried = 0;
  /** @type {number | undefined} */
  let proof;
  try {
    if (first === undefined) await start(env);
    for (let step = first; ; step = undefined) {
      step ??= decide(request, requestId, outcome.event, proof);
      if (step[0] === LIMIT) step = await chosen(env, step);
      if (step[0] === ANSWER) {
        if (isSending(request)) await drain(request);
        return answer(step, requestId);
      }
      if (step[0] === ASK) {
        outcome = { ...outcome, event: await askAll(env, step, outcome.rejected) };
      } else if (isAboutJwt(step)) {
        proof = await prove(step, ctx, proof);
      } else if (step[0] === FORWARD && (tried === 0 || request.body === null)) {
        outcome.response?.body?.cancel().catch(() => {});
        outcome = await forward(request, step, tried++, requestId);
        if (outcome.event === undefined && outcome.response !== undefined) return outcome.response;
      } else if (outcome.response !== undefined) {
        // A body cannot be sent twice: the answer to the first time stands.
        return outcome.response;
      } else {
        throw new Error("There is no answer to pass on.");
      }
    }
  } catch (error) {
    return failed(requestId, error);
  }
}

/**
 * @param {Request} request
 * @param {string} requestId
 * @param {string} [event] what became of the step before
 * @param {number} [proof] what became of the request's signature, see `prove`
 * @returns {any[]} the step, see `handle` in `worker/src/runtime.rs`
 */
function decide(request, requestId, event, proof) {
  const { method, headers } = request;
  const url = soundUrl(request);
  // Those that most decisions read go along: reading one from Rust costs three times as much.
  const authorization = headers.get("authorization");
  const origin = headers.get("origin");
  const length = headers.get("content-length");
  const coding = headers.get("transfer-encoding");
  const now = Date.now();
  // biome-ignore format: one line is a table of what the module is asked
  return call(() =>
    wasm.handle(method, url, headers, authorization, origin, length, coding, now, requestId, event, proof),
  );
}

/**
 * The request's URL. Plain workerd puts it together from the `Host` header and the path, so a slash in that header would
 * begin a path that nobody in front of us has seen: then there is none.
 *
 * @param {Request} request
 */
function soundUrl({ url, headers }) {
  return headers.get("host")?.includes("/") ? "" : url;
}

/**
 * @param {any[]} step `0, status, headers, body`; others are answered with the same headers, which a response copies
 * @param {string} requestId
 */
function answer([, status, headers, body], requestId) {
  headers.set(REQUEST_ID, requestId);
  return new Response(body, { status, headers });
}

/**
 * @param {import("./types").Env} env
 * @param {any[]} step `1, objects, messages, whether they may be sent again`
 * @param {string} [rejected] the ticket of a rejected token, which the next decision has to know again
 * @returns {Promise<string>} the event
 */
async function askAll(env, [, objects, messages, repeatable], rejected) {
  const ticket = rejected === undefined ? "" : `"rejected":${JSON.stringify(rejected)},`;
  /** @param {string} object @param {number} index */
  const askOne = (object, index) =>
    ask(env, object, messages[index]).catch((error) => {
      report("asking a vault", error);
      if (repeatable) return ask(env, object, messages[index]);
      throw error;
    });
  try {
    const replies = await Promise.all(objects.map(askOne));
    return `{${ticket}"replies":[${replies.join(",")}]}`;
  } catch (error) {
    report("asking a vault", error);
    return `{${ticket}"failed":"vault"}`;
  }
}

/**
 * Counts for an address, where the deployment has a rate limit. One that fails stands in nobody's way.
 *
 * @param {import("./types").Env} env
 * @param {any[]} step `4, address, the answer within the limit, the answer beyond it`
 * @returns {Promise<any[]>} one of the two
 */
async function chosen({ TILLGATE_RATE_LIMIT: limit }, [, key, within, beyond]) {
  try {
    return (await limit?.limit({ key }))?.success === false ? beyond : within;
  } catch (error) {
    report("asking the rate limit", error);
    return within;
  }
}

/**
 * @param {string} requestId
 * @param {unknown} error
 */
function failed(requestId, error) {
  report(`request ${requestId}`, error);
  return internal(requestId);
}

/**
 * The one answer that is made without the module, since it may be what failed.
 *
 * @param {string} requestId
 */
function internal(requestId) {
  const problem = {
    type: "urn:tillgate:problem:internal",
    title: "Internal error",
    status: 500,
    detail: "Something went wrong in the worker. The request can be tried again.",
    code: "internal",
    request_id: requestId,
  };
  const headers = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    [REQUEST_ID]: requestId,
  };
  return new Response(JSON.stringify(problem), { status: 500, headers });
}
