// A token's life over real sockets: who leaves, what is forced, what is forgotten, what the platform's API rejects, and how
// long a platform is left alone. Where hours pass, the worker's clock is moved.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { alteredWorker, clockHeader } from "./altered.js";
import { startStack, VENUES } from "./fixtures.js";
import { send } from "./http.js";
import { until } from "./until.js";

/** @import { Stack } from "./fixtures.js" */
/** @import { Answer } from "./http.js" */

/** @type {Stack} */
let stack;
/** Seconds that the worker's clock is ahead. It only ever goes forward, as time does. */
let ahead = 0;

before(async () => {
  stack = await startStack({
    worker: { worker: alteredWorker() },
    configure(config) {
      config.apps.bistro.accounts = VENUES;
      config.apps.cafe.accounts = [...VENUES, "openapitest.99"];
      config.apps.stranger = { ...config.apps.cafe2, integrator_id: "test_nobody" };
    },
    secrets: (secrets, canaries) => ({
      ...secrets,
      BISTRO_CLIENT_SECRET: "not-what-the-platform-knows",
      STRANGER_CLIENT_SECRET: canaries.secrets.cafe2,
    }),
  });
});

after(() => stack.stop());

const clopos = () => stack.sims.clopos.control;

/** @param {string} account @param {import("./fixtures.js").Call} [call] */
const token = (account, call) => stack.call("POST", `/token/cafe/${account}`, call);
/** @param {string} account @param {string} [method] @param {import("./fixtures.js").Call} [call] */
const api = (account, method = "GET", call = {}) =>
  stack.call(method, `/api/cafe/${account}/${method === "GET" ? "menu/products" : "orders"}`, call);
/** @param {string} account */
const state = async (account, app = "cafe") =>
  (await stack.call("GET", `/connections/${app}/${account}`)).json;

/** @param {number} count @param {() => Promise<Answer>} call */
const atOnce = (count, call) => Promise.all(Array.from({ length: count }, call));
/** @param {Answer[]} answers */
const statuses = (answers) => [...new Set(answers.map(({ status }) => status))];

/** Moves the clock, the worker's and the platforms'. @param {number} seconds */
async function pass(seconds) {
  ahead += seconds;
  for (const { control } of [stack.sims.clopos, stack.sims.clearline, stack.sims.clover])
    control.clock.setOffset(ahead);
  await stack.call("GET", "/health", { as: null, headers: clockHeader(ahead) });
}

/** Stops the worker's clock until {@link pass}: calls are of one second, however long they take. */
const stopClock = () =>
  stack.call("GET", "/health", { as: null, headers: clockHeader(ahead, { stands: true }) });

describe("callers who leave", () => {
  test("the caller who began an exchange leaves, and all others get its token", async () => {
    const gate = clopos().faults.hold({ match: "token", where: { account: "openapitest.1" } });
    const leaving = new AbortController();
    const leader = token("openapitest.1", { signal: leaving.signal });
    await gate.arrived(1);
    const followers = atOnce(20, () => token("openapitest.1"));
    leaving.abort();
    await assert.rejects(leader, { name: "AbortError" });
    // The others are under way for certain once one that was sent after them has been answered.
    await stack.call("GET", "/health", { as: null });
    gate.release();
    assert.deepEqual(statuses(await followers), [200]);
    assert.equal(stack.exchanges("openapitest.1"), 1);
  });

  test("an exchange that nobody waits for any more is finished, and its token kept", async () => {
    const gate = clopos().faults.hold({ match: "token", where: { account: "openapitest.2" } });
    const leaving = new AbortController();
    const leader = token("openapitest.2", { signal: leaving.signal });
    await gate.arrived(1);
    leaving.abort();
    await assert.rejects(leader, { name: "AbortError" });
    gate.release();
    await until(async () => (await state("openapitest.2")).state === "fresh", "the token");
    assert.equal((await token("openapitest.2")).status, 200);
    assert.equal(stack.exchanges("openapitest.2"), 1);
  });
});

describe("what an administrator forces", () => {
  test("a refresh gives everybody another token, and 20 at once share one exchange", async () => {
    const first = (await token("openapitest.3")).json.access_token;
    const gate = clopos().faults.hold({ match: "token", where: { account: "openapitest.3" } });
    const refreshes = atOnce(20, () => stack.call("POST", "/refresh/cafe/openapitest.3"));
    await gate.arrived(1);
    await stack.call("GET", "/health", { as: null });
    gate.release();
    const answers = await refreshes;
    assert.deepEqual(statuses(answers), [200]);
    assert.equal(answers[0]?.json.state, "fresh");
    assert.equal(stack.exchanges("openapitest.3"), 2);
    assert.notEqual((await token("openapitest.3")).json.access_token, first);
  });

  test("a connection that is forgotten during its exchange does not keep that token", async () => {
    const gate = clopos().faults.hold({ match: "token", where: { account: "openapitest.4" } });
    const waiting = token("openapitest.4");
    await gate.arrived(1);
    assert.equal((await stack.call("DELETE", "/token/cafe/openapitest.4")).status, 204);
    gate.release();
    const answer = await waiting;
    assert.equal(answer.status, 200);
    const [dropped, kept] = clopos()
      .tokens.list()
      .filter(({ account }) => account === "openapitest.4");
    assert.notEqual(answer.json.access_token, dropped?.token);
    assert.equal(answer.json.access_token, kept?.token);
  });
});

describe("401 and 403 from the platform's API", () => {
  test("50 calls whose token was revoked share one exchange and are each repeated once", async () => {
    const account = "openapitest.5";
    await token(account);
    clopos().revoke({ account });
    const before = clopos().counters().api.received;
    const answers = await atOnce(50, () => api(account));
    assert.deepEqual(statuses(answers), [200]);
    assert.equal(stack.exchanges(account), 2);
    assert.ok(clopos().counters().api.received - before <= 100);
  });

  test("a POST that was answered with 401 is not repeated, and the next one has a new token", async () => {
    const account = "openapitest.6";
    await token(account);
    clopos().revoke({ account });
    const sent = { body: `{"type":1}`, headers: { "content-type": "application/json" } };
    const refused = await api(account, "POST", sent);
    assert.equal(refused.status, 401);
    assert.equal(clopos().requests({ kind: "api", account }).length, 1);
    assert.notEqual((await api(account, "POST", sent)).status, 401);
    assert.equal(stack.exchanges(account), 2);
  });

  test("a late 401 for an older token does not discard the newer one", async () => {
    const account = "openapitest.7";
    await token(account);
    clopos().revoke({ account });
    const gate = clopos().faults.hold({ match: "api", where: { account }, times: 1 });
    const late = api(account);
    await gate.arrived(1);
    assert.equal((await stack.call("POST", `/refresh/cafe/${account}`)).status, 200);
    gate.release();
    assert.equal((await late).status, 200, "it is repeated with the newer token");
    assert.equal(stack.exchanges(account), 2);
  });

  test("a path that answers 401 for ever forces a handful of exchanges and passes its answer on", async () => {
    const account = "openapitest.8";
    const body = `{"error":"you may not"}`;
    clopos().faults.add({
      match: "api",
      where: { account },
      times: null,
      action: { type: "answer", status: 401, body },
    });
    for (let call = 0; call < 20; call += 1) {
      const answer = await api(account);
      assert.equal(answer.status, 401);
      assert.equal(answer.text, body);
    }
    clopos().faults.clear();
    assert.ok(stack.exchanges(account) <= 6, `${stack.exchanges(account)} exchanges`);
    assert.equal((await api(account)).status, 200);
  });

  test("403 never refreshes", async () => {
    const account = "openapitest.9";
    const action = /** @type {const} */ ({ type: "answer", status: 403, body: "{}" });
    clopos().faults.add({ match: "api", where: { account }, times: 10, action });
    assert.deepEqual(statuses(await atOnce(10, () => api(account))), [403]);
    assert.equal(stack.exchanges(account), 1);
  });
});

describe("a platform that fails", () => {
  test("rejected credentials are tried 8 times in the first hour and 4 times in each further one, and every call in between is answered at once", async () => {
    const account = "openapitest.10";
    const call = () => stack.call("POST", `/token/bistro/${account}`);
    const byHour = [0, 0, 0];
    for (let second = 0; second < 3 * 3600; second += 20) {
      const before = stack.exchanges(account);
      const began = performance.now();
      const answer = await call();
      const hour = Math.floor(second / 3600);
      const attempts = stack.exchanges(account) - before;
      byHour[hour] = (byHour[hour] ?? 0) + attempts;
      assert.equal(answer.status, 502);
      assert.equal(answer.json.code, "credentials_rejected");
      if (attempts === 0) assert.ok(answer.json.retry_after > 0, answer.text);
      if (attempts === 0) assert.ok(performance.now() - began < 500);
      await pass(20);
    }
    const [first = 0, ...later] = byHour;
    assert.ok(first <= 8, `${first} in the first hour`);
    for (const count of later) assert.ok(count <= 4, `${count} in a later hour`);
  });

  test("50 callers at once with rejected credentials cost one attempt", async () => {
    const account = "openapitest.11";
    const answers = await atOnce(50, () => stack.call("POST", `/token/bistro/${account}`));
    assert.deepEqual(statuses(answers), [502]);
    assert.equal(stack.exchanges(account), 1);
  });

  test("a fault of the whole app is not tried again for each of its accounts", async () => {
    const before = clopos().counters().token.received;
    const answers = [];
    for (const account of VENUES)
      answers.push(await stack.call("POST", `/token/stranger/${account}`));
    assert.deepEqual(statuses(answers), [502]);
    for (const { json } of answers) {
      assert.equal(json.code, "credentials_rejected");
      assert.ok(json.retry_after >= 1);
    }
    assert.equal(clopos().counters().token.received - before, 1);
  });

  test("a fault of one account never stops another", async () => {
    for (let call = 0; call < 3; call += 1)
      assert.equal((await token("openapitest.99")).json.code, "credentials_rejected");
    assert.equal(stack.exchanges("openapitest.99"), 1);
    assert.equal((await token("openapitest.3")).status, 200);
  });

  /** `Retry-After` and how long it makes callers wait, in seconds: at least, at most. @type {[string, number, number][]} */
  const WAITS = [
    ["120", 119, 150],
    ["0", 1, 5],
    ["-5", 1, 5],
    ["soon", 1, 60],
    ["315360000", 3590, 3600],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 1, 5],
    ["Sun, 06 Nov 2101 08:49:37 GMT", 3590, 3600],
    ["1e3", 1, 60],
    ["99999999999999999999", 3590, 3600],
  ];
  for (const [index, [text, least, most]] of WAITS.entries()) {
    test(`Retry-After: ${text} makes callers wait ${least} to ${most} s`, async () => {
      const account = VENUES[11 + index] ?? "";
      /** @type {[string, string][]} */
      const headers = [["retry-after", text]];
      const action = /** @type {const} */ ({ type: "answer", status: 429 });
      clopos().faults.add({ match: "token", where: { account }, action: { ...action, headers } });
      await stopClock();
      const answers = [await token(account), await token(account)];
      for (const answer of answers) {
        assert.equal(answer.status, 429);
        assert.equal(answer.json.code, "rate_limited");
        assert.equal(answer.headers.get("retry-after"), String(answer.json.retry_after));
        const wait = answer.json.retry_after;
        assert.ok(wait >= least && wait <= most, `${wait} s`);
      }
      assert.equal(stack.exchanges(account), 1);
      await pass(most + 1);
      assert.equal((await token(account)).status, 200);
    });
  }
});

test("an administrator cannot force an exchange while the platform asked to wait, and is told how long", async () => {
  const account = "openapitest.2";
  /** @type {[string, string][]} */
  const headers = [["retry-after", "600"]];
  const action = /** @type {const} */ ({ type: "answer", status: 429, body: "" });
  clopos().faults.add({ match: "token", where: { account }, action: { ...action, headers } });
  const before = stack.exchanges(account);
  for (let call = 0; call < 5; call += 1) {
    const answer = await stack.call("POST", `/refresh/cafe/${account}`);
    assert.equal(answer.status, 429);
    assert.ok(answer.json.retry_after >= 599 && answer.json.retry_after <= 750, answer.text);
  }
  assert.equal(stack.exchanges(account), before + 1);
});

describe("Clearline, down for a while", () => {
  const loyalty = () => stack.call("POST", "/token/loyalty/main");
  const received = () => stack.sims.clearline.control.counters().token.received;
  const connection = () => state("main", "loyalty");

  test("nobody notices while the token lives, and the token is renewed within one step of back-off afterwards", async () => {
    const { control } = stack.sims.clearline;
    const first = (await loyalty()).json.access_token;
    await pass(3600 - 240);
    await control.refuse();
    assert.deepEqual(statuses(await atOnce(20, loyalty)), [200]);
    await until(async () => (await connection()).state === "failing", "a failed renewal");
    for (let second = 0; second < 120; second += 4) {
      assert.equal((await loyalty()).json.access_token, first);
      await pass(4);
    }
    await control.accept();
    const before = received();
    await pass(51);
    assert.equal((await loyalty()).json.access_token, first, "the caller does not wait");
    await until(async () => (await connection()).state === "fresh", "the renewal");
    assert.notEqual((await loyalty()).json.access_token, first);
    assert.equal(received() - before, 1);
  });

  test("without a token the answer says so at once, and when to come back", async () => {
    const { control } = stack.sims.clearline;
    await stack.call("DELETE", "/token/loyalty/main");
    await control.refuse();
    assert.deepEqual(statuses(await atOnce(20, loyalty)), [503]);
    const began = performance.now();
    const answers = await atOnce(50, loyalty);
    assert.ok(performance.now() - began < 50 * 50, "50 ms for each");
    for (const { status, json, headers } of answers) {
      assert.equal(status, 503);
      assert.equal(json.code, "platform_unavailable");
      assert.ok(Number(headers.get("retry-after")) >= 1);
    }
    await control.accept();
    await pass(3);
    assert.equal((await loyalty()).status, 200);
  });
});

test("an expired token is never handed out, and its end is told as the platform's", async () => {
  const account = "openapitest.1";
  await stack.call("DELETE", `/token/cafe/${account}`);
  const first = (await token(account)).json;
  await pass(first.expires_in + 1);
  const second = (await token(account)).json;
  assert.notEqual(second.access_token, first.access_token);
  const direct = await send(stack.sims.clopos.url, "GET", "/open-api/menu/products", {
    headers: second.headers,
  });
  assert.equal(direct.status, 200);
});
