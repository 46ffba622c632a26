// Clearline's token endpoint: HTTP Basic with form-encoded halves, and a body of exactly two
// parameters.

import { json } from "../lib/answer.js";
import { reject, succeed, wrong } from "../lib/outcome.js";
import { contentTypeIs, methodIs, noOtherCredentials, noQuery } from "../lib/strict.js";
import { jwt, randomText } from "../lib/tokens.js";

/** @import { HeaderPair } from "../lib/answer.js" */
/** @import { Outcome } from "../lib/outcome.js" */
/** @import { Received } from "../lib/received.js" */
/** @import { Clearline } from "./platform.js" */

const SCOPE = "pos_integration";
const DOCUMENTED_BODY = `grant_type=client_credentials&scope=${SCOPE}`;

/**
 * @param {Clearline} clearline
 * @param {Received} received
 * @returns {Outcome}
 */
export function requestToken(clearline, received) {
  const credentials = basicCredentials(clearline, received);
  const problems = [
    ...methodIs(received, "POST"),
    ...noQuery(received),
    ...contentTypeIs(received, "application/x-www-form-urlencoded"),
    ...noOtherCredentials(received, ["authorization"]),
    ...(credentials ? [] : ["no Authorization: Basic with base64 of client_id:client_secret"]),
  ];
  if (problems.length > 0) {
    const error = credentials ? "invalid_request" : "invalid_client";
    return wrong("clearline.form", json(400, { error }), problems);
  }
  const app = clearline.apps.find(credentials?.id);
  if (!app || app.client_secret !== credentials?.secret) return refuseClient(clearline);
  if (received.body.toString("latin1") !== DOCUMENTED_BODY) return refuseBody(received);
  return succeed("clearline.token", json(200, issue(clearline, app.client_id)));
}

/**
 * @param {Clearline} clearline
 * @param {Received} received
 * @returns {{id: string, secret: string} | undefined} Undefined without one well-formed header.
 */
export function basicCredentials(clearline, received) {
  const header = received.one("authorization") ?? "";
  const base64 = /^Basic ([A-Za-z0-9+/]+={0,2})$/.exec(header)?.[1];
  if (base64 === undefined || base64.length % 4 !== 0) return undefined;
  const pair = Buffer.from(base64, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon < 0) return undefined;
  const read = clearline.settings.values.basic === "raw" ? asIs : formDecoded;
  return { id: read(pair.slice(0, colon)), secret: read(pair.slice(colon + 1)) };
}

/** @param {string} text */
function asIs(text) {
  return text;
}

/**
 * As .NET does it: `+` is a space, a run of percent triplets is UTF-8, and what is no such run
 * stays as it is.
 * @param {string} text
 */
function formDecoded(text) {
  return text.replaceAll("+", " ").replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/**
 * @param {Clearline} clearline
 * @returns {Outcome}
 */
function refuseClient(clearline) {
  const body = { error: "invalid_client" };
  if (clearline.settings.values.errors === "400") {
    return reject("clearline.client", json(400, body));
  }
  /** @type {HeaderPair[]} */
  const challenge = [["www-authenticate", 'Basic realm="clearline"']];
  return reject("clearline.client-401", json(401, body, challenge));
}

/**
 * @param {Received} received
 * @returns {Outcome}
 */
function refuseBody(received) {
  const form = new URLSearchParams(received.body.toString("utf8"));
  const problems = [`the body is not ${DOCUMENTED_BODY}`];
  const error = bodyError(form);
  return wrong("clearline.form", json(400, { error }), problems);
}

/** @param {URLSearchParams} form */
function bodyError(form) {
  const names = [...form.keys()];
  if (new Set(names).size < names.length) return "invalid_request";
  if (!form.has("grant_type")) return "invalid_request";
  if (form.get("grant_type") !== "client_credentials") return "unsupported_grant_type";
  return form.get("scope") === SCOPE ? "invalid_request" : "invalid_scope";
}

/**
 * @param {Clearline} clearline
 * @param {string} client
 */
function issue(clearline, client) {
  const lifetime = clearline.tokens.lifetime;
  const iat = clearline.clock.now();
  const token = jwt(
    { client_id: client, scope: SCOPE, jti: randomText(43), iat, exp: iat + lifetime },
    clearline.signingKey,
  );
  clearline.tokens.issue({ token, client, account: "main", scheme: "bearer" });
  return { access_token: token, token_type: "Bearer", expires_in: lifetime, scope: SCOPE };
}
