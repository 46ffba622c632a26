// Clover's REST API behind the token: the merchant itself, which proves whose a token is, and its
// orders and items.

import { empty, json } from "../lib/answer.js";
import { create, reject, succeed, wrong } from "../lib/outcome.js";
import { noOtherCredentials } from "../lib/strict.js";
import { useTool } from "../lib/tools.js";

/** @import { Outcome } from "../lib/outcome.js" */
/** @import { Received } from "../lib/received.js" */
/** @import { Clover, Merchant } from "./platform.js" */

/**
 * @param {Clover} clover
 * @param {Received} received
 * @returns {Outcome}
 */
export function callRest(clover, received) {
  const token = received.bearer();
  const problems = noOtherCredentials(received, ["authorization"]);
  if (token === undefined) problems.push("no single Authorization: Bearer header");
  if (problems.length > 0) return wrong("clover.api.token", unauthorized(), problems);
  const at = merchantPath(received);
  const checked = clover.tokens.check(token, "bearer");
  if (checked.state !== "live") return reject("clover.api.token", unauthorized());
  if (!at) return notFound();
  const { client, account } = checked.grant;
  const merchant = clover.merchant(account);
  const app = clover.apps.find(client);
  const isAllowed =
    at.merchant === account &&
    app?.not_installed.includes(account) === false &&
    !app.denied.some((prefix) => at.rest.startsWith(prefix));
  if (!merchant || !isAllowed) return reject("clover.api.token", unauthorized());
  return useTool(received, at.rest) ?? resource(clover, received, merchant, at.rest);
}

/**
 * @param {Received} received
 * @returns {{merchant: string, rest: string} | undefined} `rest` is empty for the merchant itself.
 */
export function merchantPath({ path }) {
  const [, merchant, rest = ""] = /^\/v3\/merchants\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
  return merchant === undefined ? undefined : { merchant, rest };
}

/** @returns {Outcome} */
export function notFound() {
  return reject("clover.not-found", json(404, { message: "Not Found" }));
}

/**
 * @param {Clover} clover
 * @param {Received} received
 * @param {Merchant} merchant
 * @param {string} rest
 * @returns {Outcome}
 */
function resource(clover, received, merchant, rest) {
  switch (`${received.method} ${rest}`) {
    case "GET ":
      return succeed("clover.merchant", json(200, describe(merchant, received.query)));
    case "GET orders":
      return succeed("clover.api", json(200, { elements: clover.data.orders(merchant.id) }));
    case "GET items":
      return succeed("clover.api", json(200, { elements: clover.data.items() }));
    case "POST orders":
      return order(clover, received, merchant);
    default:
      return ["", "orders", "items"].includes(rest) ? reject("any.method", empty(405)) : notFound();
  }
}

/**
 * @param {Clover} clover
 * @param {Received} received
 * @param {Merchant} merchant
 * @returns {Outcome}
 */
function order(clover, received, merchant) {
  const fields = received.jsonObject();
  if (!fields) return reject("clover.resource", json(400, { message: "Bad Request" }));
  const made = clover.data.addOrder(merchant.id, fields, clover.clock.now());
  return create("clover.resource", json(200, made));
}

/**
 * @param {Merchant} merchant
 * @param {URLSearchParams} query
 */
function describe({ id, name, owner_id, owner }, query) {
  const href = `/v3/merchants/${id}`;
  const expands = query.get("expand")?.split(",").includes("owner");
  const ownerRef = { href: `${href}/employees/${owner_id}`, id: owner_id };
  return { href, id, name, owner: expands ? { ...ownerRef, name: owner } : ownerRef };
}

function unauthorized() {
  return json(401, { message: "401 Unauthorized" });
}
