// What the wasm modules import and export is what is listed: a new import is a new way out, and is looked at before it is
// there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.js";
import { committed, differences, interfaceOf, MODULES } from "./interfaces.js";

for (const [name, path] of Object.entries(MODULES)) {
  test(`the ${name}'s module imports and exports what is listed`, () => {
    const found = differences(interfaceOf(readFileSync(inRoot(path))), committed(name));
    const advice = "if that is meant, run node tests/supply/interfaces.js and commit its list";
    assert.equal(found.length, 0, `${path}:\n${found.join("\n")}\n${advice}`);
  });
}

for (const [name, path] of Object.entries(MODULES)) {
  test(`the ${name}'s module names crates and not where they came from`, () => {
    const text = readFileSync(inRoot(path), "latin1");
    const places = text.match(/registry\/src\/[\w.-]+|\/(?:home|root|Users)\/[\w.-]+/g) ?? [];
    assert.deepEqual([...new Set(places)], []);
  });
}

test("an import too many, one too few and one twice are seen", () => {
  const should = { imports: ["function a", "function b"], exports: ["memory memory"] };
  const is = { imports: ["function a", "function a", "function c"], exports: ["memory memory"] };
  assert.deepEqual(differences(is, should), [
    "+ imports: function a",
    "+ imports: function c",
    "- imports: function b",
  ]);
  assert.deepEqual(differences(should, should), []);
});

test("a module's import is read without its hash", () => {
  const name = "__wbg_fetch_9b478faef8cda538";
  const text = [...Buffer.from(name)];
  const type = [1, 4, 1, 0x60, 0, 0];
  const imported = [1, 1, 0x6d, text.length, ...text, 0, 0];
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, 2, imported.length, ...imported];
  assert.deepEqual(interfaceOf(Buffer.from(bytes)), {
    imports: ["function __wbg_fetch"],
    exports: [],
  });
});
