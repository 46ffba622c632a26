// What lies on the disk: nothing of a secret, nothing that can be moved or changed unnoticed, nothing that a rotation of
// the seal keys loses, and nothing once a connection is forgotten. The databases are edited while the worker is down.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { bindings } from "./configuration.js";
import { startStack } from "./fixtures.js";

/** @import { Stack } from "./fixtures.js" */
/** @typedef {Record<string, Uint8Array>} Rows by name */

const newKey = `k2:${randomBytes(32).toString("base64url")}`;

/** The worker's options; it is restarted with other keys. @type {Partial<import("./harness/worker.js").WorkerOptions>} */
const worker = {};
/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({ worker, persist: true });
  stack.leaks.add({ label: "the new seal key", text: newKey });
});

after(() => stack.stop());

/** @param {string} account */
const token = (account) => stack.call("POST", `/token/cafe/${account}`);

function files() {
  const entries = readdirSync(stack.worker.storage, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** Every database of a connection, by its app and account. */
function databases() {
  const paths = files().filter((name) => name.endsWith(".sqlite"));
  const named = paths.map((path) => {
    const { name } = rowsOf(path);
    const { app, account } = name === undefined ? {} : JSON.parse(Buffer.from(name).toString());
    return /** @type {[string, string]} */ ([`${app}/${account}`, path]);
  });
  return new Map(named);
}

/** @param {string} path @returns {Rows} */
function rowsOf(path) {
  const database = new DatabaseSync(path);
  const tables = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'rows'").all();
  const rows = tables.length > 0 ? database.prepare("SELECT name, value FROM rows").all() : [];
  database.close();
  return Object.fromEntries(
    rows.map(({ name, value }) => [String(name), /** @type {Uint8Array} */ (value)]),
  );
}

/** @param {string} path @param {Rows} rows */
function write(path, rows) {
  const database = new DatabaseSync(path);
  const statement = database.prepare("UPDATE rows SET value = ? WHERE name = ?");
  for (const [name, value] of Object.entries(rows)) statement.run(value, name);
  database.close();
}

/** @param {string} account */
function databaseOf(account) {
  const path = databases().get(`cafe/${account}`);
  assert.ok(path !== undefined, `there is a database of ${account}`);
  return path;
}

/** Does something to the databases while the worker is down. @template T @param {() => T} change @returns {Promise<T>} */
async function offline(change) {
  await stack.worker.stop();
  const result = change();
  await stack.restart();
  return result;
}

/** @param {string} account @param {string} code @param {number} status */
async function assertRefused(account, code, status) {
  const answer = await token(account);
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.json.code, code);
}

test("rows of one connection do not open in another's database, and are left as they are", async () => {
  const [one, two] = ["openapitest.1", "openapitest.2"];
  const first = await token(one);
  await token(two);
  const swapped = await offline(() => {
    const [mine, theirs] = [rowsOf(databaseOf(one)), rowsOf(databaseOf(two))];
    const { key = new Uint8Array(), connection = new Uint8Array() } = theirs;
    write(databaseOf(one), { key, connection });
    return { mine, now: rowsOf(databaseOf(one)) };
  });
  await assertRefused(one, "internal", 500);
  const found = await offline(() => {
    const rows = rowsOf(databaseOf(one));
    write(databaseOf(one), swapped.mine);
    return rows;
  });
  assert.deepEqual(found, swapped.now, "nothing was overwritten");
  assert.equal((await token(one)).json.access_token, first.json.access_token);
  assert.equal(stack.exchanges(one), 1);
});

test("an older row put back beside a newer key row of the same connection is no way in either", async () => {
  const account = "openapitest.3";
  await token(account);
  const old = await offline(() => rowsOf(databaseOf(account)));
  await stack.call("DELETE", `/token/cafe/${account}`);
  await token(account);
  const { connection = new Uint8Array() } = old;
  const current = await offline(() => {
    const rows = rowsOf(databaseOf(account));
    write(databaseOf(account), { connection });
    return rows;
  });
  await assertRefused(account, "internal", 500);
  await offline(() => write(databaseOf(account), current));
  assert.equal((await token(account)).status, 200);
});

test("a byte that was flipped is noticed, wherever it is, and nothing is overwritten", async () => {
  const account = "openapitest.4";
  const first = await token(account);
  const good = await offline(() => rowsOf(databaseOf(account)));
  for (const name of ["key", "connection"]) {
    const value = good[name] ?? new Uint8Array();
    for (const at of [0, Math.floor(value.length / 2), value.length - 1]) {
      const flipped = value.map((byte, index) => (index === at ? byte ^ 1 : byte));
      await offline(() => write(databaseOf(account), { [name]: flipped }));
      const answer = await token(account);
      assert.ok([500, 503].includes(answer.status), `byte ${at} of ${name}: ${answer.text}`);
      const found = await offline(() => rowsOf(databaseOf(account))[name]);
      assert.deepEqual(found, flipped);
      await offline(() => write(databaseOf(account), good));
    }
  }
  assert.equal((await token(account)).json.access_token, first.json.access_token);
  assert.equal(stack.exchanges(account), 1);
});

test("a connection whose rows cannot be read is told so, and an administrator can forget it", async () => {
  const account = "openapitest.8";
  await token(account);
  await offline(() => write(databaseOf(account), { connection: randomBytes(64) }));
  await assertRefused(account, "internal", 500);
  const state = (await stack.call("GET", `/connections/cafe/${account}`)).json;
  assert.equal(state.state, "failing");
  assert.equal((await stack.call("DELETE", `/token/cafe/${account}`)).status, 204);
  assert.equal((await token(account)).status, 200);
  assert.equal(stack.exchanges(account), 2);
});

test("forgetting a connection leaves no row of it and no byte of one, its key included", async () => {
  const account = "openapitest.5";
  await token(account);
  const { path, rows } = await offline(() => {
    const path = databaseOf(account);
    return { path, rows: rowsOf(path) };
  });
  assert.deepEqual(Object.keys(rows).sort(), ["connection", "credential", "key", "listed", "name"]);
  await stack.call("DELETE", `/token/cafe/${account}`);
  await offline(() => {
    assert.deepEqual(rowsOf(path), {});
    const bytes = Buffer.concat(files().map((file) => readFileSync(file)));
    for (const name of ["connection", "key"]) {
      const value = rows[name] ?? new Uint8Array();
      assert.ok(value.length > 0);
      assert.equal(bytes.indexOf(value), -1, `${name} is still on the disk`);
    }
  });
  const listed = (await stack.call("GET", "/connections")).json;
  const found = listed.find(
    (/** @type {any} */ one) => one.app === "cafe" && one.account === account,
  );
  assert.equal(found.state, "empty");
});

test("seal keys are rotated without loss: old and new together, then the new one alone", async () => {
  const [written, untouched] = ["openapitest.6", "openapitest.7"];
  const secrets = bindings(stack.canaries);
  const oldKey = stack.canaries.sealKeys;
  const tokens = [await token(written), await token(untouched)].map(
    ({ json }) => json.access_token,
  );
  const { cookie } = await stack.login();

  worker.secrets = { ...secrets, TILLGATE_SEAL_KEYS: `${newKey},${oldKey}` };
  await stack.restart();
  assert.deepEqual(
    [await token(written), await token(untouched)].map(({ json }) => json.access_token),
    tokens,
  );
  assert.equal((await stack.call("GET", "/session", { cookie })).status, 200);
  assert.equal((await stack.call("POST", `/refresh/cafe/${written}`)).status, 200);
  const renewed = (await token(written)).json.access_token;

  worker.secrets = { ...secrets, TILLGATE_SEAL_KEYS: newKey };
  await stack.restart();
  assert.equal(
    (await token(written)).json.access_token,
    renewed,
    "it was sealed again when written",
  );
  const before = await offline(() => rowsOf(databaseOf(untouched)));
  await assertRefused(untouched, "config_invalid", 503);
  assert.equal(
    (await stack.call("POST", `/refresh/cafe/${untouched}`)).json.code,
    "config_invalid",
  );
  assert.equal((await stack.call("GET", "/session", { cookie })).status, 401);
  assert.deepEqual(await offline(() => rowsOf(databaseOf(untouched))), before);

  worker.secrets = { ...secrets, TILLGATE_SEAL_KEYS: `${newKey},${oldKey}` };
  await stack.restart();
  assert.equal((await token(untouched)).json.access_token, tokens[1]);
  assert.equal(stack.exchanges(untouched), 1);
});
