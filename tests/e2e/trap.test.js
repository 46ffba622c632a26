// A wasm module that traps in the middle of something: who is under way, the next request, and what is stored.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { alteredWorker, trapHeader } from "./altered.js";
import { cookies, startStack, VENUES } from "./fixtures.js";
import { almost, comeBack } from "./merchant.js";
import { until } from "./until.js";

/** @import { Stack } from "./fixtures.js" */
/** @import { Trap } from "./altered.js" */

const FOLLOWERS = 30;

/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({ worker: { worker: alteredWorker() } });
});

after(() => stack.stop());

const exchanges = () => stack.sims.clopos.control.counters().token.received;

/** @param {string} account @param {Record<string, string>} [headers] */
const token = (account, headers = {}) => stack.call("POST", `/token/cafe/${account}`, { headers });

const failures = () => stack.worker.logs().split(" failed: ").length;

/**
 * Many callers of one connection without a token, one of whom brings a trap.
 * @param {string} account
 * @param {Trap} trap
 */
async function storm(account, trap) {
  const [first, failed] = [exchanges(), failures()];
  const [armed, ...others] = await Promise.all([
    token(account, trapHeader(trap)),
    ...Array.from({ length: FOLLOWERS }, () => token(account)),
  ]);
  await until(() => failures() > failed, "a line in the log that something failed");
  return { armed, others, exchanged: exchanges() - first };
}

/** @param {Stack} stack @param {string} account */
async function assertAlive(stack, account) {
  const before = exchanges();
  const next = await token(account);
  assert.equal(next.status, 200, next.text);
  assert.equal(exchanges(), before, "the token that was stored is used");
  const state = await stack.call("GET", `/connections/cafe/${account}`);
  assert.equal(state.json.state, "fresh");
}

/** Where an exchange can be cut off. @type {[string, Omit<Trap, "kind">][]} */
const IN_THE_VAULT = [
  ["a call, before it has read anything", { at: "get" }],
  ["an exchange, before it is noted", { at: "put" }],
  ["an exchange, before it is sent", { at: "setAlarm" }],
  ["an exchange, with the platform's answer", { at: "flightSent" }],
  ["an exchange, before its token is written", { at: "put", skip: 4 }],
  ["an exchange, behind the writing of its token", { at: "setAlarm", skip: 1 }],
];

const KINDS = /** @type {const} */ (["unreachable", "overflow"]);

let venue = 0;
for (const kind of KINDS) {
  for (const [where, place] of IN_THE_VAULT) {
    venue += 1;
    const account = `openapitest.${venue}`;
    test(`${kind} in the vault, in ${where}: nobody notices`, async () => {
      const { armed, others, exchanged } = await storm(account, { ...place, kind });
      const statuses = new Set([armed, ...others].map((answer) => answer.status));
      assert.deepEqual([...statuses], [200]);
      assert.ok(exchanged <= 2, `${exchanged} exchanges`);
      await assertAlive(stack, account);
    });
  }
}

/** Where a decision about a request can be cut off. @type {[string, Omit<Trap, "kind">][]} */
const IN_THE_WORKER = [
  ["at the first decision", { at: "push" }],
  ["after the vault was asked", { at: "push", turn: 1 }],
];

for (const kind of KINDS) {
  for (const [where, place] of IN_THE_WORKER) {
    venue += 1;
    const account = `openapitest.${venue}`;
    test(`${kind} in the worker, ${where}: its request alone gets a plain 500`, async () => {
      const { armed, others, exchanged } = await storm(account, { ...place, kind });
      assert.equal(armed.status, 500);
      assert.equal(armed.headers.get("content-type"), "application/problem+json");
      assert.equal(armed.headers.get("cache-control"), "no-store");
      assert.equal(armed.json.code, "internal");
      assert.equal(armed.json.request_id, armed.headers.get("x-request-id"));
      assert.deepEqual([...new Set(others.map((answer) => answer.status))], [200]);
      assert.ok(exchanged <= 2, `${exchanged} exchanges`);
      await assertAlive(stack, account);
    });
  }
}

test("a trap that happens again and again ends in an answer, not in a loop of exchanges", async () => {
  const trap = { at: "flightSent", kind: KINDS[0], times: 1_000_000 };
  const { armed, others, exchanged } = await storm("openapitest.19", trap);
  const statuses = new Set([armed, ...others].map((answer) => answer.status));
  assert.deepEqual(
    [...statuses].filter((status) => ![500, 503].includes(status)),
    [],
  );
  assert.ok(exchanged <= 2, `${exchanged} exchanges`);
  // Whatever is armed next takes the place of the one before.
  await token("openapitest.20", trapHeader({ at: "nowhere", kind: "unreachable" }));
});

test("a login that is cut off does not send its code again, and the next login works", async () => {
  const { control } = stack.sims.clover;
  control.set({ consent: "allow", merchant: "MERCHANT00001" });
  const begun = await stack.call("GET", "/login/till?return_to=/", { as: null });
  const allowed = await fetch(begun.headers.get("location") ?? "", { redirect: "manual" });
  const back = new URL(allowed.headers.get("location") ?? "");
  const armed = trapHeader({ at: "flightSent", kind: "unreachable" });
  const cut = await stack.call("GET", back.pathname + back.search, {
    as: null,
    headers: { cookie: cookies(begun), ...armed },
  });
  assert.equal(cut.status, 500);
  assert.equal(cut.headers.get("tillgate-error"), "internal");
  assert.equal(control.counters().token.received, 1);
  const { cookie } = await stack.login();
  assert.equal((await stack.call("GET", "/session", { cookie })).status, 200);
});

test("a login under way when another request's trap ends its instance does not send its code again", async () => {
  const { control } = stack.sims.clover;
  const sent = () => control.counters().token.received;
  const { back, cookie } = await almost(stack);
  const before = sent();
  control.faults.add({ match: "token", action: { type: "delay", ms: 1000 }, times: 1 });
  const cut = comeBack(stack, back, cookie);
  await until(() => sent() > before, "the code to arrive at Clover");
  await token("openapitest.20", trapHeader({ at: "push", kind: "unreachable" }));
  assert.equal((await cut).status, 500);
  assert.equal(sent(), before + 1);
});

test("what was stored before all those traps is used after them", async () => {
  const first = exchanges();
  for (const account of VENUES.slice(0, venue)) assert.equal((await token(account)).status, 200);
  assert.equal(exchanges(), first);
});
