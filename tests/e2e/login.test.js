// Logging in to Clover by the code flow, as it should go: session, calls with it, logout, several logins at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cookies, SHOP, startStack } from "./fixtures.js";
import { begin, comeBack, consent, sessionCookie } from "./merchant.js";
import { until } from "./until.js";

/** @import { Stack } from "./fixtures.js" */

const ONE = "MERCHANT00001";
const TWO = "MERCHANT00002";
/** In seconds. */
const SESSION_LIFETIME = 43_200;

/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({
    configure(config) {
      config.apps["till-two"].token_request = "json";
    },
  });
  stack.sims.clover.control.apps.patch("TILLAPP000002", { token_request: "json" });
});

after(() => stack.stop());

const second = () => Math.floor(Date.now() / 1000);
const clover = () => stack.sims.clover.control;

test("the merchant is sent to Clover with what it documents and a fresh state of 256 bits", async () => {
  const [first, second] = [await begin(stack), await begin(stack)];
  const url = new URL(first.authorizeUrl);
  assert.equal(`${url.origin}${url.pathname}`, `${stack.sims.clover.url}/oauth/authorize`);
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    client_id: "TILLAPP000001",
    response_type: "code",
    redirect_uri: `${stack.url}/callback/till`,
    state: first.state,
  });
  assert.match(first.state, /^[\w-]{43}$/);
  assert.notEqual(first.state, second.state);
});

test("a login gives a session that calls the API, and nothing that a script could read", async () => {
  const visit = await begin(stack, { query: { return_to: `${SHOP}/orders?day=1#top` } });
  const back = await consent(stack, visit);
  const from = second();
  const answer = await comeBack(stack, back, visit.cookie);
  const to = second();
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), `${SHOP}/orders?day=1#top`);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
  const lines = answer.headers.getSetCookie();
  const session = lines.find((line) => line.startsWith("tillgate=")) ?? "";
  const [httpOnly, maxAge, ...others] = session.split("; ").slice(1).sort();
  assert.deepEqual([httpOnly, ...others], ["HttpOnly", "Path=/", "SameSite=Lax"]);
  const cleared = lines.find((line) => line.startsWith("tillgate-login-")) ?? "";
  assert.match(cleared, /^tillgate-login-[\w-]{12}=; .*Max-Age=0/);

  const cookie = sessionCookie(answer);
  const about = (await stack.call("GET", "/session", { cookie })).json;
  assert.deepEqual(
    { ...about, expires_at: undefined },
    {
      app: "till",
      account: ONE,
      employee_id: "EMPLOYEE00001",
      expires_at: undefined,
    },
  );
  // Twelve hours from the login on; the cookie, which is set a moment later, ends with the session.
  const begun = about.expires_at - SESSION_LIFETIME;
  const set = about.expires_at - Number(maxAge?.replace("Max-Age=", ""));
  assert.ok(from <= begun && begun <= set && set <= to, `${from} ${begun} ${set} ${to}`);
  for (const account of ["me", ONE]) {
    const path = `/api/till/${account}/v3/merchants/${ONE}/orders`;
    assert.equal((await stack.call("GET", path, { cookie })).status, 200);
  }
});

test("every login has a session of its own, which no cookie that was there before becomes", async () => {
  const { cookie: earlier } = await stack.login();
  const visit = await begin(stack, { cookie: earlier });
  const back = await consent(stack, visit);
  const planted = `${visit.cookie}; ${earlier}; tillgate-launch=1`;
  const answer = await comeBack(stack, back, planted);
  assert.equal(answer.status, 303);
  const cookie = sessionCookie(answer);
  assert.notEqual(cookie, earlier);
  assert.equal((await stack.call("GET", "/session", { cookie })).status, 200);
});

test("a session reaches its own merchant's connection and no other", async () => {
  const { cookie } = await stack.login({ merchant: ONE });
  await stack.login({ merchant: TWO });
  for (const target of [
    `/api/till/${TWO}/v3/merchants/${TWO}/orders`,
    `/api/till-two/me/v3/merchants/${ONE}/orders`,
    "/api/cafe/me/menu/products",
  ])
    assert.equal((await stack.call("GET", target, { cookie })).json.code, "not_found");
  const beside = await stack.call("GET", `/api/till/me/v3/merchants/${TWO}/orders`, { cookie });
  assert.equal(beside.json.code, "path_not_allowed");
  for (const [method, target] of /** @type {[string, string][]} */ ([
    ["POST", `/token/till/${ONE}`],
    ["DELETE", `/token/till/${ONE}`],
    ["POST", `/refresh/till/${ONE}`],
    ["GET", "/connections"],
  ]))
    assert.equal((await stack.call(method, target, { cookie })).json.code, "forbidden");
});

test("logging out ends the session at the vault at once, and no other", async () => {
  const { cookie: mine } = await stack.login();
  const { cookie: colleague } = await stack.login();
  const answer = await stack.call("POST", "/logout", { cookie: mine });
  assert.equal(answer.status, 204);
  assert.match(answer.headers.get("set-cookie") ?? "", /^tillgate=; .*Max-Age=0/);
  for (const target of ["/session", `/api/till/me/v3/merchants/${ONE}/orders`])
    assert.equal((await stack.call("GET", target, { cookie: mine })).json.code, "unauthenticated");
  assert.equal((await stack.call("POST", "/logout", { cookie: mine })).status, 401);
  assert.equal((await stack.call("GET", "/session", { cookie: colleague })).status, 200);
});

test("what is forgotten takes its sessions with it", async () => {
  const { cookie } = await stack.login({ merchant: TWO });
  await stack.call("DELETE", `/token/till/${TWO}`);
  assert.equal((await stack.call("GET", "/session", { cookie })).status, 401);
  const orders = await stack.call("GET", `/api/till/me/v3/merchants/${TWO}/orders`, { cookie });
  assert.equal(orders.json.code, "unauthenticated");
});

test("a caller with a key uses the token of a merchant who logged in, and learns where one does who has not", async () => {
  await stack.login({ merchant: ONE });
  const orders = await stack.call("GET", `/api/till/${ONE}/v3/merchants/${ONE}/orders`);
  assert.equal(orders.status, 200);
  const unknown = await stack.call("GET", "/api/till/SOMEBODY/v3/merchants/SOMEBODY/orders");
  assert.equal(unknown.status, 401);
  assert.equal(unknown.json.code, "login_required");
  assert.equal(unknown.json.login_url, `${stack.url}/login/till?merchant_id=SOMEBODY`);
});

test("a callback without an employee gives a session without one", async () => {
  clover().set({ employee_id: false });
  const { cookie } = await stack.login();
  clover().set({ employee_id: true });
  assert.equal("employee_id" in (await stack.call("GET", "/session", { cookie })).json, false);
});

test("an app whose token request is JSON logs in too", async () => {
  const { cookie } = await stack.login({ app: "till-two" });
  assert.equal((await stack.call("GET", "/session", { cookie })).json.app, "till-two");
  const [request] = clover().requests({ kind: "token", client: "TILLAPP000002" });
  assert.equal(request?.method, "POST");
  assert.deepEqual(Object.keys(JSON.parse(request?.body ?? "{}")).sort(), [
    "client_id",
    "client_secret",
    "code",
  ]);
});

test("five logins in one browser, finished in another order than begun, do not disturb each other", async () => {
  const visits = await Promise.all(
    [0, 1, 2, 3, 4].map((tab) => begin(stack, { query: { return_to: `/tab/${tab}` } })),
  );
  const jar = visits.map(({ cookie }) => cookie).join("; ");
  for (const tab of [3, 0, 4, 1, 2]) {
    const visit = visits[tab];
    assert.ok(visit !== undefined);
    const answer = await comeBack(stack, await consent(stack, visit), jar);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get("location"), `/tab/${tab}`);
  }
});

test("a token that Clover rejects asks for a new login only if the merchant proof fails too", async () => {
  await stack.call("DELETE", `/token/till/${ONE}`);
  const { cookie } = await stack.login();
  const orders = () => stack.call("GET", `/api/till/me/v3/merchants/${ONE}/orders`, { cookie });
  const state = async () => (await stack.call("GET", `/connections/till/${ONE}`)).json.state;
  const proofs = () => clover().counters().proof.received;

  const before = proofs();
  const body = `{"message":"no orders for you"}`;
  clover().faults.add({ match: "api", action: { type: "answer", status: 401, body } });
  const refused = await orders();
  assert.equal(refused.status, 401);
  assert.equal(refused.text, body, "the platform's own answer");
  assert.equal(proofs(), before + 1);
  assert.equal(await state(), "fresh");

  clover().revoke({ account: ONE });
  const answers = await Promise.all(Array.from({ length: 20 }, orders));
  for (const { json } of answers) {
    assert.equal(json.code, "login_required");
    assert.equal(json.login_url, `${stack.url}/login/till?merchant_id=${ONE}`);
  }
  assert.equal(await state(), "login_required");
  assert.equal(proofs(), before + 2, "all of them share one proof");
  for (let call = 0; call < 5; call += 1) await orders();
  assert.equal(proofs(), before + 2, "nobody asks Clover any more");

  const again = await stack.login();
  assert.equal((await stack.call("GET", "/session", { cookie: again.cookie })).status, 200);
  assert.equal(await state(), "fresh");
});

test("a rejected token is kept while Clover cannot say whether it is good", async () => {
  await stack.call("DELETE", `/token/till/${ONE}`);
  const { cookie } = await stack.login();
  const orders = () => stack.call("GET", `/api/till/me/v3/merchants/${ONE}/orders`, { cookie });
  const body = `{"message":"no orders for you"}`;
  clover().faults.add([
    { match: "api", action: { type: "answer", status: 401, body } },
    { match: "proof", action: { type: "answer", status: 503, body: "" } },
  ]);
  assert.equal((await orders()).text, body);
  assert.equal((await orders()).status, 200);
  clover().revoke({ account: ONE });
  await until(async () => (await orders()).json.code === "login_required", "the next proof");
});

test("cookies of two logins under one name are nobody's", async () => {
  const { cookie } = await stack.login();
  const tossed = await stack.call("GET", "/session", { cookie: `${cookie}; tillgate=tossed` });
  assert.equal(tossed.status, 401);
  const visit = await begin(stack);
  const back = await consent(stack, visit);
  const name = visit.cookie.split("=")[0];
  const before = clover().counters().token.received;
  const answer = await comeBack(stack, back, `${visit.cookie}; ${name}=tossed`);
  assert.equal(answer.headers.get("tillgate-error"), "state_invalid");
  assert.equal(clover().counters().token.received, before);
  assert.equal(cookies(answer), "");
});
