// The audit trail of a connection: who did what to it and how that ended, read by an administrator and by nobody else,
// still there after a forgetting, a restart and a storm of refusals, and without anything secret. What is noted when is
// tested natively in worker/src/vault/tests/trail.rs.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { startStack } from "./fixtures.js";
import { assertProblem } from "./problems.js";

/** @import { Call, Stack } from "./fixtures.js" */
/**
 * @typedef {object} Entry
 * @property {number} sequence
 * @property {number} at
 * @property {string} what
 * @property {string} by
 * @property {string} [caller]
 * @property {string} [employee_id]
 * @property {string} outcome
 * @property {string} [token]
 */

/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({ persist: true });
});

after(() => stack.stop());

/** @param {string} place @param {Call} [call] @returns {Promise<Entry[]>} */
async function trail(place, call) {
  const answer = await stack.call("GET", `/connections/${place}/audit`, { as: "admin", ...call });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** What was done, by whom, how it ended, the oldest first. @param {Entry[]} entries */
const told = (entries) =>
  entries
    .toReversed()
    .map(({ what, by, caller, outcome }) => [what, by, caller ?? "-", outcome].join(" "));

test("exchange, refresh and forgetting are told with the caller's name, the newest first", async () => {
  const place = "cafe/openapitest.1";
  const since = Math.floor(Date.now() / 1000);
  await stack.call("POST", `/token/${place}`, { as: "token" });
  await stack.call("POST", `/refresh/${place}`, { as: "admin" });
  await stack.call("DELETE", `/token/${place}`, { as: "office" });
  const entries = await trail(place);
  assert.deepEqual(told(entries), [
    "exchange caller token ok",
    "refresh caller admin ok",
    "forget caller office ok",
  ]);
  assert.deepEqual(
    entries.map(({ sequence }) => sequence),
    [3, 2, 1],
  );
  for (const { at, token } of entries) {
    assert.ok(at >= since && at <= Date.now() / 1000);
    assert.match(token ?? "", /^[0-9a-f]{16}$/);
  }
  const [forgotten, refreshed, exchanged] = entries;
  assert.equal(forgotten?.token, refreshed?.token);
  assert.notEqual(refreshed?.token, exchanged?.token);
});

test("the trail outlives the forgetting, a crash and a restart, and goes on", async () => {
  const place = "cafe/openapitest.2";
  await stack.call("POST", `/token/${place}`);
  await stack.call("DELETE", `/token/${place}`);
  const before = await trail(place);
  await stack.restart();
  assert.deepEqual(await trail(place), before);
  await stack.call("POST", `/token/${place}`);
  await stack.restart({ crash: true });
  const now = await trail(place);
  assert.deepEqual(now.slice(1), before);
  assert.equal(now[0]?.sequence, 3);
  const [first] = before.slice(-1);
  assert.notEqual(now[0]?.token, first?.token);
});

test("a login tells the employee and the token's fingerprint, and a logout follows it", async () => {
  const place = "till/MERCHANT00001";
  const { cookie } = await stack.login();
  const { employee_id } = (await stack.call("GET", "/session", { cookie })).json;
  await stack.call("POST", "/logout", { cookie });
  const entries = await trail(place);
  assert.deepEqual(told(entries), ["login login - ok", "logout session - ok"]);
  assert.equal(typeof employee_id, "string");
  for (const entry of entries) assert.equal(entry.employee_id, employee_id);
  assert.match(entries[1]?.token ?? "", /^[0-9a-f]{16}$/);
});

test("a session that has ended is refused, and that is told of", async () => {
  const place = "till/MERCHANT00001";
  const { cookie } = await stack.login();
  await stack.call("POST", "/logout", { cookie });
  const orders = "/api/till/me/v3/merchants/MERCHANT00001/orders";
  assertProblem(await stack.call("GET", orders, { cookie }), "unauthenticated");
  assert.equal(told(await trail(place)).at(-1), "token session - unauthenticated");
});

test("a login that Clover does not confirm is told where something is stored, and nowhere else", async () => {
  const { faults } = stack.sims.clover.control;
  await stack.login();
  for (const [merchant, expected] of /** @type {const} */ ([
    ["MERCHANT00001", "login login - merchant_not_proved"],
    ["MERCHANT00002", undefined],
  ])) {
    faults.add({ match: "proof", action: { type: "patch", set: { id: "MERCHANT00003" } } });
    await assert.rejects(stack.login({ merchant }), /no session: 400/);
    assert.equal(told(await trail(`till/${merchant}`)).at(-1), expected);
  }
});

test("a storm of refusals is told of briefly and costs the trail nothing", async () => {
  const place = "cafe/openapitest.3";
  await stack.call("POST", `/token/${place}`);
  const { faults } = stack.sims.clopos.control;
  const body = JSON.stringify({ success: false, message: "Unauthorized" });
  const refusal = /** @type {const} */ ({
    match: "token",
    action: { type: "answer", status: 401, body },
  });
  faults.add(refusal);
  await stack.call("POST", `/refresh/${place}`);
  await stack.call("DELETE", `/token/${place}`);
  faults.add(refusal);
  await Promise.all(Array.from({ length: 300 }, () => stack.call("POST", `/token/${place}`)));
  const words = told(await trail(place));
  assert.deepEqual(words.slice(0, 4), [
    "exchange caller office ok",
    "refresh caller office credentials_rejected",
    "forget caller office ok",
    "exchange caller office credentials_rejected",
  ]);
  assert.ok(words.length <= 6, words.join("\n"));
});

test("a token that is at hand is handed out and used without an entry", async () => {
  const place = "cafe/openapitest.4";
  await stack.call("POST", `/token/${place}`);
  for (let index = 0; index < 20; index += 1) {
    await stack.call("POST", `/token/${place}`);
    await stack.call("GET", `/api/${place}/menu/products`);
  }
  assert.equal((await trail(place)).length, 1);
});

test("a long trail has its last entries alone, in pages that link to one another", async () => {
  const place = "cafe/openapitest.5";
  const refreshes = 239;
  await stack.call("POST", `/token/${place}`);
  for (let index = 0; index < refreshes; index += 1) await stack.call("POST", `/refresh/${place}`);
  /** @type {number[]} */
  const sequences = [];
  /** @type {string | undefined} */
  let target = `/connections/${place}/audit`;
  const lengths = [];
  while (target !== undefined) {
    const answer = await stack.call("GET", target);
    lengths.push(answer.json.length);
    sequences.push(...answer.json.map((/** @type {Entry} */ { sequence }) => sequence));
    target = /^<(.+)>; rel="next"$/.exec(answer.headers.get("link") ?? "")?.[1];
  }
  // The exchange at the beginning is of another kind than the refreshes after it.
  assert.equal(sequences.pop(), 1);
  assert.ok(sequences.length >= 200 && sequences.length < 220, `${sequences.length}`);
  assert.deepEqual(
    sequences,
    sequences.map((_, index) => 1 + refreshes - index),
  );
  assert.deepEqual(lengths.slice(0, 2), [100, 100]);
});

test("a page begins before a number, and with nothing else", async () => {
  const path = "/connections/cafe/openapitest.5/audit";
  for (const before of ["", "x", "-1", "1.5", "4294967296", "1&before=2"])
    assertProblem(await stack.call("GET", `${path}?before=${before}`), "bad_request");
  assert.deepEqual((await stack.call("GET", `${path}?before=1`)).json, []);
});

test("asking for the trail of an account that was never used stores nothing", async () => {
  assert.deepEqual(await trail("cafe2/never-used"), []);
  await stack.call("DELETE", "/token/cafe2/never-used");
  assert.deepEqual(await trail("cafe2/never-used"), []);
});

test("no entry on the disk is ever changed", async () => {
  await stack.worker.stop();
  const before = entriesOnDisk();
  await stack.restart();
  for (const number of [1, 2, 3, 4]) {
    await stack.call("POST", `/token/cafe/openapitest.${number}`);
    await stack.call("DELETE", `/token/cafe/openapitest.${number}`);
  }
  await stack.worker.stop();
  const now = entriesOnDisk();
  await stack.restart();
  assert.ok(before.length > 100);
  assert.ok(now.length > before.length);
  for (const entry of before) assert.ok(now.includes(entry), entry);
});

/** Every entry of every connection, with the database it is in. */
function entriesOnDisk() {
  const files = readdirSync(stack.worker.storage, { recursive: true, withFileTypes: true });
  const databases = files.filter(({ name }) => name.endsWith(".sqlite"));
  return databases.flatMap(({ parentPath, name }) => {
    const database = new DatabaseSync(join(parentPath, name));
    const tables = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'trail'").all();
    const rows = tables.length > 0 ? database.prepare("SELECT * FROM trail").all() : [];
    database.close();
    return rows.map((row) => `${name} ${JSON.stringify(row)}`);
  });
}
