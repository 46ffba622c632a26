// One scan over everything that a run of the tests left behind: its logs, what was built, what would be published, and what
// tests left in the folder for temporary files. Every secret that any test used is looked for, in every encoding that
// tests/e2e/leaks.js knows. What came out of a single test is scanned at that test's end.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { Leaks } from "../../tests/e2e/leaks.js";
import { notedCanaries } from "../../tests/leaks/ledger.js";
import { run } from "./exec.js";
import { inRoot, LOGS, npmEnvironment, ROOT, STATE } from "./paths.js";
import { tarEntries } from "./tar.js";

/** @typedef {import("../../tests/leaks/ledger.js").Canary} Canary */
/** @typedef {{ name: string, bytes: Buffer }} Leftover */

/** What tests name the folders that they make for a while. */
const TEMPORARY = /^tillgate-/;
const PACKAGES = ["worker", "pkg-js"];
/** Larger files are no product of a test: programs, and libraries of other people's. */
const MOST_BYTES = 8 * 1024 * 1024;

/** The files below a folder. @param {string} folder @returns {Leftover[]} */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map(({ parentPath, name }) => join(parentPath, name))
    .flatMap(read);
}

/** One that has just gone away is none. @param {string} path @returns {Leftover[]} */
function read(path) {
  try {
    if (statSync(path).size > MOST_BYTES) return [];
    return [{ name: relative(ROOT, path), bytes: readFileSync(path) }];
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return [];
    throw error;
  }
}

/** What would be published. @param {string} name @param {string} folder @returns {Promise<Leftover[]>} */
async function packed(name, folder) {
  const args = ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
  const { output } = await run("npm", args, { cwd: inRoot(name), env: npmEnvironment() });
  const tarball = readFileSync(join(folder, output.trim().split("\n").at(-1) ?? ""));
  const files = tarEntries(gunzipSync(tarball));
  return files.map(({ path, bytes }) => ({ name: `${name}: ${path}`, bytes }));
}

/** Everything that this run left. @returns {Promise<Leftover[]>} */
export async function leftovers() {
  const folder = mkdtempSync(join(tmpdir(), "scan-"));
  try {
    const temporary = readdirSync(tmpdir()).filter((name) => TEMPORARY.test(name));
    const folders = [
      LOGS,
      STATE,
      ...PACKAGES.map((name) => inRoot(name, "dist")),
      inRoot("worker", ".wrangler"),
      ...temporary.map((name) => join(tmpdir(), name)),
    ];
    const published = [];
    for (const name of PACKAGES) published.push(...(await packed(name, folder)));
    return [...folders.flatMap(filesBelow), ...published];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Looks for secrets in files.
 * @param {Leftover[]} files
 * @param {Canary[]} canaries
 * @returns {string[]} one line for each find, without the secret
 */
export function searchLeftovers(files, canaries) {
  const leaks = new Leaks();
  for (const canary of canaries) leaks.add(canary);
  for (const { name, bytes } of files) leaks.saw({ kind: "storage", name }, bytes);
  return leaks.find();
}

/** @type {import("./sections.js").Section} */
export const leftoversSection = {
  name: "leaks",
  title: "leaks in all that was left",
  needs: ["build"],
  async run() {
    const canaries = notedCanaries();
    const files = await leftovers();
    const found = searchLeftovers(files, canaries);
    if (canaries.length === 0)
      found.push("no test has noted a secret: run the section tests/e2e before this one");
    return {
      passed: found.length === 0 ? 1 : 0,
      failed: found.length === 0 ? 0 : 1,
      skipped: 0,
      detail: found.join("\n"),
    };
  },
};
