/**
 * What callers with JWTs need beyond decisions: an issuer's keys over the network, and WebCrypto for signatures. Which
 * keys, when, and whether a token is any good is decided in `worker/src/jwt.rs`.
 */

import * as wasm from "./dist/tillgate_worker.js";
import { call } from "./module.js";
import { send } from "./send.js";

/** What `handle` says to do; the numbers are those of `worker/src/runtime.rs`. */
const KEYS = 5;
const WAIT = 6;
const VERIFY = 7;

/** Most bytes of a set, as `MAX_SET_BYTES` in `worker/src/jwt/keys.rs` reads. */
const MOST_BYTES = 64 * 1024;
const ACCEPT = ["accept", "application/jwk-set+json, application/json"];
/** Milliseconds until a request looks again whether another one's fetch has brought keys. */
const PAUSE = 100;
/** Most imported keys that are kept. */
const MOST_KEYS = 64;

/** For both importing a key and checking a signature (RFC 7518 §3.3, §3.4; RFC 8037 §3.1). @type {Record<string, any>} */
const ALGORITHMS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
};

/** Keys by their JWKs. Finished ones alone: a promise must not be shared by requests. @type {Map<string, CryptoKey>} */
const imported = new Map();

/**
 * Carries out a step about a JWT.
 *
 * @param {any[]} step `5, url`, `6`, or `7, algorithm, keys, signed text, signature, generation, url`
 * @param {ExecutionContext | undefined} ctx
 * @param {number} [proof] what was found before
 * @returns {Promise<number | undefined>} what is found now: 0 for a good signature, or else the generation of the keys
 */
export async function prove(step, ctx, proof) {
  if (step[0] === WAIT) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    return proof;
  }
  if (step[0] === KEYS) {
    await keysKept(step[1], ctx);
    return proof;
  }
  const [, algorithm, keys, signed, signature, generation, refresh] = step;
  if (refresh !== undefined) keysKept(refresh, ctx);
  return (await isSigned(algorithm, keys, signed, signature)) ? 0 : generation;
}

/** Whether a step is one of these. @param {any[]} step */
export const isAboutJwt = ([what]) => what >= KEYS && what <= VERIFY;

/**
 * Fetches keys and gives them to the module, even if whoever asks goes away.
 *
 * @param {string} url
 * @param {ExecutionContext | undefined} ctx
 */
function keysKept(url, ctx) {
  const kept = keepKeys(url);
  ctx?.waitUntil(kept);
  return kept;
}

/** @param {string} url */
async function keepKeys(url) {
  const { failed, status, body } = await send([0, url, "GET", ACCEPT, undefined, MOST_BYTES]);
  const set = status === 200 ? body : undefined;
  // Without a query, which may be a secret between the operator and the issuer.
  if (set === undefined)
    console.error(
      `fetching the keys at ${url.split("?")[0]} failed: ${failed ?? `status ${status}`}`,
    );
  call(() => wasm.keepKeys(url, set ?? new Uint8Array()));
}

/**
 * Whether one of the keys has signed this.
 *
 * @param {string} algorithm
 * @param {string[]} keys JWKs
 * @param {string} signed
 * @param {Uint8Array} signature
 */
async function isSigned(algorithm, keys, signed, signature) {
  const bytes = new TextEncoder().encode(signed);
  const how = ALGORITHMS[algorithm];
  for (const jwk of keys) {
    try {
      const key = imported.get(jwk) ?? (await keyOf(jwk, how));
      if (await crypto.subtle.verify(how, key, signature, bytes)) return true;
    } catch {
      // A key that cannot be imported, such as a point beside its curve, has signed nothing.
    }
  }
  return false;
}

/** @param {string} jwk @param {any} how */
async function keyOf(jwk, how) {
  const key = await crypto.subtle.importKey("jwk", JSON.parse(jwk), how, false, ["verify"]);
  if (imported.size >= MOST_KEYS) imported.clear();
  imported.set(jwk, key);
  return key;
}
