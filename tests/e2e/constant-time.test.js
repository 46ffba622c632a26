// That comparing keys takes the same instructions whatever a key has in common with a known one: counted in the very
// module that is deployed, and not timed. A wrong key is told from a right one by its answer; how wrong it is, and which
// caller a right one belongs to, must not be told at all.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { keyHash } from "./configuration.js";
import { Counter, deployed } from "./instructions.js";

/** @typedef {import("./instructions.js").Executed} Executed */

const newKey = () => `key-${randomBytes(24).toString("hex")}`;

/** The hash of a key, but for one bit of this byte. @param {string} key @param {number} byte */
function almost(key, byte) {
  const hash = Buffer.from(keyHash(key), "hex");
  hash.writeUInt8(hash.readUInt8(byte) ^ 1, byte);
  return hash.toString("hex");
}

const RIGHT = [newKey(), newKey(), newKey()];
/** Keys by the byte of a known hash in which theirs differs, all else being equal. @type {[string, number][]} */
const WRONG = [0, 1, 7, 8, 15, 16, 31].map((byte) => [newKey(), byte]);

/** Right ones stand first, in the middle and last. */
function callers() {
  const hashes = WRONG.map(([key, byte]) => almost(key, byte));
  const [first = "", middle = "", last = ""] = RIGHT.map(keyHash);
  const all = [first, ...hashes.slice(0, 3), middle, ...hashes.slice(3), last];
  return Object.fromEntries(
    all.map((key_sha256, index) => [`c-${index + 10}`, { key_sha256, apps: ["*"], can: ["api"] }]),
  );
}

/** The deployed module, which counts what a request with this key executes. @returns {Promise<(key: string) => { status: number, executed: Executed }>} */
async function worker() {
  const { glue, exports, counter } = await deployed();
  assert.deepEqual(glue.configure(["TILLGATE", JSON.stringify({ callers: callers() })], []), []);
  const memory = () => new Uint8Array(exports.memory.buffer);
  /** @type {Uint8Array | undefined} */
  let before;
  const url = "https://gate.example/api/nothing/main/x";
  const headers = new Headers();
  /** @param {string} key */
  const ask = (key) => {
    // What an allocation takes depends on those before it: every request finds the same memory.
    if (before !== undefined) memory().set(before);
    const step = { status: 0 };
    const executed = counter.during(() => {
      const now = 1_800_000_000_000;
      const id = "9186319d-9859-42aa-ae5f-2e9e71340964";
      const authorization = `Bearer ${key}`;
      const none = undefined;
      // biome-ignore format: as worker/index.js writes it
      const answer = glue.handle("GET", url, headers, authorization, none, none, none, now, id, none, none);
      step.status = answer[1];
    });
    return { status: step.status, executed };
  };
  // What is kept for later requests is made at the first ones.
  for (const key of [newKey(), ...RIGHT]) ask(key);
  before = memory().slice();
  return ask;
}

const asked = worker();

test("a key takes the same instructions whenever it is asked about", async () => {
  const ask = await asked;
  for (const key of [newKey(), ...RIGHT]) assert.deepEqual(ask(key), ask(key));
});

test("a wrong key takes the same instructions wherever its hash differs from a known one", async () => {
  const ask = await asked;
  const unknown = ask(newKey());
  assert.equal(unknown.status, 401);
  assert.ok(unknown.executed.count > 10_000, `${unknown.executed.count}`);
  for (const [key, byte] of WRONG)
    assert.deepEqual(ask(key), unknown, `it differs in byte ${byte} alone`);
});

test("a right key takes the same instructions whichever caller it belongs to", async () => {
  const ask = await asked;
  const [first, ...others] = RIGHT.map(ask);
  assert.equal(first?.status, 404);
  for (const other of others) assert.deepEqual(other, first);
});

/** Compares two texts of 32 bytes at 0 and 32 and stops at the first byte that differs. */
const LEAKY = `(module
  (memory (export "memory") 1)
  (func (export "equal") (result i32)
    (local $at i32)
    (loop $next
      (if (i32.ne
            (i32.load8_u (local.get $at))
            (i32.load8_u offset=32 (local.get $at)))
        (then (return (i32.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 32))))
    (i32.const 1)))`;

test("a comparison that stops at the first difference is found out", () => {
  const counter = new Counter(LEAKY);
  const { exports } = new WebAssembly.Instance(counter.module, counter.imports());
  const memory = new Uint8Array(/** @type {WebAssembly.Memory} */ (exports.memory).buffer);
  const equal = /** @type {() => number} */ (exports.equal);
  /** @param {number} byte where the texts differ */
  const executed = (byte) => {
    memory.fill(7, 0, 64);
    memory[byte] = 8;
    return counter.during(() => assert.equal(equal(), 0)).count;
  };
  const counts = [0, 1, 15, 31].map(executed);
  assert.deepEqual(
    counts,
    [...new Set(counts)].toSorted((one, other) => one - other),
  );
  assert.equal(executed(15), counts[2], "the count of one case is always the same");
});
