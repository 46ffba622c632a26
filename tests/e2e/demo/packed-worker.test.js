// The worker that `npm start` runs: the packed package in a project of its own, and nothing from beside it.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { before, test } from "node:test";
import { run } from "../../../scripts/lib/exec.js";
import { PACKED_WORKER, packWorker } from "../../../scripts/lib/pack.js";
import { WORKER_PROJECT, WORKER_TARBALL } from "../../../scripts/lib/paths.js";
import { packageFiles } from "../../../scripts/lib/tar.js";

const INSTALLED = join(WORKER_PROJECT, "node_modules", "tillgate-worker");

before(() => packWorker());

test("what is installed is the tarball, file for file", () => {
  const files = packageFiles(WORKER_TARBALL);
  const installed = readdirSync(INSTALLED, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(INSTALLED, join(entry.parentPath, entry.name)));
  assert.deepEqual(installed.sort(), files.map(({ path }) => path).sort());
  for (const { path, bytes } of files)
    assert.equal(readFileSync(join(INSTALLED, path)).equals(bytes), true, path);
});

test("what wrangler runs is made of the package's files alone", async (t) => {
  const out = mkdtempSync(join(tmpdir(), "tillgate-packed-"));
  t.after(() => rmSync(out, { recursive: true }));
  const args = ["deploy", ...PACKED_WORKER.args, "--dry-run", "--outdir", out];
  await run("wrangler", args, { cwd: PACKED_WORKER.cwd, timeoutSeconds: 120 });
  /** @type {{ sources: string[] }} */
  const { sources } = JSON.parse(readFileSync(join(out, "index.js.map"), "utf8"));
  const own = sources.map((path) => resolve(out, path));
  assert.equal(own.includes(join(INSTALLED, "index.js")), true);
  assert.deepEqual(
    own.filter((path) => !path.startsWith(INSTALLED)),
    [],
  );
  const modules = readdirSync(out).filter((name) => name.endsWith(".wasm"));
  const [wasm] = modules.map((name) => readFileSync(join(out, name)));
  const packed = readFileSync(join(INSTALLED, "dist", "tillgate_worker_bg.wasm"));
  assert.equal(modules.length, 1);
  assert.equal(wasm?.equals(packed), true);
});
