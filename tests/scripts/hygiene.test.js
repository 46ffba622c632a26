// That each rule about the repository's files finds what it forbids, and lets ordinary text be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_LINES, RULES } from "../../scripts/lib/hygiene.js";

/** What all rules say about one file. @param {string} path @param {string} text */
function violations(path, text) {
  return RULES.filter(({ title }) => !title.includes("same wasm-bindgen")).flatMap((rule) =>
    rule.violations([{ path, text }]),
  );
}

/** Joined, so that this file does not hold what is forbidden. @param {string[]} parts */
const joined = (...parts) => parts.join("");

test("paths of someone's machine are found", () => {
  for (const top of ["work", "root", "home", "Users", "tmp"]) {
    assert.equal(violations("a.rs", joined("see /", top, "/x")).length, 1, top);
  }
});

test("other paths are let be", () => {
  const text = 'const a = "{root}/home/x"; "/usr/bin/env" https://a.example/home/b ./tmp/c';
  assert.deepEqual(violations("a.js", text), []);
});

test("unfinished marks are found", () => {
  for (const mark of [joined("TO", "DO"), joined("FIX", "ME"), joined("X", "XX")]) {
    assert.deepEqual(violations("src/a.rs", `// ${mark}: later`), [
      `src/a.rs:1: // ${mark}: later`,
    ]);
  }
});

test("hostile input in test vectors may hold anything", () => {
  assert.deepEqual(violations("tests/vectors/a.json", joined("/", "root/.ssh TO", "DO")), []);
});

test("code files have a limit to their length, data files have none", () => {
  const text = "x\n".repeat(MAX_LINES + 1);
  assert.deepEqual(violations("a.js", text), [`a.js: ${MAX_LINES + 1} lines`]);
  assert.deepEqual(violations("a.js", "x\n".repeat(MAX_LINES)), []);
  assert.deepEqual(violations("a.json", text), []);
});

test("download addresses in an npm lock file are found", () => {
  assert.equal(violations("package-lock.json", '"resolved": "https://a.example/b.tgz"').length, 1);
});

test("registry settings are found", () => {
  assert.equal(violations(".npmrc", "registry=https://a.example/").length, 1);
  assert.equal(violations(".cargo/config.toml", 'replace-with = "a"').length, 1);
});

test("a crate from elsewhere is found", () => {
  const lock = 'source = "git+https://a.example/b#c"';
  assert.deepEqual(violations("Cargo.lock", lock), [`Cargo.lock: ${lock}`]);
});

test("two versions of wasm-bindgen are found", () => {
  const rule = RULES.find(({ title }) => title.includes("same wasm-bindgen"));
  /** @param {string} path @param {string} version */
  const lock = (path, version) => ({
    path,
    text: `[[package]]\nname = "wasm-bindgen"\nversion = "${version}"\n`,
  });
  assert.deepEqual(rule?.violations([lock("Cargo.lock", "1"), lock("b/Cargo.lock", "1")]), []);
  assert.equal(rule?.violations([lock("Cargo.lock", "1"), lock("b/Cargo.lock", "2")]).length, 2);
});
