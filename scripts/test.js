// `npm test [-- NAME…]`: makes the machine ready, then runs every section, or those whose name contains a NAME,
// and ends with `N passed, N failed`. `npm test -- --list` names them. What a section does is in lib/sections.js.

import { relative } from "node:path";
import { forgetCanaries } from "../tests/leaks/ledger.js";
import { browserStep, workerStep } from "./build.js";
import { endOnSignals } from "./lib/exec.js";
import { LOGS, ROOT } from "./lib/paths.js";
import { SECTIONS } from "./lib/sections.js";
import { duration, StepError, Steps } from "./lib/steps.js";
import { testPackages } from "./lib/test-packages.js";
import * as tools from "./lib/tools.js";

/** @typedef {import("./lib/sections.js").Section} Section */
/** @typedef {import("./lib/sections.js").Need} Need */
/** @typedef {import("./lib/steps.js").Step} Step */

/** What each need of a section takes, in an order that satisfies what builds on what. @type {[Need, Step[]][]} */
const PREPARATIONS = [
  ["rust", [tools.cLinker, tools.rustTarget, tools.rustComponents]],
  ["c++", [tools.cxxCompiler]],
  ["wasm", [tools.cLinker, tools.rustTarget, tools.wasmBindgen]],
  ["build", [...tools.BUILD_TOOLS, workerStep, browserStep]],
  ["cargo-deny", [tools.cargoDeny]],
  ["chromium", [tools.chromium]],
  ["packages", [testPackages]],
];

/**
 * The steps that come before some sections; the npm packages always do.
 * @param {Section[]} sections
 */
function preparation(sections) {
  const needs = new Set(sections.flatMap((section) => section.needs));
  const steps = PREPARATIONS.flatMap(([need, steps]) => (needs.has(need) ? steps : []));
  return [...new Set([tools.npmPackages, ...steps])];
}

/** @param {string[]} names */
function selectSections(names) {
  if (names.length === 0) return SECTIONS;
  return SECTIONS.filter(({ name }) => names.some((wanted) => name.includes(wanted)));
}

const totals = { passed: 0, failed: 0, skipped: 0 };

/**
 * A section as a step: its counts are its outcome, and what failed is shown.
 * @param {Section} section
 * @returns {Step}
 */
function asStep(section) {
  return {
    title: section.title,
    async run(report) {
      const { passed, failed, skipped, detail } = await section.run(report);
      totals.passed += passed;
      totals.failed += failed;
      totals.skipped += skipped;
      if (failed === 0) return `${passed} passed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
      throw new StepError(`${section.title}: ${passed} passed, ${failed} failed`, {
        detail,
        advice: `mend it, then npm test -- "${section.name}"; all output is in ${relative(ROOT, LOGS)}/.`,
      });
    },
  };
}

/**
 * Runs everything: a failed preparation ends it, a failed section does not.
 * @param {Steps} steps
 * @param {Step[]} before
 * @param {Section[]} sections
 */
async function runAll(steps, before, sections) {
  try {
    await steps.inOrder(before);
  } catch {
    totals.failed += 1;
    return;
  }
  for (const section of sections) {
    const failedBefore = totals.failed;
    await steps.step(asStep(section)).catch(() => {
      // A section that broke before it could count has failed all the same.
      if (totals.failed === failedBefore) totals.failed += 1;
    });
  }
}

async function main() {
  const names = process.argv.slice(2);
  if (names.includes("--list")) {
    for (const { name, title } of SECTIONS) console.log(`${name.padEnd(20)} ${title}`);
    return;
  }
  const sections = selectSections(names);
  if (sections.length === 0) {
    console.error(`No section is called like ${names.join(", ")}; npm test -- --list names them.`);
    process.exitCode = 2;
    return;
  }
  if (sections.some(({ name }) => name === "tests/e2e")) forgetCanaries();
  const before = preparation(sections);
  const steps = new Steps("tillgate · test", before.length + sections.length);
  endOnSignals(() => steps.close());
  await runAll(steps, before, sections);
  const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
  steps.print(`\nTook ${duration(steps.elapsed)}.`);
  console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
  process.exitCode = totals.failed === 0 ? 0 : 1;
}

await main();
