// Clover's token request: three parameters in a query, or by option in a JSON body.

import { json } from "../lib/answer.js";
import { reject, succeed, wrong } from "../lib/outcome.js";
import {
  contentTypeIs,
  exactJson,
  exactParameters,
  noBody,
  noOtherCredentials,
  noQuery,
} from "../lib/strict.js";
import { issueToken } from "./authorize.js";

/** @import { Outcome } from "../lib/outcome.js" */
/** @import { Received } from "../lib/received.js" */
/** @import { Clover } from "./platform.js" */

const KEYS = ["client_id", "client_secret", "code"];

/**
 * @param {Clover} clover
 * @param {Received} received
 * @returns {Outcome}
 */
export function requestToken(clover, received) {
  const problems = [...formProblems(received), ...noOtherCredentials(received, [])];
  if (received.all("origin").length > 0) {
    problems.push("an Origin header: this request is not for browsers");
  }
  if (problems.length > 0) return refuseForm(problems);
  const { client_id, client_secret, code } = parametersOf(received);
  const app = clover.apps.find(client_id);
  if (!app) return unauthorized("clover.token.client", "Unknown Client ID");
  const form = received.method === "GET" ? "query" : "json";
  if (app.token_request !== "any" && app.token_request !== form) {
    return refuseForm([`a token request of the form ${form}; this app sends ${app.token_request}`]);
  }
  if (app.client_secret !== client_secret) return refuseCode("clover.token.client");
  const { code_lifetime: lifetime } = clover.settings.values;
  const merchant = clover.logins.redeem(code ?? "", app.client_id, lifetime);
  if (merchant === undefined) return refuseCode("clover.token.code");
  const access_token = issueToken(clover, app.client_id, merchant);
  return succeed("clover.token", json(200, { access_token }));
}

/**
 * @param {Received} received
 * @returns {string[]}
 */
function formProblems(received) {
  switch (received.method) {
    case "GET":
      return [...exactParameters(received.query, KEYS), ...noBody(received)];
    case "POST":
      return [
        ...noQuery(received),
        ...contentTypeIs(received, "application/json"),
        ...exactJson(received, KEYS),
      ];
    default:
      return [`method ${received.method}; known are GET with a query and POST with JSON`];
  }
}

/**
 * @param {Received} received
 * @returns {Record<string, string>}
 */
function parametersOf(received) {
  if (received.method === "GET") return Object.fromEntries(received.query);
  return /** @type {Record<string, string>} */ (received.jsonObject());
}

/**
 * @param {string[]} problems
 * @returns {Outcome}
 */
function refuseForm(problems) {
  const answer = { status: "Bad Request", message: problems.join("; ") };
  return wrong("clover.token.form", json(400, answer), problems);
}

/**
 * @param {"clover.token.client" | "clover.token.code"} behaviour
 * @returns {Outcome}
 */
function refuseCode(behaviour) {
  return unauthorized(behaviour, "Failed to validate authentication code.");
}

/**
 * @param {"clover.token.client" | "clover.token.code"} behaviour
 * @param {string} message
 * @returns {Outcome}
 */
function unauthorized(behaviour, message) {
  return reject(behaviour, json(401, { status: "Unauthorized", message }));
}
