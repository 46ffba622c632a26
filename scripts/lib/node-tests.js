// Runs the JavaScript test suites with node:test on Node 24 and counts their tests.

import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "./exec.js";
import { inRoot, ROOT } from "./paths.js";

/** @typedef {import("./node-reporter.js").TestLine} TestLine */
/** @typedef {import("./cargo.js").Counts} Counts */

/**
 * Reads one line of the reporter's.
 * @param {string} line
 * @returns {TestLine | undefined} undefined: something that a test printed
 */
export function parseTestLine(line) {
  if (!line.startsWith('{"kind":')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The test files of a folder, `*.test.js`, at any depth. @param {string} folder relative to the root */
export function testFiles(folder) {
  const path = inRoot(folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.js"))
    .sort()
    .map((name) => join(path, name));
}

/** @param {TestLine} line */
function explain({ name, file, error }) {
  return `✗ ${name} (${relative(ROOT, file)})\n${error.replace(/^/gm, "    ")}`;
}

/**
 * Runs all test files of a folder.
 * @param {string} folder relative to the root
 * @param {(text: string) => void} report
 * @param {{ timeoutSeconds: number, log: string }} options
 * @returns {Promise<Counts & { detail: string }>} `detail`: what failed, and how
 */
export async function runNodeTests(folder, report, { timeoutSeconds, log }) {
  const files = testFiles(folder);
  if (files.length === 0) {
    return { passed: 0, failed: 1, skipped: 0, detail: `${folder} holds no file *.test.js` };
  }
  const counts = { pass: 0, fail: 0, skip: 0 };
  /** @type {string[]} */
  const failures = [];
  const reporter = inRoot("scripts", "lib", "node-reporter.js");
  const result = await run("node", ["--test", `--test-reporter=${reporter}`, ...files], {
    timeoutSeconds,
    log,
    check: false,
    onLine(text) {
      const line = parseTestLine(text);
      if (line === undefined) return;
      counts[line.kind] += 1;
      if (line.kind === "fail") failures.push(explain(line));
      report(`${counts.pass + counts.fail + counts.skip} tests · ${line.name}`);
    },
  });
  // A suite that is ended, or that dies outside of its tests, fails although no test of it did.
  if (result.timedOut) failures.push(`ended after ${timeoutSeconds} s`);
  else if (result.code !== 0 && counts.fail === 0) failures.push(result.output);
  return {
    passed: counts.pass,
    failed: Math.max(counts.fail, failures.length > 0 ? 1 : 0),
    skipped: counts.skip,
    detail: failures.join("\n\n"),
  };
}
