// The wall: no secret-handling code can be linked into the browser crate, and what is linked into it is listed here.
// Cargo itself is asked, with copies of the two crates; nothing is compiled and nothing downloaded.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

const REFUSAL = /links to the native library `tillgate-secret-handling`/;

/** @type {string} */
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tillgate-wall-"));
  await Promise.all([
    copyCrate(ROOT, "core", ["Cargo.toml", "build.rs", "src"]),
    copyCrate(join(ROOT, "pkg-js"), "browser", ["Cargo.toml", "Cargo.lock", "build.rs", "src"]),
  ]);
  // The copy of the core stands alone: its workspace has no other member here.
  const manifest = await readFile(join(folder, "core", "Cargo.toml"), "utf8");
  await writeFile(
    join(folder, "core", "Cargo.toml"),
    manifest.replace(/^members = .*$/m, "members = []"),
  );
});
after(() => rm(folder, { recursive: true, force: true }));

/** @param {string} from @param {string} name @param {string[]} parts */
async function copyCrate(from, name, parts) {
  await mkdir(join(folder, name));
  const copies = parts.map((part) =>
    cp(join(from, part), join(folder, name, part), { recursive: true }),
  );
  await Promise.all(copies);
}

/**
 * Lets Cargo resolve a crate's dependencies.
 * @param {string} crate folder
 * @returns {Promise<string>} what it refuses, or nothing
 */
async function resolve(crate) {
  const cargo = promisify(execFile)("cargo", ["metadata", "--offline", "--format-version", "1"], {
    cwd: join(folder, crate),
    maxBuffer: 64 << 20,
  });
  return cargo.then(
    () => "",
    ({ stderr }) => String(stderr),
  );
}

/** A crate that depends on others of this folder. @param {string} name @param {Record<string, string>} dependencies */
async function writeCrate(name, dependencies) {
  const rows = Object.entries(dependencies).map(
    ([crate, path]) => `${crate} = { path = "../${path}" }`,
  );
  await mkdir(join(folder, name, "src"), { recursive: true });
  await writeFile(join(folder, name, "src", "lib.rs"), "");
  await writeFile(
    join(folder, name, "Cargo.toml"),
    `[package]\nname = "${name}"\nedition = "2024"\n[workspace]\n[dependencies]\n${rows.join("\n")}\n`,
  );
}

/** A copy of the browser crate with a line added to one of its tables. @param {string} name @param {string} table */
async function browserWithCore(name, table) {
  await cp(join(folder, "browser"), join(folder, name), { recursive: true });
  const path = join(folder, name, "Cargo.toml");
  const manifest = await readFile(path, "utf8");
  const line = `[${table}]\ntillgate-core = { path = "../core" }\n`;
  assert.match(manifest, new RegExp(`^\\[${table}\\]$`, "m"));
  await writeFile(path, manifest.replace(`[${table}]\n`, line));
}

test("each crate alone resolves, so that what follows fails for one reason", async () => {
  await writeCrate("only-core", { "tillgate-core": "core" });
  await writeCrate("only-browser", { "tillgate-browser": "browser" });
  assert.equal(await resolve("only-core"), "");
  assert.equal(await resolve("only-browser"), "");
});

test("a crate that wants both the core and the browser crate does not resolve", async () => {
  await writeCrate("both", { "tillgate-core": "core", "tillgate-browser": "browser" });
  assert.match(await resolve("both"), REFUSAL);
});

for (const table of ["dependencies", "dev-dependencies"]) {
  test(`the core in the browser crate's ${table} does not resolve`, async () => {
    await browserWithCore(`browser-${table}`, table);
    assert.match(await resolve(`browser-${table}`), REFUSAL);
  });
}

test("the core by way of another crate does not resolve either", async () => {
  await writeCrate("middle", { "tillgate-core": "core" });
  await writeCrate("around", { middle: "middle", "tillgate-browser": "browser" });
  assert.match(await resolve("around"), REFUSAL);
});

/** What may be linked into the module that browsers run. */
const LINKED = [
  ...["tillgate-browser", "wasm-bindgen", "wasm-bindgen-shared", "unicode-ident", "cfg-if"],
  ...["rlsf", "const-default", "zeroize"],
];

test("what is linked into the browser's module is on this list", async () => {
  const report = JSON.parse(await readFile(join(ROOT, "pkg-js", "dist", "report.json"), "utf8"));
  const crates = report.crates.map((/** @type {string} */ crate) => crate.split(" ")[0]);
  assert.deepEqual(crates, [...LINKED].sort());
});

test("the browser crate's lock file names nothing that could keep a secret or send a request", async () => {
  const lock = await readFile(join(ROOT, "pkg-js", "Cargo.lock"), "utf8");
  const names = [...lock.matchAll(/^name = "(.+)"$/gm)].map(([, name]) => name ?? "");
  assert.ok(names.includes("tillgate-browser"));
  const forbidden =
    /^(tillgate-(core|worker)|web-sys|gloo.*|reqwest|hyper.*|http|ureq|oauth2|openidconnect|subtle|secrecy|aes.*|chacha20poly1305|keyring)$/;
  assert.deepEqual(
    names.filter((name) => forbidden.test(name)),
    [],
  );
});
