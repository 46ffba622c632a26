// The worker ends, in good order or by kill -9 in the middle of an exchange, and starts again on the same disk.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startStack, VENUES } from "./fixtures.js";
import { until } from "./until.js";

/** @import { Stack } from "./fixtures.js" */

/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({ persist: true });
});

after(() => stack.stop());

/** @param {string} account */
const token = (account) => stack.call("POST", `/token/cafe/${account}`);

/**
 * Kills the worker while an exchange waits for its answer.
 * @param {string} account
 */
async function crashDuringExchange(account) {
  const gate = stack.sims.clopos.control.faults.hold({ match: "token", where: { account } });
  const lost = Promise.allSettled(Array.from({ length: 20 }, () => token(account)));
  await gate.arrived(1);
  await stack.restart({ crash: true });
  gate.release();
  return lost;
}

test("tokens and sessions that were stored are used after a restart, without another exchange", async () => {
  const accounts = VENUES.slice(0, 5);
  const before = await Promise.all(accounts.map((account) => token(account)));
  const { cookie } = await stack.login();
  await stack.restart();
  const after = await Promise.all(accounts.map((account) => token(account)));
  assert.deepEqual(
    after.map(({ json }) => json.access_token),
    before.map(({ json }) => json.access_token),
  );
  for (const account of accounts) assert.equal(stack.exchanges(account), 1);
  assert.equal((await stack.call("GET", "/session", { cookie })).status, 200);
  const orders = "/api/till/me/v3/merchants/MERCHANT00001/orders";
  assert.equal((await stack.call("GET", orders, { cookie })).status, 200);
  assert.equal(stack.sims.clover.control.counters().token.received, 1);
});

test("tokens that were stored survive kill -9", async () => {
  const account = "openapitest.6";
  const before = (await token(account)).json.access_token;
  await stack.restart({ crash: true });
  assert.equal((await token(account)).json.access_token, before);
  assert.equal(stack.exchanges(account), 1);
});

test("kill -9 in the middle of an exchange costs one more exchange, and everybody afterwards gets its token", async () => {
  const account = "openapitest.7";
  await crashDuringExchange(account);
  const answers = await Promise.all(Array.from({ length: 50 }, () => token(account)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(new Set(answers.map(({ json }) => json.access_token)).size, 1);
  assert.equal(stack.exchanges(account), 2);
});

test("an exchange that dies again and again is left alone for a while, and then made", async () => {
  const account = "openapitest.8";
  await crashDuringExchange(account);
  await crashDuringExchange(account);
  const refused = await token(account);
  assert.equal(refused.status, 503);
  assert.equal(refused.json.code, "platform_unavailable");
  assert.ok(refused.json.retry_after >= 1 && refused.json.retry_after <= 5);
  assert.equal(stack.exchanges(account), 2);
  await until(async () => (await token(account)).status === 200, "a token");
  assert.equal(stack.exchanges(account), 3);
});

test("what an administrator has forgotten is still forgotten after a crash", async () => {
  const account = "openapitest.9";
  await token(account);
  assert.equal((await stack.call("DELETE", `/token/cafe/${account}`)).status, 204);
  await stack.restart({ crash: true });
  const state = (await stack.call("GET", `/connections/cafe/${account}`)).json;
  assert.equal(state.state, "empty");
  assert.equal(state.exchanges, 0);
});
