// What the package tests need from npm beside the project's own tools: bundlers, frameworks, runtimes. They are listed in
// tests/packages/package.json and installed once for its lock file, outside of the sources. Using them is not done here.

import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { run } from "./exec.js";
import { inRoot, npmEnvironment, TOOLS } from "./paths.js";
import { digest } from "./stamp.js";

/** @typedef {import("./steps.js").Step} Step */

const SOURCES = ["package.json", "package-lock.json", ".npmrc"];
const FOLDER = join(TOOLS, "packages");
/** What the name of a test run's folder begins with. */
export const RUN_PREFIX = "run-";
const LEFT_AFTER_MS = 3_600_000;

/** @param {string} name */
const source = (name) => inRoot("tests", "packages", name);

/** The folder whose node_modules holds them; projects below it find them. */
export function testPackagesFolder() {
  return join(FOLDER, digest(SOURCES.map(source)).slice(0, 16));
}

/**
 * Installs into a draft that gets its name when it is whole. No install script runs: programs are called where they lie.
 * @param {string} folder
 */
async function install(folder) {
  const draft = `${folder}.draft`;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const name of SOURCES) cpSync(source(name), join(draft, name));
  await run("npm", ["ci", "--ignore-scripts", "--no-progress"], {
    cwd: draft,
    env: npmEnvironment(),
    timeoutSeconds: 600,
  });
  renameSync(draft, folder);
}

/**
 * Removes what tests that were ended left behind; what is younger may be another run's.
 * @param {string} folder
 */
function removeLeftovers(folder) {
  const names = readdirSync(folder).filter((name) => name.startsWith(RUN_PREFIX));
  for (const path of names.map((name) => join(folder, name)))
    if (Date.now() - statSync(path).mtimeMs > LEFT_AFTER_MS) rmSync(path, { recursive: true });
}

/** @type {Step} */
export const testPackages = {
  title: "bundlers and frameworks",
  advice:
    "run npm ci in a copy of tests/packages and look at what it says; it needs the npm registry.",
  async run(report) {
    const folder = testPackagesFolder();
    if (existsSync(folder)) {
      removeLeftovers(folder);
      return "up to date";
    }
    report("npm ci for tests/packages");
    await install(folder);
    return `${readdirSync(join(folder, "node_modules")).length} packages installed`;
  },
};
