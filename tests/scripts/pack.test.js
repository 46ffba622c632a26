// That a package is packed as npm does it, and again exactly when it has changed. On a small package of the test's own.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CommandError } from "../../scripts/lib/exec.js";
import { keepPacked } from "../../scripts/lib/pack.js";
import { packageFiles } from "../../scripts/lib/tar.js";

/**
 * A package that ships one of its two files.
 * @param {import("node:test").TestContext} t @param {Record<string, string>} [scripts] of its package.json
 */
function scene(t, scripts = {}) {
  const root = mkdtempSync(join(tmpdir(), "tillgate-pack-"));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = join(root, "package");
  /** @param {string} name @param {string} text */
  const write = (name, text) => writeFileSync(join(folder, name), text);
  mkdirSync(folder);
  const manifest = { name: "small", version: "1.0.0", files: ["shipped.js"], scripts };
  write("package.json", JSON.stringify(manifest));
  write("shipped.js", "one");
  write("kept.js", "at home");
  const tarball = join(root, "packed", "small.tgz");
  return { packing: { folder, tarball, stamps: join(root, "stamps") }, write };
}

/** @param {string} tarball @returns {Record<string, string>} text by path */
const texts = (tarball) =>
  Object.fromEntries(packageFiles(tarball).map(({ path, bytes }) => [path, `${bytes}`]));

test("a tarball holds what npm installs and nothing else of the folder", async (t) => {
  const { packing } = scene(t);
  await keepPacked(packing);
  const files = texts(packing.tarball);
  assert.deepEqual(Object.keys(files).sort(), ["package.json", "shipped.js"]);
  assert.equal(files["shipped.js"], "one");
});

test("a package is packed again when it has changed, and not because of what tools leave", async (t) => {
  const { packing, write } = scene(t);
  assert.equal(await keepPacked(packing), true);
  write("small-1.0.0.tgz", "left by a person who packed by hand");
  assert.equal(await keepPacked(packing), false);
  write("shipped.js", "two");
  assert.equal(await keepPacked(packing), true);
  assert.equal(texts(packing.tarball)["shipped.js"], "two");
});

test("a package whose own check refuses is not packed, and its words are shown", async (t) => {
  const { packing } = scene(t, { prepack: "echo build it first; exit 1" });
  for (const _ of ["at first", "again"])
    await assert.rejects(keepPacked(packing), (error) => {
      assert.ok(error instanceof CommandError);
      assert.match(error.output, /build it first/);
      return true;
    });
  assert.equal(existsSync(packing.tarball), false);
});
