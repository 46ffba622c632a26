// The second proof of the wall: a browser package that was built with secrets in reach holds none of them, and the search
// that says so finds what is planted.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.js";
import { BROWSER, prove, search, WORKER } from "../../scripts/proof.js";

test("built with canaries in environment and files, the package is clean and the same, byte for byte", async () => {
  const { found, files } = await prove(BROWSER);
  assert.deepEqual(found, []);
  const paths = files.map(({ path }) => path);
  for (const name of ["dist/tillgate_bg.wasm", "dist/inline.js", "index.d.ts", "dist/report.json"])
    assert.ok(paths.includes(`package/${name}`), name);
});

test("the worker's package too, which is built in another folder", async () => {
  const { found, files } = await prove(WORKER);
  assert.deepEqual(found, []);
  assert.ok(files.some(({ path }) => path === "package/dist/tillgate_worker_bg.wasm"));
});

const CANARY = { label: "the canary", text: "canary-0123456789-abcdef" };

/** A wasm module with a data section that holds a text. @param {string} text */
function moduleWith(text) {
  const bytes = [...Buffer.from(text)];
  const segment = [1, 1, bytes.length, ...bytes];
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Buffer.from([...header, 11, segment.length, ...segment]);
}

/** @type {[string, Buffer][]} */
const HIDING_PLACES = [
  ["as it stands", Buffer.from(`const a = "${CANARY.text}";`)],
  ["a part of it", Buffer.from(CANARY.text.slice(5, 17))],
  ["in a module's data", moduleWith(CANARY.text)],
  ["in a module that is inlined", Buffer.from(moduleWith(CANARY.text).toString("hex"))],
  ["percent-encoded", Buffer.from(CANARY.text.replaceAll("-", "%2d").replaceAll("a", "%61"))],
  ...[0, 1, 2].map(
    (shift) =>
      /** @type {[string, Buffer]} */ ([
        `in base64, ${shift} bytes on`,
        Buffer.from(Buffer.from("x".repeat(shift) + CANARY.text).toString("base64")),
      ]),
  ),
];

for (const [how, bytes] of HIDING_PLACES) {
  test(`the search finds a canary ${how}`, async () => {
    const clean = { path: "index.js", bytes: await readFile(inRoot("pkg-js", "index.js")) };
    const found = search([clean, { path: "planted", bytes }], [CANARY], []);
    assert.deepEqual(found, ["the canary appeared in storage planted"]);
  });
}

test("the search finds a forbidden word in a module's data", () => {
  const found = search(
    [{ path: "planted.wasm", bytes: moduleWith("client_secret") }],
    [],
    ["client_secret"],
  );
  assert.deepEqual(found, ["planted.wasm holds the word client_secret"]);
});
