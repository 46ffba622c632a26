// How a merchant gets from Clover to an app: the authorization request and the decision, the launch
// from the dashboard, the market for an app that is not installed, and the one-time codes.

import { page, redirect } from "../lib/answer.js";
import { reject, succeed, wrong } from "../lib/outcome.js";
import { exactParameters } from "../lib/strict.js";
import { randomText } from "../lib/tokens.js";
import { consentPage, errorPage, marketPage } from "./pages.js";

/** @import { BehaviourId } from "../behaviours.js" */
/** @import { Clock } from "../lib/clock.js" */
/** @import { Outcome } from "../lib/outcome.js" */
/** @import { Received } from "../lib/received.js" */
/** @import { Clover, CloverApp, Merchant } from "./platform.js" */

/**
 * @typedef {object} LoginRequest
 * @property {CloverApp} app
 * @property {string} redirectUri
 * @property {"code" | "token"} responseType
 * @property {string | null} state
 * @property {Merchant | undefined} merchant Undefined: the merchant still chooses.
 *
 * @typedef {{client: string, merchant: string, issuedAt: number, used: boolean}} Code
 */

const PARAMETERS = ["client_id", "redirect_uri", "response_type", "state", "merchant_id"];
/** Consent pages that may be open at once; the oldest gives way. */
const MAX_PENDING = 1000;

/** Consent pages that wait for a decision, and the codes given out. */
export class Logins {
  /** @type {Map<string, LoginRequest>} */
  #pending = new Map();
  /** @type {Map<string, Code>} */
  #codes = new Map();
  #clock;

  /** @param {Clock} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /**
   * @param {LoginRequest} request
   * @returns {string} Its id, for the form of the page.
   */
  remember(request) {
    const id = randomText(32);
    const [oldest] = this.#pending.keys();
    if (this.#pending.size >= MAX_PENDING && oldest !== undefined) this.#pending.delete(oldest);
    this.#pending.set(id, request);
    return id;
  }

  /**
   * @param {string} id
   * @returns {LoginRequest | undefined} Once; a decision cannot be repeated.
   */
  take(id) {
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    return request;
  }

  /**
   * @param {string} client
   * @param {string} merchant
   * @returns {string}
   */
  issueCode(client, merchant) {
    const code = randomText(32);
    this.#codes.set(code, { client, merchant, issuedAt: this.#clock.now(), used: false });
    return code;
  }

  /**
   * Uses a code up, whether or not it is still good.
   * @param {string} code
   * @param {string} client
   * @param {number} lifetime Seconds.
   * @returns {string | undefined} The merchant's id for a fresh code of that client.
   */
  redeem(code, client, lifetime) {
    const found = this.#codes.get(code);
    if (!found || found.client !== client || found.used) return undefined;
    found.used = true;
    return this.#clock.now() - found.issuedAt < lifetime ? found.merchant : undefined;
  }

  /** @param {unknown} code */
  merchantOf(code) {
    return typeof code === "string" ? this.#codes.get(code)?.merchant : undefined;
  }

  reset() {
    this.#pending.clear();
    this.#codes.clear();
  }
}

/**
 * @param {Clover} clover
 * @param {Received} received
 * @returns {Outcome}
 */
export function authorize(clover, received) {
  const request = readRequest(clover, received);
  if (Array.isArray(request)) {
    return wrong("clover.authorize.form", page(400, errorPage(request)), request);
  }
  const { consent, merchant } = clover.settings.values;
  if (consent === "ask") {
    const id = clover.logins.remember(request);
    const markup = consentPage(request, id, clover.merchants);
    return succeed("clover.authorize", page(200, markup));
  }
  if (consent === "cancel") return cancel(request);
  const chosen = request.merchant ?? clover.merchant(merchant) ?? clover.merchants[0];
  return chosen
    ? comeBack(clover, request, chosen, "clover.authorize.signed-in")
    : reject("clover.authorize.form", page(400, errorPage(["there is no merchant"])));
}

/**
 * The decision on a consent page.
 * @param {Clover} clover
 * @param {Received} received
 * @returns {Outcome}
 */
export function decide(clover, received) {
  const form = new URLSearchParams(received.body.toString("utf8"));
  const request = clover.logins.take(form.get("request") ?? "");
  if (!request) {
    const text = "this page was used already; start again from the app";
    return reject("clover.authorize.form", page(400, errorPage([text])));
  }
  if (form.get("decision") !== "allow") return cancel(request);
  const merchant = request.merchant ?? clover.merchant(form.get("merchant_id"));
  return merchant
    ? comeBack(clover, request, merchant, "clover.authorize")
    : reject("clover.authorize.form", page(400, errorPage(["no merchant was chosen"])));
}

/**
 * The dashboard's Open: a merchant arrives at the app unasked.
 * @param {Clover} clover
 * @param {Received} received
 * @returns {Outcome}
 */
export function launch(clover, { query }) {
  const app = clover.apps.find(query.get("client_id"));
  const merchant = clover.merchant(query.get("merchant_id"));
  if (!app || !merchant) {
    const text = "a launch names a known client_id and merchant_id";
    return reject("clover.launch", page(400, errorPage([text])));
  }
  const responseType = app.default_response;
  const request = { app, merchant, responseType, redirectUri: app.site_url, state: null };
  return comeBack(clover, request, merchant, "clover.launch");
}

/**
 * @param {Clover} clover
 * @param {Received} received
 * @returns {Outcome}
 */
export function market(clover, { query }) {
  const app = clover.apps.find(query.get("client_id"));
  const merchant = clover.merchant(query.get("merchant_id"));
  return app && merchant
    ? succeed("clover.market", page(200, marketPage(app, merchant)))
    : reject("clover.market", page(404, errorPage(["no such app"])));
}

/**
 * @param {Clover} clover
 * @param {Received} received
 * @returns {Outcome}
 */
export function install(clover, received) {
  const form = new URLSearchParams(received.body.toString("utf8"));
  const app = clover.apps.find(form.get("client_id"));
  const merchant = clover.merchant(form.get("merchant_id"));
  if (!app || !merchant) return reject("clover.market", page(404, errorPage(["no such app"])));
  app.not_installed = app.not_installed.filter((id) => id !== merchant.id);
  const query = new URLSearchParams({ client_id: app.client_id, merchant_id: merchant.id });
  return succeed("clover.market", redirect(303, `/launch?${query}`));
}

/**
 * @param {Clover} clover
 * @param {Received} received
 * @returns {LoginRequest | string[]} Or what is wrong with it.
 */
function readRequest(clover, { query }) {
  const given = PARAMETERS.filter((name) => query.has(name));
  const problems = exactParameters(query, given);
  const app = clover.apps.find(query.get("client_id"));
  if (!app) return [...problems, "Unknown Client ID"];
  const redirectUri = query.get("redirect_uri") ?? app.site_url;
  if (!mayReturnTo(app, redirectUri)) problems.push("redirect_uri is not registered for this app");
  const responseType = query.get("response_type") ?? app.default_response;
  if (responseType !== "code" && responseType !== "token") {
    return [...problems, "response_type is neither code nor token"];
  }
  const merchant = clover.merchant(query.get("merchant_id"));
  if (query.has("merchant_id") && !merchant) problems.push("no such merchant");
  if (problems.length > 0) return problems;
  return { app, redirectUri, responseType, state: query.get("state"), merchant };
}

/**
 * @param {CloverApp} app
 * @param {string} uri
 */
function mayReturnTo(app, uri) {
  if (uri === app.site_url || app.redirect_uris.includes(uri)) return true;
  if (app.redirect_uris.length > 0 || uri.includes("#") || !URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  return protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

/**
 * @param {LoginRequest} request
 * @returns {Outcome}
 */
function cancel({ app, redirectUri, state }) {
  const query = new URLSearchParams({ client_id: app.client_id, error: "access_denied" });
  if (state !== null) query.set("state", state);
  return succeed("clover.authorize.cancel", redirect(302, withQuery(redirectUri, `${query}`)));
}

/**
 * @param {Clover} clover
 * @param {LoginRequest} request
 * @param {Merchant} merchant
 * @param {BehaviourId} behaviour
 * @returns {Outcome}
 */
function comeBack(clover, request, merchant, behaviour) {
  const { app, redirectUri, responseType, state } = request;
  const query = new URLSearchParams({ merchant_id: merchant.id, client_id: app.client_id });
  if (app.not_installed.includes(merchant.id)) {
    return succeed("clover.market", redirect(302, `/appmarket/app?${query}`));
  }
  if (clover.settings.values.employee_id) query.set("employee_id", merchant.owner_id);
  if (responseType === "token") return comeBackWithToken(clover, request, merchant, query);
  query.set("code", clover.logins.issueCode(app.client_id, merchant.id));
  if (state !== null) query.set("state", state);
  const known = query.has("employee_id") ? behaviour : "clover.employee-missing";
  return succeed(known, redirect(302, withQuery(redirectUri, `${query}`)));
}

/**
 * @param {Clover} clover
 * @param {LoginRequest} request
 * @param {Merchant} merchant
 * @param {URLSearchParams} query
 * @returns {Outcome}
 */
function comeBackWithToken(clover, { app, redirectUri, state }, merchant, query) {
  const { token_state: place } = clover.settings.values;
  const token = issueToken(clover, app.client_id, merchant.id);
  const fragment = new URLSearchParams({ access_token: token });
  if (state !== null && ["query", "both", "differ"].includes(place)) query.set("state", state);
  if (state !== null && ["fragment", "both"].includes(place)) fragment.set("state", state);
  if (place === "differ") fragment.set("state", randomText(16));
  // The stray "&" after "?" is what Clover documents.
  const url = `${withQuery(redirectUri, `&${query}`)}#${fragment}`;
  return succeed(state === null ? "clover.authorize.token" : "clover.state", redirect(302, url));
}

/**
 * @param {Clover} clover
 * @param {string} client
 * @param {string} merchant
 * @returns {string}
 */
export function issueToken(clover, client, merchant) {
  const token = `${randomText(8)}-${randomText(40)}`;
  clover.tokens.issue({ token, client, account: merchant, scheme: "bearer" });
  return token;
}

/**
 * @param {string} uri
 * @param {string} query
 */
function withQuery(uri, query) {
  return `${uri}${uri.includes("?") ? "&" : "?"}${query}`;
}
