// What the README says of speed is what the last whole run of the benchmark found.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.js";

const readme = readFileSync(inRoot("README.md"), "utf8");
const results = readFileSync(inRoot("tests/bench/results/results.md"), "utf8");

/** The ratios of one contender in the results' first table. @param {string} name */
function ratios(name) {
  const row = results.split("\n").find((line) => line.startsWith(`| ${name} |`)) ?? "";
  return [...row.matchAll(/ (\d+\.\d+) \(/g)].map(([, ratio]) => ratio);
}

test("the README's ratios are those of the results", () => {
  const section = readme.slice(readme.indexOf("## Speed"), readme.indexOf("## Fine print"));
  const rows = [...section.matchAll(/^\| an? .+ \| (\d+\.\d+) \| (\d+\.\d+) \|$/gm)];
  assert.equal(rows.length, 4);
  assert.deepEqual(
    rows.map(([, own]) => own),
    ratios("tillgate"),
  );
  assert.deepEqual(
    rows.map(([, , checked]) => checked),
    ratios("bare JavaScript, same checks"),
  );
});
