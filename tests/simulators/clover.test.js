// Clover v1 as documented: login, launch, codes, tokens, the merchant proof and resources.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { CLOVER_DEFAULT_APP, startSimulators } from "./index.js";
import { cloverAccess, cloverLogin, cloverToken } from "./lib/testing.js";

/** @import { Simulators } from "./index.js" */

/** @type {Simulators} */
let simulators;

const CLIENT = CLOVER_DEFAULT_APP.client_id;
const BACK = "http://localhost:8787/callback/till";

before(async () => {
  simulators = await startSimulators();
});
beforeEach(() => simulators.reset());
after(() => simulators.close());

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
function ask(path, init) {
  return fetch(`${simulators.clover.url}${path}`, { redirect: "manual", ...init });
}

/**
 * @param {string} path
 * @param {string} token
 * @param {RequestInit} [init]
 */
function rest(path, token, init) {
  return ask(`/v3/merchants/${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
}

test("a merchant who allows comes back with the documented parameters and the state", async () => {
  const query = new URLSearchParams({ client_id: CLIENT, redirect_uri: BACK, state: "s&1" });
  const html = await (await ask(`/oauth/authorize?${query}`)).text();
  assert.match(html, /Clover simulator/);
  const request = /name="request" value="(\w+)"/.exec(html)?.[1] ?? "";
  const decision = { request, merchant_id: "MERCHANT00002", decision: "allow" };
  const body = new URLSearchParams(decision);
  const answer = await ask("/oauth/authorize", { method: "POST", body });
  assert.equal(answer.status, 302);
  const back = new URL(answer.headers.get("location") ?? "");
  assert.equal(back.origin + back.pathname, BACK);
  const names = ["merchant_id", "client_id", "employee_id", "code", "state"];
  assert.deepEqual([...back.searchParams.keys()], names);
  assert.equal(back.searchParams.get("state"), "s&1");
  assert.equal(back.searchParams.get("merchant_id"), "MERCHANT00002");
  assert.equal((await ask("/oauth/authorize", { method: "POST", body })).status, 400);
});

test("a request that names the merchant offers no choice", async () => {
  const query = new URLSearchParams({ client_id: CLIENT, merchant_id: "MERCHANT00002" });
  const html = await (await ask(`/oauth/authorize?${query}`)).text();
  assert.match(html, /Bakery Semicolon/);
  assert.doesNotMatch(html, /Café Tilde/);
});

test("cancel comes back with access_denied and the state", async () => {
  simulators.clover.control.set({ consent: "cancel" });
  const query = new URLSearchParams({ client_id: CLIENT, redirect_uri: BACK, state: "s" });
  const answer = await ask(`/oauth/authorize?${query}`);
  const back = new URL(answer.headers.get("location") ?? "");
  assert.equal(back.searchParams.get("error"), "access_denied");
  assert.equal(back.searchParams.get("state"), "s");
});

test("the token flow has the stray ampersand and the token in the fragment", async () => {
  const back = await cloverLogin(simulators, { response_type: "token", state: "s" });
  assert.match(
    back.href,
    /\?&merchant_id=MERCHANT00001&client_id=\w+&employee_id=EMPLOYEE00001&state=s#access_token=[\w-]+$/,
  );
  const token = new URLSearchParams(back.hash.slice(1)).get("access_token") ?? "";
  assert.equal((await rest("MERCHANT00001", token)).status, 200);
});

for (const [place, inQuery, inFragment] of /** @type {const} */ ([
  ["fragment", null, "s"],
  ["both", "s", "s"],
  ["none", null, null],
])) {
  test(`by option the token flow returns the state in: ${place}`, async () => {
    simulators.clover.control.set({ token_state: place });
    const back = await cloverLogin(simulators, { response_type: "token", state: "s" });
    assert.equal(back.searchParams.get("state"), inQuery);
    assert.equal(new URLSearchParams(back.hash.slice(1)).get("state"), inFragment);
  });
}

test("by option employee_id is missing", async () => {
  simulators.clover.control.set({ employee_id: false });
  assert.equal((await cloverLogin(simulators)).searchParams.has("employee_id"), false);
});

for (const [what, change] of /** @type {const} */ ([
  ["an unknown client", { client_id: "nobody" }],
  ["a redirect_uri elsewhere", { redirect_uri: "https://evil.example/" }],
  ["a redirect_uri with a fragment", { redirect_uri: `${BACK}#x` }],
  ["a scope", { scope: "all" }],
  ["another response_type", { response_type: "id_token" }],
  ["an unknown merchant", { merchant_id: "NOBODY" }],
])) {
  test(`an authorization request with ${what} gets a page and no redirect`, async () => {
    const query = new URLSearchParams({ client_id: CLIENT, redirect_uri: BACK, ...change });
    const answer = await ask(`/oauth/authorize?${query}`);
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("location"), null);
    assert.equal(simulators.clover.control.undocumented().length, 1);
  });
}

test("a launch brings a code to the site URL and no state", async () => {
  const query = new URLSearchParams({ client_id: CLIENT, merchant_id: "MERCHANT00002" });
  const answer = await ask(`/launch?${query}`);
  const back = new URL(answer.headers.get("location") ?? "");
  assert.equal(back.origin + back.pathname, BACK);
  assert.equal(back.searchParams.has("state"), false);
  const code = back.searchParams.get("code") ?? "";
  assert.equal((await cloverToken(simulators, { code })).status, 200);
});

test("an app that is not installed sends to the market, where installing launches it", async () => {
  simulators.clover.control.apps.patch(CLIENT, { not_installed: ["MERCHANT00001"] });
  const market = await cloverLogin(simulators);
  assert.equal(market.pathname, "/appmarket/app");
  assert.match(await (await fetch(market)).text(), /Install and open/);
  const body = new URLSearchParams({ client_id: CLIENT, merchant_id: "MERCHANT00001" });
  const installed = await ask("/appmarket/app", { method: "POST", body });
  const launched = await ask(installed.headers.get("location") ?? "");
  assert.ok(launched.headers.get("location")?.startsWith(BACK));
});

test("a code is answered once, with access_token alone and no CORS header", async () => {
  const code = (await cloverLogin(simulators)).searchParams.get("code") ?? "";
  const answer = await cloverToken(simulators, { code });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("access-control-allow-origin"), null);
  assert.deepEqual(Object.keys(await answer.json()), ["access_token"]);
  const again = await cloverToken(simulators, { code });
  assert.equal(again.status, 401);
  assert.deepEqual(await again.json(), {
    status: "Unauthorized",
    message: "Failed to validate authentication code.",
  });
  simulators.assertDocumented();
});

test("a code ends after seconds of the simulator's clock", async () => {
  const code = (await cloverLogin(simulators)).searchParams.get("code") ?? "";
  simulators.clover.control.clock.advance(30);
  assert.equal((await cloverToken(simulators, { code })).status, 401);
});

test("a code is good for its own app only", async () => {
  const other = { client_id: "OTHERAPP", client_secret: "other+secret % : x" };
  simulators.clover.control.apps.add(other);
  const code = (await cloverLogin(simulators)).searchParams.get("code") ?? "";
  assert.equal((await cloverToken(simulators, { ...other, code })).status, 401);
  const own = await cloverLogin(simulators, { client_id: other.client_id });
  const ownCode = own.searchParams.get("code") ?? "";
  assert.equal((await cloverToken(simulators, { ...other, code: ownCode })).status, 200);
});

test("an unknown client is told so", async () => {
  const answer = await cloverToken(simulators, { client_id: "nobody", code: "x" });
  assert.deepEqual(await answer.json(), { status: "Unauthorized", message: "Unknown Client ID" });
});

test("a token request with a parameter too many or from a page is undocumented", async () => {
  const back = await cloverLogin(simulators);
  const code = back.searchParams.get("code") ?? "";
  assert.equal((await cloverToken(simulators, { code, grant_type: "x" })).status, 400);
  const query = new URLSearchParams({ ...pick(CLOVER_DEFAULT_APP), code });
  const page = await ask(`/oauth/token?${query}`, { headers: { origin: "https://shop.example" } });
  assert.equal(page.status, 400);
  assert.equal(simulators.clover.control.undocumented().length, 2);
});

test("POST with JSON is for the apps that are set to it, and GET then is not", async () => {
  const back = await cloverLogin(simulators);
  const code = back.searchParams.get("code") ?? "";
  const body = JSON.stringify({ ...pick(CLOVER_DEFAULT_APP), code });
  const headers = { "content-type": "application/json" };
  const post = () => ask("/oauth/token", { method: "POST", headers, body });
  assert.equal((await post()).status, 400);
  simulators.clover.control.apps.patch(CLIENT, { token_request: "json" });
  assert.equal((await cloverToken(simulators, { code })).status, 400);
  assert.equal((await post()).status, 200);
});

test("the merchant proof succeeds for one's own merchant only", async () => {
  const token = await cloverAccess(simulators, { merchant_id: "MERCHANT00001" });
  const answer = await rest("MERCHANT00001?expand=owner", token);
  const { id, name, owner } = await answer.json();
  assert.deepEqual([id, name, owner.id], ["MERCHANT00001", "Café Tilde", "EMPLOYEE00001"]);
  assert.equal((await rest("MERCHANT00002", token)).status, 401);
  const { proof } = simulators.clover.control.counters();
  assert.deepEqual([proof.succeeded, proof.rejected], [1, 1]);
});

test("orders and items are there, and each POST makes an order", async () => {
  const token = await cloverAccess(simulators);
  const count = async () =>
    (await (await rest("MERCHANT00001/orders", token)).json()).elements.length;
  const first = await count();
  await rest("MERCHANT00001/orders", token, { method: "POST", body: '{"total":1}' });
  await rest("MERCHANT00001/orders", token, { method: "POST", body: '{"total":1}' });
  assert.equal(await count(), first + 2);
  assert.equal((await rest("MERCHANT00001/items", token)).status, 200);
});

test("the dashboard links to a launch for every merchant", async () => {
  const html = await (await ask("/")).text();
  assert.equal(html.match(/href="\/launch\?/g)?.length, 2);
});

/** @param {{client_id: string, client_secret: string}} app */
function pick({ client_id, client_secret }) {
  return { client_id, client_secret };
}
