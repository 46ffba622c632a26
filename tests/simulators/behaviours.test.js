// The table of behaviours is complete: README.md shows it, and no row is without code.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { behaviours, behavioursTable } from "./behaviours.js";

const here = new URL("./", import.meta.url);

test("README.md shows every behaviour with its mark, and no other", async () => {
  const readme = await readFile(new URL("README.md", here), "utf8");
  const shown = rows(readme.slice(readme.indexOf("## What is known")));
  assert.deepEqual(shown, rows(behavioursTable()));
});

test("every behaviour is named by code", async () => {
  const names = await readdir(here, { recursive: true });
  const sources = names.filter((name) => /[\\/]\w+\.js$/.test(name));
  const texts = await Promise.all(sources.map((name) => readFile(new URL(name, here), "utf8")));
  // Ids of the two Clopos versions are also written as `clopos.${version}.…`.
  const code = texts.join("\n").replaceAll(/clopos\.\$\{version\}\./g, "clopos.v*.");
  const unnamed = Object.keys(behaviours).filter(
    (id) => !code.includes(id) && !code.includes(id.replace(/^clopos\.v\d\./, "clopos.v*.")),
  );
  assert.deepEqual(unnamed, []);
});

/**
 * @param {string} table
 * @returns {string[]} Its rows, without the padding that a formatter adds.
 */
function rows(table) {
  const lines = table.split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) => line.replace(/ +\|/g, " |"));
}
