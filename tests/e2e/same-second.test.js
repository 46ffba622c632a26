// What is decided once and given again for the rest of a second ends as soon as something is learnt, and is nobody else's.
// The worker's clock stands, so the second never ends by itself.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { alteredWorker, clockHeader } from "./altered.js";
import { SHOP, startStack, VENUES } from "./fixtures.js";
import { assertProblem } from "./problems.js";

/** @import { Stack } from "./fixtures.js" */
/** @import { Answer } from "./http.js" */

/** Often enough that a decision is made, kept and given again. */
const OFTEN = 5;

/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({
    worker: { worker: alteredWorker() },
    configure(config) {
      config.apps.cafe.accounts = VENUES;
    },
  });
  await stack.call("GET", "/health", { as: null, headers: clockHeader(0, { stands: true }) });
});
after(() => stack.stop());

/** @param {string} account @param {import("./fixtures.js").Call} [call] */
const token = (account, call) => stack.call("POST", `/token/cafe/${account}`, call);
/** @param {string} account @param {import("./fixtures.js").Call} [call] */
const products = (account, call) => stack.call("GET", `/api/cafe/${account}/menu/products`, call);

/** One after the other. @param {() => Promise<Answer>} call */
async function often(call) {
  /** @type {Answer[]} */
  const answers = [];
  while (answers.length < OFTEN) answers.push(await call());
  for (const { status } of answers) assert.equal(status, 200);
  return answers;
}

/** The one token that all got. @param {string} account */
async function theToken(account) {
  const tokens = (await often(() => token(account))).map(({ json }) => json.access_token);
  assert.equal(new Set(tokens).size, 1);
  return tokens[0];
}

test("a token that was asked for often is another one after a forced refresh", async () => {
  const first = await theToken("openapitest.1");
  await stack.call("POST", "/refresh/cafe/openapitest.1");
  assert.notEqual(await theToken("openapitest.1"), first);
  assert.equal(stack.exchanges("openapitest.1"), 2);
});

test("a token that was asked for often is gone after DELETE", async () => {
  const first = await theToken("openapitest.2");
  await stack.call("DELETE", "/token/cafe/openapitest.2");
  assert.notEqual(await theToken("openapitest.2"), first);
  assert.equal(stack.exchanges("openapitest.2"), 2);
});

test("a call that was made often is sent with a new token once the platform rejects the old one", async () => {
  const account = "openapitest.3";
  await often(() => products(account));
  stack.sims.clopos.control.revoke({ account });
  const sent = () => stack.sims.clopos.control.requests({ kind: "api", account }).length;
  const before = sent();
  await often(() => products(account));
  assert.equal(sent() - before, OFTEN + 1, "one was rejected");
  assert.equal(stack.exchanges(account), 2);
});

test("every answer has an id of its own", async () => {
  for (const call of [token, products]) {
    const answers = await often(() => call("openapitest.4"));
    const ids = answers.map(({ headers }) => headers.get("x-request-id"));
    assert.equal(new Set(ids).size, OFTEN);
  }
});

test("nobody else is given what was decided for a caller", async () => {
  for (const call of [token, products]) {
    await often(() => call("openapitest.5"));
    assertProblem(await call("openapitest.5", { as: null }), "unauthenticated");
    const headers = { authorization: `Bearer ${stack.canaries.keys.api}x` };
    assertProblem(await call("openapitest.5", { as: null, headers }), "unauthenticated");
    const origin = { origin: "https://elsewhere.example" };
    assertProblem(await call("openapitest.5", { headers: origin }), "origin_not_allowed");
  }
  assertProblem(await token("openapitest.5", { as: "api" }), "forbidden");
});

test("a page may read its answer, and no other page is named in it", async () => {
  await often(() => products("openapitest.5"));
  const fromShop = { headers: { origin: SHOP } };
  for (const { headers } of await often(() => products("openapitest.5", fromShop)))
    assert.equal(headers.get("access-control-allow-origin"), SHOP);
  for (const { headers } of await often(() => products("openapitest.5")))
    assert.equal(headers.get("access-control-allow-origin"), null);
});

test("another query, another path and another method are decided by themselves", async () => {
  const account = "openapitest.6";
  await often(() => products(account));
  await stack.call("GET", `/api/cafe/${account}/menu/products?page=2`);
  const sent = stack.sims.clopos.control.requests({ kind: "api", account });
  assert.match(sent.at(-1)?.target ?? "", /\/menu\/products\?page=2$/);
  const call = `/api/cafe/${account}/menu/products`;
  assertProblem(await stack.call("GET", `${call}/`), "bad_request", { app: "cafe" });
  assertProblem(await stack.call("PROPFIND", call), "method_not_allowed");
});
