// Clopos's token requests, v1 and v2: their exact form, who is let in, and what a token looks like.

import { json } from "../lib/answer.js";
import { reject, succeed, wrong } from "../lib/outcome.js";
import { contentTypeIs, exactJson, methodIs, noOtherCredentials, noQuery } from "../lib/strict.js";
import { jwt, randomText } from "../lib/tokens.js";

/** @import { Outcome } from "../lib/outcome.js" */
/** @import { Received } from "../lib/received.js" */
/** @import { Clopos, CloposApp } from "./platform.js" */

/** @typedef {"v1" | "v2"} Version */

const KEYS = {
  v1: /** @type {const} */ (["client_id", "client_secret", "brand", "venue_id"]),
  v2: /** @type {const} */ (["client_id", "client_secret", "brand", "integrator_id"]),
};

const TEST_MODE = "Integrator is in test mode. But brand is not in test mode";

/**
 * @param {Clopos} clopos
 * @param {Version} version
 * @param {Received} received
 * @returns {Outcome}
 */
export function authenticate(clopos, version, received) {
  const problems = [
    ...methodIs(received, "POST"),
    ...noQuery(received),
    ...contentTypeIs(received, "application/json"),
    ...noOtherCredentials(received, []),
    ...exactJson(received, KEYS[version]),
  ];
  if (problems.length > 0) return refuseForm(version, received, problems);
  const prefix = version === "v1" ? "X-RateLimit" : "RateLimit";
  const { auth_per_minute: most } = clopos.settings.values;
  const { exceeded, headers } = clopos.limit.take(most, clopos.clock.now(), prefix);
  if (exceeded) {
    const answer = { success: false, error: "Too many requests" };
    return reject("clopos.limit", json(429, answer, headers));
  }
  const body = /** @type {Record<string, string>} */ (received.jsonObject());
  const outcome = version === "v1" ? authenticateV1(clopos, body) : authenticateV2(clopos, body);
  outcome.answer.headers.push(...headers);
  return outcome;
}

/**
 * @param {Version} version
 * @param {Received} received
 * @param {string[]} problems
 * @returns {Outcome}
 */
function refuseForm(version, received, problems) {
  const error = `Unexpected request: ${problems.join("; ")}`;
  if (received.method !== "POST") {
    return wrong(`clopos.${version}.form`, json(405, { success: false, error }), problems);
  }
  const body = received.jsonObject();
  if (version === "v2" && body && KEYS.v2.some((key) => !body[key])) {
    const missing = "Missing client_id, client_secret, brand, or integrator_id";
    return wrong("clopos.v2.missing", json(400, { success: false, error: missing }), problems);
  }
  return wrong(`clopos.${version}.form`, json(400, { success: false, error }), problems);
}

/**
 * @param {Clopos} clopos
 * @param {Record<string, string>} body
 * @returns {Outcome}
 */
function authenticateV1(clopos, { client_id, client_secret, brand = "", venue_id = "" }) {
  const app = known(clopos, client_id, client_secret);
  if (!ownBrand(app, brand)?.venues.includes(venue_id)) {
    return reject(
      "clopos.v1.credentials",
      json(400, { success: false, error: "invalid_credentials", message: "Invalid credentials" }),
    );
  }
  const token = `oauth_${randomText(64)}`;
  clopos.tokens.issue({
    token,
    client: client_id ?? "",
    account: `${brand}.${venue_id}`,
    scheme: "v1",
  });
  return succeed("clopos.v1.token", json(200, tokenAnswer(clopos, token)));
}

/**
 * @param {Clopos} clopos
 * @param {Record<string, string>} body
 * @returns {Outcome}
 */
function authenticateV2(clopos, { client_id, client_secret, brand = "", integrator_id = "" }) {
  const app = known(clopos, client_id, client_secret);
  const own = ownBrand(app, brand);
  if (!app || !own) {
    return reject("clopos.v2.credentials", json(401, { message: "Invalid credentials" }));
  }
  if (!app.integrator_ids.includes(integrator_id)) {
    const error = "Invalid integrator_id";
    return reject("clopos.v2.integrator", json(400, { success: false, error }));
  }
  if (integrator_id.startsWith("test_") && !own.test_mode) {
    return reject("clopos.v2.test-mode", json(200, { success: false, error: TEST_MODE }));
  }
  const iat = clopos.clock.now();
  const exp = iat + clopos.tokens.lifetime;
  const token = jwt(
    {
      token: `oauth_${randomText(64)}`,
      brand,
      stage: own.stage,
      venue_id: Number(own.venues[0]),
      integrator_id,
      iat,
      exp,
    },
    clopos.signingKey,
  );
  clopos.tokens.issue({ token, client: app.client_id, account: brand, scheme: "v2" });
  return succeed("clopos.v2.token", json(200, { ...tokenAnswer(clopos, token), expires_at: exp }));
}

/**
 * @param {Clopos} clopos
 * @param {string} token
 */
function tokenAnswer(clopos, token) {
  return {
    success: true,
    token,
    token_type: "Bearer",
    expires_in: clopos.tokens.lifetime,
    message: "Authentication successful",
  };
}

/**
 * @param {Clopos} clopos
 * @param {string | undefined} clientId
 * @param {string | undefined} secret
 */
function known(clopos, clientId, secret) {
  const app = clopos.apps.find(clientId);
  return app?.client_secret === secret ? app : undefined;
}

/**
 * @param {CloposApp | undefined} app
 * @param {string} brand
 */
function ownBrand(app, brand) {
  return app && Object.hasOwn(app.brands, brand) ? app.brands[brand] : undefined;
}
