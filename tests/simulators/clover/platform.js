// Clover v1: its routes, its apps and merchants. Login is authorize.js, the token request token.js,
// the API behind the token rest.js, and what a person sees pages.js.

import { page } from "../lib/answer.js";
import { Clock } from "../lib/clock.js";
import { succeed } from "../lib/outcome.js";
import { Registry, Settings } from "../lib/registry.js";
import { TokenStore } from "../lib/tokens.js";
import { authorize, decide, install, Logins, launch, market } from "./authorize.js";
import { MerchantData } from "./data.js";
import { dashboard } from "./pages.js";
import { callRest, merchantPath, notFound } from "./rest.js";
import { requestToken } from "./token.js";

/** @import { Outcome } from "../lib/outcome.js" */
/** @import { Received } from "../lib/received.js" */
/** @import { Labels } from "../lib/recorder.js" */
/** @import { Credentials } from "../lib/registry.js" */

/**
 * @typedef {object} CloverAppFields
 * @property {string} name As merchants see it.
 * @property {string} site_url Where a merchant arrives who opens the app from the dashboard.
 * @property {string[]} redirect_uris Exact; none means any on a loopback host.
 * @property {"code" | "token"} default_response Used when the request names no response_type.
 * @property {"query" | "json" | "any"} token_request The form of token request that it may send.
 * @property {string[]} not_installed Merchants who do not have it.
 * @property {string[]} denied Path prefixes behind `/v3/merchants/{mId}/` that it may not read.
 *
 * @typedef {Credentials & CloverAppFields} CloverApp
 *
 * @typedef {{id: string, name: string, owner_id: string, owner: string}} Merchant
 *
 * @typedef {object} CloverSettings
 * @property {"ask" | "allow" | "cancel"} consent `ask` shows the page; the others decide at once.
 * @property {string} merchant Who is signed in when nobody is asked; the first when empty.
 * @property {"query" | "fragment" | "both" | "differ" | "none"} token_state Where the token flow
 *   returns the state; `differ` puts another one into the fragment.
 * @property {boolean} employee_id Whether it is part of what is returned.
 * @property {number} code_lifetime Seconds.
 */

/** @type {Partial<CloverApp> & Credentials} */
export const CLOVER_DEFAULT_APP = {
  client_id: "TILLGATEDEMO1",
  client_secret: "clover-demo-secret",
  name: "Tillgate demo",
};

/** @type {Merchant[]} */
export const CLOVER_DEFAULT_MERCHANTS = [
  { id: "MERCHANT00001", name: "Café Tilde", owner_id: "EMPLOYEE00001", owner: "Ayla Quliyeva" },
  { id: "MERCHANT00002", name: "Bakery Semicolon", owner_id: "EMPLOYEE00002", owner: "Jon Vega" },
];

/** Documented: one year. */
const TOKEN_SECONDS = 365 * 24 * 3600;

/** @type {CloverSettings} */
const DEFAULT_SETTINGS = {
  consent: "ask",
  merchant: "",
  token_state: "query",
  employee_id: true,
  code_lifetime: 30,
};

export class Clover {
  name = "clover";
  clock = new Clock();
  tokens = new TokenStore(this.clock, TOKEN_SECONDS);
  logins = new Logins(this.clock);
  data = new MerchantData();

  /**
   * @param {(Partial<CloverApp> & Credentials)[]} apps
   * @param {Merchant[]} merchants
   * @param {Partial<CloverSettings>} settings
   */
  constructor(apps = [CLOVER_DEFAULT_APP], merchants = CLOVER_DEFAULT_MERCHANTS, settings = {}) {
    this.merchants = merchants;
    /** @type {Registry<CloverApp>} */
    this.apps = new Registry(apps, completeApp);
    /** @type {Settings<CloverSettings & Record<string, string | number | boolean>>} */
    this.settings = new Settings(
      { ...DEFAULT_SETTINGS, ...settings },
      {
        consent: ["ask", "allow", "cancel"],
        token_state: ["query", "fragment", "both", "differ", "none"],
      },
    );
  }

  /**
   * @param {string | null | undefined} id
   * @returns {Merchant | undefined}
   */
  merchant(id) {
    return this.merchants.find((merchant) => merchant.id === id);
  }

  /**
   * @param {Received} received
   * @returns {Labels}
   */
  identify(received) {
    const { path, query } = received;
    if (path === "/oauth/token") return this.#tokenLabels(received);
    const client = query.get("client_id") ?? undefined;
    if ((path === "/oauth/authorize" && received.method === "GET") || path === "/launch") {
      return { kind: "authorize", ...(client !== undefined && { client }) };
    }
    if (path.startsWith("/v3/")) return this.#restLabels(received);
    return { kind: path === "/" || /^\/(oauth|appmarket)\//.test(path) ? "page" : "other" };
  }

  /**
   * @param {Received} received
   * @returns {Outcome}
   */
  handle(received) {
    if (received.path === "/oauth/token") return requestToken(this, received);
    if (received.path.startsWith("/v3/")) return callRest(this, received);
    switch (`${received.method} ${received.path}`) {
      case "GET /":
        return succeed("any.page", page(200, dashboard(this)));
      case "GET /oauth/authorize":
        return authorize(this, received);
      case "POST /oauth/authorize":
        return decide(this, received);
      case "GET /launch":
        return launch(this, received);
      case "GET /appmarket/app":
        return market(this, received);
      case "POST /appmarket/app":
        return install(this, received);
      default:
        return notFound();
    }
  }

  reset() {
    this.logins.reset();
    this.data.reset();
  }

  /**
   * @param {Received} received
   * @returns {Labels}
   */
  #tokenLabels(received) {
    const { query } = received;
    const inQuery = received.rawQuery !== "";
    const values = inQuery ? Object.fromEntries(query) : (received.jsonObject() ?? {});
    const account = this.logins.merchantOf(values.code);
    return {
      kind: "token",
      ...(typeof values.client_id === "string" && { client: values.client_id }),
      ...(account !== undefined && { account }),
    };
  }

  /**
   * @param {Received} received
   * @returns {Labels}
   */
  #restLabels(received) {
    const { grant } = this.tokens.check(received.bearer(), "bearer");
    const isProof = received.method === "GET" && merchantPath(received)?.rest === "";
    return {
      kind: isProof ? "proof" : "api",
      ...(grant && { client: grant.client, account: grant.account }),
    };
  }
}

/**
 * @param {Partial<CloverApp> & Credentials} app
 * @returns {CloverApp}
 */
function completeApp(app) {
  return {
    name: app.client_id,
    site_url: "http://localhost:8787/callback/till",
    redirect_uris: [],
    default_response: "code",
    token_request: "query",
    not_installed: [],
    denied: [],
    ...app,
  };
}
