// What may be depended on: cargo-deny holds every workspace to .cargo/deny.toml, the npm packages depend on nothing, and
// whatever resolves dependencies is held to its lock file.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inRoot, toolEnvironment } from "../../scripts/lib/paths.js";

const POLICY = inRoot(".cargo", "deny.toml");
const WORKSPACES = ["Cargo.toml", "pkg-js/Cargo.toml", "tests/fuzz/Cargo.toml"];

/** @type {string} */
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tillgate-supply-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/**
 * What cargo-deny says about a workspace.
 * @param {string} manifest
 * @param {string} [policy]
 * @returns {Promise<{ passes: boolean, output: string }>}
 */
function deny(manifest, policy = POLICY) {
  const args = ["--config", policy, "--manifest-path", inRoot(manifest), "--workspace", "--locked"];
  const checks = ["check", "bans", "licenses", "sources"];
  const env = toolEnvironment();
  return new Promise((resolve) => {
    execFile("cargo-deny", [...args, ...checks], { env }, (error, stdout, stderr) =>
      resolve({ passes: error === null, output: `${stdout}${stderr}` }),
    );
  });
}

/** The policy with a change. @param {string} name @param {string} from @param {string} to */
async function changed(name, from, to) {
  const text = await readFile(POLICY, "utf8");
  assert.ok(text.includes(from), from);
  const path = join(folder, `${name}.toml`);
  await writeFile(path, text.replace(from, to));
  return path;
}

for (const manifest of WORKSPACES) {
  test(`licences, crates and sources of ${manifest} are as the policy says`, async () => {
    const { passes, output } = await deny(manifest);
    assert.ok(passes, output);
  });
}

test("a licence that is not allowed is refused", async () => {
  const policy = await changed("licence", '"Unicode-3.0"', '"ISC"');
  const { passes, output } = await deny("Cargo.toml", policy);
  assert.ok(!passes);
  assert.match(output, /licenses FAILED/);
});

test("a banned crate is refused", async () => {
  const policy = await changed("crate", 'crate = "ring"', 'crate = "serde_json"');
  const { passes, output } = await deny("Cargo.toml", policy);
  assert.ok(!passes);
  assert.match(output, /bans FAILED/);
});

test("a crate of another registry is refused", async () => {
  const index = "https://github.com/rust-lang/crates.io-index";
  const policy = await changed("source", index, "https://registry.example/index");
  const { passes, output } = await deny("Cargo.toml", policy);
  assert.ok(!passes);
  assert.match(output, /sources FAILED/);
});

for (const name of ["worker", "pkg-js"]) {
  test(`the npm package in ${name} depends on nothing and is under the MIT licence`, async () => {
    const manifest = JSON.parse(await readFile(inRoot(name, "package.json"), "utf8"));
    const keys = Object.keys(manifest).filter((key) => /dependencies/i.test(key));
    assert.deepEqual(keys, []);
    assert.equal(manifest.license, "MIT");
    assert.match(await readFile(inRoot(name, "LICENSE"), "utf8"), /^MIT License/);
  });
}

/** Where commands are written down. */
const SCRIPTS = ["build-worker.js", "build-browser.js", "lib/sections.js", "lib/fuzz.js"].concat([
  "lib/sbom.js",
  "lib/browser-report.js",
]);
/** Cargo's commands that resolve dependencies, as the scripts write them; "build" is also a word of other things. */
const RESOLVING = /\[\s*"(?:test|clippy|doc|metadata|tree|run)"/g;

test("every command of ours that resolves crates is held to the lock file", async () => {
  const texts = await Promise.all(SCRIPTS.map((name) => readFile(inRoot("scripts", name), "utf8")));
  for (const [index, text] of texts.entries()) {
    const commands = text.match(RESOLVING) ?? [];
    const locked = text.match(/"--locked"/g) ?? [];
    assert.ok(locked.length >= Math.max(1, commands.length), `${SCRIPTS[index]} lacks a --locked`);
  }
});

test("npm packages are installed from lock files alone", async () => {
  const texts = await Promise.all(
    ["lib/tools.js", "lib/test-packages.js"].map((name) =>
      readFile(inRoot("scripts", name), "utf8"),
    ),
  );
  for (const text of texts) {
    assert.match(text, /\["ci"/);
    assert.doesNotMatch(text, /\["install", *"-/);
  }
});
