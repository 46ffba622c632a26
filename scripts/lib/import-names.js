// Makes the names that wasm-bindgen gives a module's imports smaller. What they stand for is not known here.

import { readFileSync, writeFileSync } from "node:fs";

/** A name, and the hash behind it, which keeps apart what several crates import under one name. */
const HASHED = /(__wbg_\w+?_)([0-9a-f]{16})/g;

/**
 * Counts instead of hashing: the first import of a name is 0, the next of the same name 1. Random digits are what gzip can
 * do least with, and each of them stands in the module and in its glue. Lengths stay, so the module needs no other change.
 * @param {string} module path of the wasm
 * @param {string} glue path of its JavaScript
 */
export function countImports(module, glue) {
  const names = new Set(readFileSync(module, "latin1").match(HASHED));
  /** @type {Map<string, string>} */
  const counted = new Map();
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const hashed of names) {
    const [name, hash] = [hashed.slice(0, -16), hashed.slice(-16)];
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    counted.set(hashed, name + String(count).padStart(hash.length, "0"));
  }
  for (const path of [module, glue]) {
    const text = readFileSync(path, "latin1");
    writeFileSync(
      path,
      text.replaceAll(HASHED, (hashed) => counted.get(hashed) ?? hashed),
      "latin1",
    );
  }
}
