// Issued tokens of one simulator: unguessable, unique, ended by the simulator's clock, expired or
// revoked on demand. How a platform writes a token is its own business.

import { createHmac, randomBytes } from "node:crypto";

/** @import { Clock } from "./clock.js" */

/**
 * @typedef {object} Grant
 * @property {string} token
 * @property {string} client Client id of the app it was issued to.
 * @property {string} account Whom it acts for, in tillgate's words: `openapitest.1`, `main`, …
 * @property {string} scheme Which API takes it: `v1`, `v2`, `bearer`.
 * @property {number} issued_at
 * @property {number} expires_at
 * @property {"live" | "revoked"} state
 *
 * @typedef {{token?: string, client?: string, account?: string}} GrantFilter Nothing means all.
 */

export class TokenStore {
  /** @type {Map<string, Grant>} */
  #grants = new Map();
  #clock;
  #defaultLifetime;

  /**
   * @param {Clock} clock
   * @param {number} lifetime Seconds that the platform documents.
   */
  constructor(clock, lifetime) {
    this.#clock = clock;
    this.#defaultLifetime = lifetime;
    /** Seconds that the next issued token lives. */
    this.lifetime = lifetime;
  }

  /**
   * @param {Pick<Grant, "token" | "client" | "account" | "scheme">} fields
   * @returns {Grant}
   */
  issue(fields) {
    const issuedAt = this.#clock.now();
    /** @type {Grant} */
    const grant = {
      ...fields,
      issued_at: issuedAt,
      expires_at: issuedAt + this.lifetime,
      state: "live",
    };
    this.#grants.set(grant.token, grant);
    return grant;
  }

  /**
   * @param {string | undefined} token
   * @param {string} scheme
   * @returns {{state: "live", grant: Grant} | {state: "expired" | "unknown", grant?: Grant}}
   *   A revoked token is as unknown as one that never was.
   */
  check(token, scheme) {
    const grant = this.#grants.get(token ?? "");
    if (!grant || grant.scheme !== scheme || grant.state === "revoked") {
      return { state: "unknown", ...(grant && { grant }) };
    }
    if (this.#clock.now() >= grant.expires_at) return { state: "expired", grant };
    return { state: "live", grant };
  }

  /** @returns {Grant[]} Copies, oldest first. */
  list() {
    return [...this.#grants.values()].map((grant) => ({ ...grant }));
  }

  /**
   * Ends tokens now, as time would.
   * @param {GrantFilter} [filter]
   * @returns {number} How many.
   */
  expire(filter = {}) {
    const found = this.#select(filter);
    for (const grant of found) grant.expires_at = Math.min(grant.expires_at, this.#clock.now());
    return found.length;
  }

  /**
   * Makes the platform forget tokens.
   * @param {GrantFilter} [filter]
   * @returns {number} How many.
   */
  revoke(filter = {}) {
    const found = this.#select(filter);
    for (const grant of found) grant.state = "revoked";
    return found.length;
  }

  reset() {
    this.#grants.clear();
    this.lifetime = this.#defaultLifetime;
  }

  /** @param {GrantFilter} filter */
  #select({ token, client, account }) {
    return [...this.#grants.values()].filter(
      (grant) =>
        (token === undefined || grant.token === token) &&
        (client === undefined || grant.client === client) &&
        (account === undefined || grant.account === account),
    );
  }
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * @param {number} length
 * @returns {string} Random letters and digits.
 */
export function randomText(length) {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 in a byte: beyond it the first letters would be likelier.
      if (byte < 248 && text.length < length) text += ALPHANUMERIC[byte % 62];
    }
  }
  return text;
}

/**
 * @param {Record<string, unknown>} payload
 * @param {Buffer} key
 * @returns {string} A JWT, HS256, with the header of the platforms' samples.
 */
export function jwt(payload, key) {
  const encode = (/** @type {unknown} */ part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(payload)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}
