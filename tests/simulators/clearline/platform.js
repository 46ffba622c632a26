// Clearline: the client credentials grant as a Duende server answers it, and two POS resources
// behind the token.

import { randomBytes } from "node:crypto";
import { empty, json } from "../lib/answer.js";
import { Clock } from "../lib/clock.js";
import { create, reject, succeed, wrong } from "../lib/outcome.js";
import { Registry, Settings } from "../lib/registry.js";
import { noOtherCredentials } from "../lib/strict.js";
import { TokenStore } from "../lib/tokens.js";
import { useTool } from "../lib/tools.js";
import { basicCredentials, requestToken } from "./token.js";

/** @import { Outcome } from "../lib/outcome.js" */
/** @import { Received } from "../lib/received.js" */
/** @import { Labels } from "../lib/recorder.js" */
/** @import { Credentials } from "../lib/registry.js" */

/**
 * @typedef {object} ClearlineAppFields
 * @property {string[]} denied Paths behind `/pos/{posSystemId}/` that answer 403.
 *
 * @typedef {Credentials & ClearlineAppFields} ClearlineApp
 *
 * @typedef {object} ClearlineSettings
 * @property {"decoded" | "raw"} basic Whether both halves of Basic are form-decoded.
 * @property {"400" | "401"} errors Status of invalid_client.
 */

/** The documented sample credentials. */
export const CLEARLINE_DEFAULT_APP = { client_id: "pos-demo", client_secret: "s3cr3t!" };

const TOKEN_PATH = "/connect/token";
/** Documented: typically 3600. */
const TOKEN_SECONDS = 3600;

export class Clearline {
  name = "clearline";
  clock = new Clock();
  tokens = new TokenStore(this.clock, TOKEN_SECONDS);
  signingKey = randomBytes(32);
  #transactions = 0;

  /**
   * @param {(Partial<ClearlineApp> & Credentials)[]} apps
   * @param {Partial<ClearlineSettings>} settings
   */
  constructor(apps = [CLEARLINE_DEFAULT_APP], settings = {}) {
    /** @type {Registry<ClearlineApp>} */
    this.apps = new Registry(apps, (app) => ({ denied: [], ...app }));
    /** @type {Settings<Record<"basic" | "errors", string>>} */
    this.settings = new Settings(
      { basic: "decoded", errors: "400", ...settings },
      { basic: ["decoded", "raw"], errors: ["400", "401"] },
    );
  }

  /**
   * @param {Received} received
   * @returns {Labels}
   */
  identify(received) {
    if (received.path === TOKEN_PATH) {
      const client = basicCredentials(this, received)?.id;
      return { kind: "token", account: "main", ...(client !== undefined && { client }) };
    }
    if (!received.path.startsWith("/pos/")) return { kind: "other" };
    const { grant } = this.tokens.check(received.bearer(), "bearer");
    return { kind: "api", ...(grant && { client: grant.client, account: grant.account }) };
  }

  /**
   * @param {Received} received
   * @returns {Outcome}
   */
  handle(received) {
    if (received.path === TOKEN_PATH) return requestToken(this, received);
    const [, system, rest] = /^\/pos\/([^/]+)\/(.+)$/.exec(received.path) ?? [];
    if (system === undefined || rest === undefined) {
      return reject("clearline.not-found", empty(404));
    }
    return (
      this.#refuse(received, rest) ?? useTool(received, rest) ?? this.#call(received, system, rest)
    );
  }

  reset() {
    this.#transactions = 0;
  }

  /**
   * @param {Received} received
   * @param {string} rest
   * @returns {Outcome | undefined}
   */
  #refuse(received, rest) {
    const token = received.bearer();
    const problems = noOtherCredentials(received, ["authorization"]);
    if (token === undefined) problems.push("no single Authorization: Bearer header");
    const challenge = empty(401, [["www-authenticate", 'Bearer error="invalid_token"']]);
    if (problems.length > 0) return wrong("clearline.api.token", challenge, problems);
    const { state, grant } = this.tokens.check(token, "bearer");
    if (state !== "live") return reject("clearline.api.token", challenge);
    const denied = this.apps.find(grant.client)?.denied ?? [];
    if (denied.includes(rest)) return reject("clearline.api.scope", empty(403));
    return undefined;
  }

  /**
   * @param {Received} received
   * @param {string} system
   * @param {string} rest
   * @returns {Outcome}
   */
  #call(received, system, rest) {
    switch (`${received.method} ${rest}`) {
      case "GET status":
        return succeed("clearline.api", json(200, { posSystemId: system, status: "online" }));
      case "POST transaction":
        return this.#transact(received, system);
      default:
        return ["status", "transaction"].includes(rest)
          ? reject("any.method", empty(405))
          : reject("clearline.not-found", empty(404));
    }
  }

  /**
   * @param {Received} received
   * @param {string} system
   * @returns {Outcome}
   */
  #transact(received, system) {
    const fields = received.jsonObject();
    if (!fields) return reject("clearline.resource", json(400, { error: "no JSON object" }));
    this.#transactions += 1;
    const made = { ...fields, posSystemId: system, transactionId: this.#transactions };
    return create("clearline.resource", json(200, { ...made, status: "accepted" }));
  }
}
