// Clopos v1 and v2 on one host, as it has them: which request is which, and the accounts it knows.
// Authentication is auth.js, the API behind the token is api.js.

import { randomBytes } from "node:crypto";
import { Clock } from "../lib/clock.js";
import { RateLimit } from "../lib/limits.js";
import { Registry, Settings } from "../lib/registry.js";
import { TokenStore } from "../lib/tokens.js";
import { callApi } from "./api.js";
import { authenticate } from "./auth.js";
import { OrderBook } from "./resources.js";

/** @import { Outcome } from "../lib/outcome.js" */
/** @import { Received } from "../lib/received.js" */
/** @import { Labels } from "../lib/recorder.js" */
/** @import { Credentials } from "../lib/registry.js" */

/**
 * @typedef {object} CloposBrand
 * @property {string[]} venues The first is the one a v2 token names.
 * @property {boolean} test_mode
 * @property {string} stage
 *
 * @typedef {object} CloposAppFields
 * @property {string[]} integrator_ids
 * @property {Record<string, CloposBrand>} brands
 * @property {string[]} denied Path prefixes behind the API base that answer 403: `menu/`.
 *
 * @typedef {Credentials & CloposAppFields} CloposApp
 *
 * @typedef {object} CloposSettings
 * @property {number} auth_per_minute Token requests answered a minute; 0, the default, for any
 *   number, so that storms can be counted. Also documented: v1 100, v2 60.
 */

/** The documented sandbox credentials, with twenty venues to have accounts enough. */
export const CLOPOS_DEFAULT_APP = {
  client_id: "6553676e0d265ac837e8f79fc",
  client_secret: "seCyF_4vja6yddQxE2PlerET0Uhy8ASbJ36hO68PD3JM=",
};

const V1_AUTH = "/open-api/auth";
const V2_AUTH = "/open-api/v2/auth";
const V1_BASE = "/open-api/";
const V2_BASE = "/open-api/v2/";

/** Documented: one hour. */
const TOKEN_SECONDS = 3600;

export class Clopos {
  name = "clopos";
  clock = new Clock();
  tokens = new TokenStore(this.clock, TOKEN_SECONDS);
  limit = new RateLimit();
  orders = new OrderBook();
  /** Signs v2 tokens; no one else has it. */
  signingKey = randomBytes(32);

  /**
   * @param {(Partial<CloposApp> & Credentials)[]} apps
   * @param {Partial<CloposSettings>} settings
   */
  constructor(apps = [CLOPOS_DEFAULT_APP], settings = {}) {
    /** @type {Settings<Record<keyof CloposSettings, number>>} */
    this.settings = new Settings({ auth_per_minute: 0, ...settings }, {});
    /** @type {Registry<CloposApp>} */
    this.apps = new Registry(apps, completeApp);
  }

  /**
   * @param {Received} received
   * @returns {Labels}
   */
  identify(received) {
    if (received.path === V1_AUTH || received.path === V2_AUTH) return tokenLabels(received);
    if (!received.path.startsWith(V1_BASE)) return { kind: "other" };
    const scheme = received.path.startsWith(V2_BASE) ? "v2" : "v1";
    const { grant } = this.tokens.check(received.one("x-token"), scheme);
    const brand = grant?.account.split(".")[0] ?? received.one("x-brand");
    return {
      kind: "api",
      ...(grant && { client: grant.client, account: grant.account }),
      ...(brand !== undefined && { brand }),
    };
  }

  /**
   * @param {Received} received
   * @returns {Outcome}
   */
  handle(received) {
    if (received.path === V1_AUTH) return authenticate(this, "v1", received);
    if (received.path === V2_AUTH) return authenticate(this, "v2", received);
    if (received.path.startsWith(V2_BASE)) {
      return callApi(this, "v2", received, received.path.slice(V2_BASE.length));
    }
    return callApi(this, "v1", received, received.path.slice(V1_BASE.length));
  }

  reset() {
    this.orders.reset();
    this.limit.reset();
  }
}

/**
 * @param {Received} received
 * @returns {Labels}
 */
function tokenLabels(received) {
  const { client_id, brand, venue_id } = received.jsonObject() ?? {};
  const isV1 = received.path === V1_AUTH;
  return {
    kind: "token",
    ...(typeof client_id === "string" && { client: client_id }),
    ...(typeof brand === "string" && { brand, account: isV1 ? `${brand}.${venue_id}` : brand }),
  };
}

/**
 * @param {Partial<CloposApp> & Credentials} app
 * @returns {CloposApp}
 */
function completeApp(app) {
  const venues = Array.from({ length: 20 }, (_, index) => String(index + 1));
  return {
    integrator_ids: ["test_jKsU96rq333b6PotTZfkgw"],
    brands: { openapitest: { venues, test_mode: true, stage: "beta" } },
    denied: [],
    ...app,
  };
}
