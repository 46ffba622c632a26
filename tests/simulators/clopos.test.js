// Clopos v1 and v2 as documented, and what they refuse.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startSimulators } from "./index.js";
import { CLOPOS_V1_BODY, CLOPOS_V2_BODY, cloposAuth } from "./lib/testing.js";

/** @import { Simulators } from "./index.js" */

/** @type {Simulators} */
let simulators;

before(async () => {
  simulators = await startSimulators();
});
beforeEach(() => simulators.reset());
after(() => simulators.close());

/**
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {RequestInit} [init]
 */
function api(path, headers, init) {
  return fetch(`${simulators.clopos.url}${path}`, { ...init, headers });
}

/** @param {1 | 2} version */
async function tokenOf(version) {
  const { token } = await (await cloposAuth(simulators, undefined, { version })).json();
  return /** @type {string} */ (token);
}

const V1_HEADERS = { "x-brand": "openapitest", "x-venue": "1" };

test("v1 answers the documented request with the documented keys", async () => {
  const answer = await cloposAuth(simulators);
  assert.equal(answer.status, 200);
  const { token, ...rest } = await answer.json();
  assert.match(token, /^oauth_[A-Za-z0-9]{64}$/);
  assert.deepEqual(rest, {
    success: true,
    token_type: "Bearer",
    expires_in: 3600,
    message: "Authentication successful",
  });
  simulators.assertDocumented();
});

test("v2 answers with a JWT whose payload has the sample's shape and end", async () => {
  const body = await (await cloposAuth(simulators, undefined, { version: 2 })).json();
  const payload = JSON.parse(Buffer.from(body.token.split(".")[1], "base64url").toString());
  assert.deepEqual(Object.keys(payload), [
    "token",
    "brand",
    "stage",
    "venue_id",
    "integrator_id",
    "iat",
    "exp",
  ]);
  assert.equal(typeof payload.venue_id, "number");
  assert.equal(payload.exp, body.expires_at);
  assert.equal(payload.exp - payload.iat, body.expires_in);
});

test("two token requests give two tokens", async () => {
  assert.notEqual(await tokenOf(1), await tokenOf(1));
  assert.notEqual(await tokenOf(2), await tokenOf(2));
});

for (const [key, value] of Object.entries({
  client_id: "another",
  client_secret: "another",
  brand: "another",
  venue_id: "21",
})) {
  test(`v1 refuses another ${key} with 400, though the request is in form`, async () => {
    const answer = await cloposAuth(simulators, { ...CLOPOS_V1_BODY, [key]: value });
    assert.equal(answer.status, 400);
    assert.equal((await answer.json()).success, false);
    simulators.assertDocumented();
  });
}

for (const [what, body] of /** @type {const} */ ([
  ["a key too many", { ...CLOPOS_V1_BODY, integrator_id: "x" }],
  ["a key missing", { ...CLOPOS_V1_BODY, venue_id: undefined }],
  ["a number as venue_id", { ...CLOPOS_V1_BODY, venue_id: 1 }],
  ["a key twice", JSON.stringify(CLOPOS_V1_BODY).replace("{", '{"brand":"openapitest",')],
  ["no JSON", "client_id=1"],
])) {
  test(`v1 records ${what} as undocumented`, async () => {
    assert.equal((await cloposAuth(simulators, body)).status, 400);
    assert.equal(simulators.clopos.control.counters().undocumented, 1);
    assert.throws(() => simulators.assertDocumented(), /#1 POST \/open-api\/auth: /);
  });
}

test("a token request with another content type or a token header is undocumented", async () => {
  const plain = await cloposAuth(simulators, undefined, {
    headers: { "content-type": "text/plain" },
  });
  assert.equal(plain.status, 400);
  await cloposAuth(simulators, undefined, { headers: { "x-token": "oauth_old" } });
  const [first, second] = simulators.clopos.control.undocumented();
  assert.match(first?.problems.join() ?? "", /content-type is text\/plain/);
  assert.match(second?.problems.join() ?? "", /header x-token; it does not belong/);
});

test("v2 names what is missing, whom it does not know, and the test mode", async () => {
  const live = { venues: ["1"], test_mode: false, stage: "live" };
  simulators.clopos.control.apps.patch(CLOPOS_V2_BODY.client_id, {
    brands: { openapitest: { ...live, test_mode: true }, live },
  });
  const ask = async (/** @type {Record<string, unknown>} */ change) => {
    const answer = await cloposAuth(simulators, { ...CLOPOS_V2_BODY, ...change }, { version: 2 });
    return [answer.status, await answer.json()];
  };
  assert.deepEqual(await ask({ integrator_id: undefined }), [
    400,
    { success: false, error: "Missing client_id, client_secret, brand, or integrator_id" },
  ]);
  assert.deepEqual(await ask({ integrator_id: "nobody" }), [
    400,
    { success: false, error: "Invalid integrator_id" },
  ]);
  assert.deepEqual(await ask({ client_secret: "wrong" }), [
    401,
    { message: "Invalid credentials" },
  ]);
  assert.deepEqual(await ask({ brand: "live" }), [
    200,
    { success: false, error: "Integrator is in test mode. But brand is not in test mode" },
  ]);
});

test("v1 products need the bare token, the brand and the venue", async () => {
  const token = await tokenOf(1);
  const path = "/open-api/menu/products";
  assert.equal((await api(path, { ...V1_HEADERS, "x-token": token })).status, 200);
  assert.equal((await api(path, { ...V1_HEADERS, "x-token": token, "x-stage": "b" })).status, 200);
  simulators.assertDocumented();
  assert.equal((await api(path, { "x-token": token, "x-brand": "openapitest" })).status, 401);
  assert.equal((await api(path, { ...V1_HEADERS, "x-token": `Bearer ${token}` })).status, 401);
});

test("a v1 token does not open another venue", async () => {
  const headers = { "x-token": await tokenOf(1), "x-brand": "openapitest", "x-venue": "2" };
  assert.equal((await api("/open-api/menu/products", headers)).status, 401);
});

test("v2 takes x-token alone or with a venue of the brand, and no x-brand", async () => {
  const token = await tokenOf(2);
  const path = "/open-api/v2/menu/categories";
  assert.equal((await api(path, { "x-token": token })).status, 200);
  assert.equal((await api(path, { "x-token": token, "x-venue": "7" })).status, 200);
  assert.equal((await api(path, { "x-token": token, "x-venue": "70" })).status, 400);
  simulators.assertDocumented();
  assert.equal((await api(path, { "x-token": token, "x-brand": "openapitest" })).status, 401);
  assert.equal(simulators.clopos.control.undocumented().length, 1);
});

test("a v2 token that time has ended says so with an ISO date", async () => {
  const token = await tokenOf(2);
  simulators.clopos.control.clock.advance(3600);
  const answer = await api("/open-api/v2/orders", { "x-token": token });
  const body = await answer.json();
  assert.equal(answer.status, 401);
  assert.equal(body.error, "Token expired");
  assert.match(body.expires_at, /^\d{4}-\d\d-\d\dT/);
});

test("neither version takes the other's token", async () => {
  const [one, two] = [await tokenOf(1), await tokenOf(2)];
  assert.equal((await api("/open-api/v2/orders", { "x-token": one })).status, 401);
  assert.equal((await api("/open-api/orders", { ...V1_HEADERS, "x-token": two })).status, 401);
});

test("the same order sent twice is two orders", async () => {
  const headers = {
    ...V1_HEADERS,
    "x-token": await tokenOf(1),
    "content-type": "application/json",
  };
  const init = { method: "POST", body: '{"customer":"Ayla"}' };
  const first = await (await api("/open-api/orders", headers, init)).json();
  const second = await (await api("/open-api/orders", headers, init)).json();
  assert.notEqual(first.data.id, second.data.id);
  assert.equal(simulators.clopos.control.counters().created, 2);
  const { total } = await (await api("/open-api/orders", headers)).json();
  assert.equal(total, 2);
});

test("a scope that the app lacks is 403, an unknown path 404 with an array as error", async () => {
  simulators.clopos.control.apps.patch(CLOPOS_V1_BODY.client_id, { denied: ["menu/"] });
  const headers = { ...V1_HEADERS, "x-token": await tokenOf(1) };
  assert.equal((await api("/open-api/menu/products", headers)).status, 403);
  const missing = await api("/open-api/nowhere", headers);
  assert.equal(missing.status, 404);
  assert.equal((await missing.json()).error[0].http_code, 404);
});

test("by option token requests beyond the limit are 429 until the minute is over", async () => {
  simulators.clopos.control.set({ auth_per_minute: 1 });
  const first = await cloposAuth(simulators, undefined, { version: 2 });
  assert.equal(first.headers.get("ratelimit-remaining"), "0");
  const second = await cloposAuth(simulators, undefined, { version: 2 });
  assert.equal(second.status, 429);
  assert.ok(Number(second.headers.get("ratelimit-reset")) <= 60);
  simulators.clopos.control.clock.advance(60);
  assert.equal((await cloposAuth(simulators)).status, 200);
});

test("requests are counted by client, account and brand", async () => {
  await cloposAuth(simulators);
  await cloposAuth(simulators, { ...CLOPOS_V1_BODY, venue_id: "2" });
  const { token } = simulators.clopos.control.counters();
  assert.deepEqual({ ...token.by_account }, { "openapitest.1": 1, "openapitest.2": 1 });
  assert.deepEqual({ ...token.by_brand }, { openapitest: 2 });
  assert.deepEqual({ ...token.by_client }, { [CLOPOS_V1_BODY.client_id]: 2 });
  assert.equal(token.succeeded, 2);
});
