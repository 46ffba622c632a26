// Clearline's client credentials grant as documented, its errors, and its two resources.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startSimulators } from "./index.js";
import { clearlineToken } from "./lib/testing.js";

/** @import { Simulators } from "./index.js" */

/** @type {Simulators} */
let simulators;

const AWKWARD = { client_id: "shop:1 é", client_secret: "a+b%2F c:d%é" };
/** Of the awkward app, with only that encoded which does not survive decoding. */
const ENCODED = { id: "shop%3A1+%C3%A9", secret: "a%2Bb%252F+c:d%25%C3%A9" };

before(async () => {
  simulators = await startSimulators();
});
beforeEach(() => simulators.reset());
after(() => simulators.close());

test("the documented Basic vector and body get the documented answer", async () => {
  const answer = await clearlineToken(simulators, {
    headers: { authorization: "Basic cG9zLWRlbW86czNjcjN0IQ==" },
  });
  assert.equal(answer.status, 200);
  const { access_token, ...rest } = await answer.json();
  assert.match(access_token, /^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\./);
  assert.deepEqual(rest, { token_type: "Bearer", expires_in: 3600, scope: "pos_integration" });
  simulators.assertDocumented();
});

test("a secret with plus, percent, colon and space works when it is form-encoded", async () => {
  simulators.clearline.control.apps.add(AWKWARD);
  assert.equal((await clearlineToken(simulators, ENCODED)).status, 200);
});

test("the same secret sent raw fails on a server that decodes and works on one that does not", async () => {
  simulators.clearline.control.apps.add({ ...AWKWARD, client_id: "shop" });
  const raw = { id: "shop", secret: AWKWARD.client_secret };
  assert.equal((await clearlineToken(simulators, raw)).status, 400);
  simulators.clearline.control.set({ basic: "raw" });
  assert.equal((await clearlineToken(simulators, raw)).status, 200);
});

test("a wrong secret is 400 invalid_client without a challenge", async () => {
  const answer = await clearlineToken(simulators, { secret: "wrong" });
  assert.equal(answer.status, 400);
  assert.equal(answer.headers.get("www-authenticate"), null);
  assert.deepEqual(await answer.json(), { error: "invalid_client" });
  simulators.assertDocumented();
});

test("by option a wrong secret is 401 with a challenge", async () => {
  simulators.clearline.control.set({ errors: "401" });
  const answer = await clearlineToken(simulators, { secret: "wrong" });
  assert.equal(answer.status, 401);
  assert.match(answer.headers.get("www-authenticate") ?? "", /^Basic /);
});

for (const [body, error] of /** @type {const} */ ([
  ["grant_type=password&scope=pos_integration", "unsupported_grant_type"],
  ["grant_type=client_credentials", "invalid_scope"],
  ["grant_type=client_credentials&scope=admin", "invalid_scope"],
  ["scope=pos_integration", "invalid_request"],
  ["grant_type=client_credentials&scope=pos_integration&client_id=pos-demo", "invalid_request"],
  ["scope=pos_integration&grant_type=client_credentials", "invalid_request"],
])) {
  test(`the body ${body} is ${error} and undocumented`, async () => {
    const answer = await clearlineToken(simulators, { body });
    assert.deepEqual([answer.status, await answer.json()], [400, { error }]);
    assert.equal(simulators.clearline.control.counters().undocumented, 1);
  });
}

test("a content type with a charset is undocumented", async () => {
  const type = "application/x-www-form-urlencoded;charset=UTF-8";
  await clearlineToken(simulators, { headers: { "content-type": type } });
  assert.throws(() => simulators.assertDocumented(), /content-type is application/);
});

test("the resources open to the bearer and to nobody else", async () => {
  const { access_token } = await (await clearlineToken(simulators)).json();
  const status = `${simulators.clearline.url}/pos/P1/status`;
  const headers = { authorization: `Bearer ${access_token}` };
  assert.deepEqual(await (await fetch(status, { headers })).json(), {
    posSystemId: "P1",
    status: "online",
  });
  const sale = await fetch(`${simulators.clearline.url}/pos/P1/transaction`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: '{"amount":1250}',
  });
  assert.equal((await sale.json()).amount, 1250);
  simulators.assertDocumented();
  simulators.clearline.control.revoke();
  const refused = await fetch(status, { headers });
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate") ?? "", /invalid_token/);
});
