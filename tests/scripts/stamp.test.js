// That what is built is built again exactly when its inputs or outputs differ from those of the last time.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepFresh } from "../../scripts/lib/stamp.js";

/** A product in a folder of its own. @param {import("node:test").TestContext} t */
function scene(t) {
  const folder = mkdtempSync(join(tmpdir(), "tillgate-stamp-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const input = join(folder, "in", "a.txt");
  const output = join(folder, "out");
  mkdirSync(join(folder, "in"));
  writeFileSync(input, "one");
  const build = async () => {
    mkdirSync(output, { recursive: true });
    writeFileSync(join(output, "b.txt"), "built");
  };
  const product = {
    name: "product",
    inputs: [join(folder, "in")],
    versions: "1",
    outputs: [output],
    stamps: join(folder, "stamps"),
  };
  return { product, input, output, build };
}

test("what is fresh is not built again", async (t) => {
  const { product, input, build } = scene(t);
  assert.equal(await keepFresh(product, build), true);
  utimesSync(input, new Date(), new Date());
  assert.equal(await keepFresh(product, build), false);
});

test("a changed, an added and a renamed input each cause a new building", async (t) => {
  const { product, input, build } = scene(t);
  await keepFresh(product, build);
  writeFileSync(input, "two");
  assert.equal(await keepFresh(product, build), true);
  writeFileSync(`${input}.more`, "");
  assert.equal(await keepFresh(product, build), true);
  rmSync(`${input}.more`);
  writeFileSync(`${input}.else`, "");
  assert.equal(await keepFresh(product, build), true);
});

test("another version of a tool causes a new building", async (t) => {
  const { product, build } = scene(t);
  await keepFresh(product, build);
  assert.equal(await keepFresh({ ...product, versions: "2" }, build), true);
});

test("an output that was changed or removed is built again", async (t) => {
  const { product, output, build } = scene(t);
  await keepFresh(product, build);
  writeFileSync(join(output, "b.txt"), "edited");
  assert.equal(await keepFresh(product, build), true);
  rmSync(output, { recursive: true });
  assert.equal(await keepFresh(product, build), true);
});

test("an input that changes during a building is not taken for built", async (t) => {
  const { product, input, build } = scene(t);
  await keepFresh(product, async () => {
    writeFileSync(input, "meanwhile");
    await build();
  });
  assert.equal(await keepFresh(product, build), true);
});

test("a building that fails leaves nothing that counts as fresh", async (t) => {
  const { product, build } = scene(t);
  await keepFresh(product, build);
  const failing = () => Promise.reject(new Error("no"));
  await assert.rejects(keepFresh({ ...product, versions: "2" }, failing));
  assert.equal(await keepFresh(product, build), true);
});
