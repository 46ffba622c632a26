// An identity provider in so far as the worker sees one: a JWK Set on loopback that can be changed, held back and broken,
// and the private keys that sign JWTs. Tokens are put together by hand, so that they can be wrong in every way.

import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

/** @import { KeyObject } from "node:crypto" */
/** @import { IncomingMessage, ServerResponse } from "node:http" */

/**
 * @typedef {"RS256" | "ES256" | "EdDSA"} Algorithm
 *
 * @typedef {object} SigningKey
 * @property {string} kid
 * @property {Algorithm} alg
 * @property {KeyObject} privateKey
 * @property {Record<string, any>} jwk the public half as it stands in the set
 */

/** @type {Record<Algorithm, () => { publicKey: KeyObject, privateKey: KeyObject }>} */
const PAIRS = {
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: () => generateKeyPairSync("ed25519"),
};

/** @param {Algorithm} alg @param {string} kid @returns {SigningKey} */
export function makeKey(alg, kid) {
  const { publicKey, privateKey } = PAIRS[alg]();
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg };
  return { kid, alg, privateKey, jwk };
}

/** @param {unknown} value a string is encoded as it is */
export const segment = (value) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** @param {SigningKey} key @param {string} signed @returns {Buffer} the signature as JWS wants it */
export function signature({ alg, privateKey }, signed) {
  const bytes = Buffer.from(signed);
  if (alg === "EdDSA") return sign(null, bytes, privateKey);
  return sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" });
}

/**
 * A signed JWT.
 * @param {SigningKey} key
 * @param {unknown} claims
 * @param {Record<string, unknown>} [header] members beside or instead of `alg`, `kid` and `typ`
 */
export function jwt(key, claims, header = {}) {
  const head = { alg: key.alg, kid: key.kid, typ: "JWT", ...header };
  const signed = `${segment(head)}.${segment(claims)}`;
  return `${signed}.${signature(key, signed).toString("base64url")}`;
}

/** Starts an issuer on a free port of loopback. */
export async function startIssuer() {
  let fetches = 0;
  /** @type {unknown} */
  let set = { keys: [] };
  /** @type {((request: IncomingMessage, response: ServerResponse) => void) | undefined} */
  let instead;
  const server = createServer((request, response) => {
    fetches += 1;
    server.emit("fetch");
    if (instead !== undefined) return instead(request, response);
    response.setHeader("content-type", "application/jwk-set+json");
    response.end(JSON.stringify(set));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    jwksUrl: `${url}/jwks.json`,
    /** How often its keys were asked for. */
    fetches: () => fetches,
    /** @param {SigningKey[]} keys what the set holds from now on */
    publish(...keys) {
      set = { keys: keys.map(({ jwk }) => jwk) };
    },
    /** @param {unknown} text what stands in the set's place */
    publishText(text) {
      set = text;
    },
    /** @param {((request: IncomingMessage, response: ServerResponse) => void)} [answer] how it answers from now on; none: as it should */
    answerWith(answer) {
      instead = answer;
    },
    /** Waits until its keys were asked for so often. @param {number} count */
    async asked(count) {
      while (fetches < count) await once(server, "fetch");
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
