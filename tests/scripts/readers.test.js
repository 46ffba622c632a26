// What the scripts read from the output of other programs and from lock files.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aptProgress } from "../../scripts/lib/apt.js";
import { cargoProgress, countCargoTests, lockedVersion } from "../../scripts/lib/cargo.js";
import { parseTestLine } from "../../scripts/lib/node-tests.js";
import { duration, tail } from "../../scripts/lib/steps.js";
import { npmPackagesMatch } from "../../scripts/lib/tools.js";

test("Cargo's bar becomes a count of crates", () => {
  const line = "    Building [=======>                ] 47/123: serde, walrus        ";
  assert.equal(cargoProgress(line), "47 of 123 crates serde, walrus");
  assert.equal(
    cargoProgress("       Fetch [====>     ] 12 complete; 3 pending"),
    "download 12 complete; 3 pending",
  );
});

test("Cargo's ordinary lines are not progress", () => {
  for (const line of [
    "   Compiling serde v1.0.0",
    "error: could not compile",
    "Building [the shed]",
    "",
  ]) {
    assert.equal(cargoProgress(line), undefined);
  }
});

test("the result lines of all test binaries are added up", () => {
  const output = `
test a ... ok
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
the text "test result: ok. 9 passed; 9 failed; 9 ignored;" inside a line counts nothing`;
  assert.deepEqual(countCargoTests(output), { passed: 5, failed: 4, skipped: 1 });
});

test("output without a result counts no test", () => {
  assert.deepEqual(countCargoTests("error[E0425]"), { passed: 0, failed: 0, skipped: 0 });
});

test("a locked version is that of the crate of exactly this name", () => {
  const lock = `version = 4

[[package]]
name = "wasm-bindgen-macro"
version = "0.2.1"

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
dependencies = [
 "wasm-bindgen-macro",
]
`;
  assert.equal(lockedVersion(lock, "wasm-bindgen"), "0.2.130");
  assert.equal(lockedVersion(lock, "wasm"), undefined);
});

test("apt's status lines become a percentage", () => {
  assert.equal(
    aptProgress("dlstatus:1:12.4:Retrieving file 1 of 3"),
    "download 12 % Retrieving file 1 of 3",
  );
  assert.equal(
    aptProgress("pmstatus:libc6:amd64:62.5:Unpacking libc6:amd64"),
    "install 63 % Unpacking libc6:amd64",
  );
  assert.equal(aptProgress("Reading package lists..."), undefined);
});

test("what a test prints is not taken for a result", () => {
  assert.equal(parseTestLine("passed"), undefined);
  assert.equal(parseTestLine('{"kind": broken'), undefined);
  assert.equal(parseTestLine('{"kind":"pass","name":"a","file":"","error":""}')?.kind, "pass");
});

const LOCK = {
  "": { version: "0.1.0" },
  "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/b": { version: "2.0.0", integrity: "sha512-b", optional: true },
};

/** @param {object} packages */
const lock = (packages) => JSON.stringify({ packages });

test("node_modules matches when every package is there, save optional ones", () => {
  const { "": _, "node_modules/b": __, ...installed } = LOCK;
  assert.equal(npmPackagesMatch(lock(LOCK), lock(LOCK)), true);
  assert.equal(npmPackagesMatch(lock(LOCK), lock(installed)), true);
});

test("node_modules does not match when a package is missing, older or other", () => {
  const a = LOCK["node_modules/a"];
  assert.equal(npmPackagesMatch(lock(LOCK), lock({})), false);
  for (const other of [
    { ...a, version: "0.9.0" },
    { ...a, integrity: "sha512-x" },
  ]) {
    assert.equal(npmPackagesMatch(lock(LOCK), lock({ ...LOCK, "node_modules/a": other })), false);
  }
});

test("durations are short", () => {
  assert.deepEqual([40, 9900, 9990, 59_400, 185_000].map(duration), [
    "0.0s",
    "9.9s",
    "10s",
    "59s",
    "3m 05s",
  ]);
});

test("a tail has no empty lines at its end", () => {
  assert.equal(tail("a\nb\nc\n\n", 2), "b\nc");
});
