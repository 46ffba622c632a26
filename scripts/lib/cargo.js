// Runs Cargo so that its progress can be shown and its tests counted. Which crates to run it on is not known here.

import { run } from "./exec.js";
import { toolEnvironment } from "./paths.js";

/** @typedef {(text: string) => void} Report */

/** Cargo draws its progress bar only on a terminal unless it is told to. */
const PROGRESS = {
  CARGO_TERM_COLOR: "never",
  CARGO_TERM_PROGRESS_WHEN: "always",
  CARGO_TERM_PROGRESS_WIDTH: "100",
};

/**
 * What a line of Cargo's says about how far it is.
 * @param {string} line
 * @returns {string | undefined} undefined: it is ordinary output
 */
export function cargoProgress(line) {
  const crates = /^\s*Building \[[=> ]*\] (\d+)\/(\d+)(?:: (.*))?$/.exec(line.trimEnd());
  if (crates) return `${crates[1]} of ${crates[2]} crates ${crates[3] ?? ""}`.trimEnd();
  const fetched = /^\s*(?:Fetch|Updating) \[[=> ]*\] (.*)$/.exec(line.trimEnd());
  return fetched ? `download ${fetched[1]}`.trimEnd() : undefined;
}

/** @typedef {import("./exec.js").CommandOptions} CommandOptions */

/**
 * Runs Cargo, or a program that runs it, with its progress reported.
 * @param {string} command
 * @param {string[]} args
 * @param {Report} report
 * @param {CommandOptions} [options] `env` holds only what is added to the project's environment
 */
export function runCargo(command, args, report, options = {}) {
  return run(command, args, {
    ...options,
    env: toolEnvironment({ ...PROGRESS, ...options.env }),
    onLine(line) {
      const progress = cargoProgress(line);
      if (progress === undefined) return true;
      report(progress);
      return false;
    },
  });
}

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Adds up the result lines of libtest, one per test binary. Its machine-readable format is not stable yet.
 * @param {string} output
 * @returns {Counts}
 */
export function countCargoTests(output) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const result = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm;
  for (const [, passed, failed, skipped] of output.matchAll(result)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(skipped);
  }
  return counts;
}

/**
 * The version of a crate that a lock file pins.
 * @param {string} lock the text of Cargo.lock
 * @param {string} name
 */
export function lockedVersion(lock, name) {
  for (const block of lock.split("[[package]]")) {
    if (block.includes(`\nname = "${name}"\n`)) return /\nversion = "([^"]+)"/.exec(block)?.[1];
  }
  return undefined;
}
