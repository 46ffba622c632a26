// Clopos's API behind the token: which headers a call carries, whose data it may see. The data
// itself is resources.js.

import { empty, json } from "../lib/answer.js";
import { create, reject, succeed, wrong } from "../lib/outcome.js";
import { headersPresent, noOtherCredentials } from "../lib/strict.js";
import { useTool } from "../lib/tools.js";
import { categories, products } from "./resources.js";

/** @import { Outcome } from "../lib/outcome.js" */
/** @import { Received } from "../lib/received.js" */
/** @import { Grant } from "../lib/tokens.js" */
/** @import { Version } from "./auth.js" */
/** @import { Clopos } from "./platform.js" */

const REQUIRED = { v1: ["x-token", "x-brand", "x-venue"], v2: ["x-token"] };
const ALLOWED = { v1: [...REQUIRED.v1, "x-stage"], v2: ["x-token", "x-venue"] };

/**
 * @param {Clopos} clopos
 * @param {Version} version
 * @param {Received} received
 * @param {string} rest The path behind the API base.
 * @returns {Outcome}
 */
export function callApi(clopos, version, received, rest) {
  const problems = [
    ...headersPresent(received, REQUIRED[version]),
    ...noOtherCredentials(received, ALLOWED[version]),
  ];
  if (problems.length > 0) {
    const missing = { success: false, error: "Headers are missing" };
    return wrong(`clopos.${version}.api.form`, json(401, missing), problems);
  }
  const checked = clopos.tokens.check(received.one("x-token"), version);
  if (checked.state !== "live") return refuseToken(version, checked);
  return (
    refuseAccount(clopos, version, received, checked.grant) ??
    refuseScope(clopos, version, checked.grant, rest) ??
    useTool(received, rest) ??
    resource(clopos, received, checked.grant, rest, version)
  );
}

/**
 * @param {Version} version
 * @param {{state: string, grant?: Grant}} checked
 * @returns {Outcome}
 */
function refuseToken(version, { state, grant }) {
  if (version === "v1") {
    const answer = { success: false, error: "unauthorized", message: "Invalid or expired token" };
    return reject("clopos.v1.api.token", json(401, answer));
  }
  const answer =
    state === "expired" && grant
      ? { error: "Token expired", expires_at: new Date(grant.expires_at * 1000).toISOString() }
      : { error: "Invalid token" };
  return reject("clopos.v2.api.token", json(401, { success: false, ...answer }));
}

/**
 * @param {Clopos} clopos
 * @param {Version} version
 * @param {Received} received
 * @param {Grant} grant
 * @returns {Outcome | undefined}
 */
function refuseAccount(clopos, version, received, { client, account }) {
  const venue = received.one("x-venue");
  if (version === "v1") {
    if (`${received.one("x-brand")}.${venue}` === account) return undefined;
    const answer = { success: false, error: "unauthorized", message: "Invalid or expired token" };
    return reject("clopos.v1.api.mismatch", json(401, answer));
  }
  const venues = clopos.apps.find(client)?.brands[account]?.venues ?? [];
  if (venue === undefined || venues.includes(venue)) return undefined;
  const answer = json(400, { success: false, error: "Invalid venue" });
  return reject("clopos.v2.api.venue-unknown", answer);
}

/**
 * @param {Clopos} clopos
 * @param {Version} version
 * @param {Grant} grant
 * @param {string} rest
 * @returns {Outcome | undefined}
 */
function refuseScope(clopos, version, { client }, rest) {
  const denied = clopos.apps.find(client)?.denied ?? [];
  if (!denied.some((prefix) => rest.startsWith(prefix))) return undefined;
  const answer = { success: false, error: "forbidden", message: "Insufficient permissions" };
  return reject(`clopos.${version}.api.scope`, json(403, answer));
}

/**
 * @param {Clopos} clopos
 * @param {Received} received
 * @param {Grant} grant
 * @param {string} rest
 * @param {Version} version
 * @returns {Outcome}
 */
function resource(clopos, received, grant, rest, version) {
  const behaviour =
    version === "v2" && received.one("x-venue") !== undefined
      ? "clopos.v2.api.venue"
      : /** @type {const} */ (`clopos.${version}.api`);
  const brand = grant.account.split(".")[0] ?? "";
  switch (`${received.method} ${rest}`) {
    case "GET menu/products":
      return succeed(behaviour, list(products));
    case "GET menu/categories":
      return succeed(behaviour, list(categories));
    case "GET orders":
      return succeed(behaviour, list(clopos.orders.of(brand)));
    case "POST orders":
      return order(clopos, received, brand);
    default:
      return notFound(rest);
  }
}

/**
 * @param {Clopos} clopos
 * @param {Received} received
 * @param {string} brand
 * @returns {Outcome}
 */
function order(clopos, received, brand) {
  const fields = received.jsonObject();
  if (!fields) {
    const answer = { success: false, error: "An order is a JSON object" };
    return reject("clopos.resource", json(400, answer));
  }
  const made = clopos.orders.add(brand, fields, clopos.clock.now());
  return create("clopos.resource", json(200, { success: true, data: made }));
}

/** @param {unknown[]} data */
function list(data) {
  return json(200, { success: true, data, total: data.length });
}

/**
 * @param {string} rest
 * @returns {Outcome}
 */
function notFound(rest) {
  if (["menu/products", "menu/categories", "orders"].includes(rest)) {
    return reject("any.method", empty(405));
  }
  const error = { message: "Not found", type: "NotFound", exception: "NotFoundHttpException" };
  const answer = { success: false, error: [{ ...error, code: 0, http_code: 404 }] };
  return reject("clopos.not-found", json(404, answer));
}
