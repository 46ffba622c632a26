// The packed packages, installed as a user would, beside bundlers, frameworks and runtimes; projects in which they are
// used, and programs that run there. Logging in is in shop.js.

import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { eachLine, run, startGroup, stopGroup } from "../../../scripts/lib/exec.js";
import { inRoot, npmEnvironment, toolEnvironment } from "../../../scripts/lib/paths.js";
import { RUN_PREFIX, testPackagesFolder } from "../../../scripts/lib/test-packages.js";

/** A source of these tests. @param {...string} parts */
const source = (...parts) => inRoot("tests", "packages", "projects", ...parts);

/** The environment in which the programs of the installed packages are found. */
function environment() {
  const env = toolEnvironment({ NEXT_TELEMETRY_DISABLED: "1", CI: "1" });
  return { ...env, PATH: `${join(testPackagesFolder(), "node_modules", ".bin")}:${env.PATH}` };
}

/**
 * Runs a program in a project.
 * @param {string} cwd @param {string} command @param {...string} args
 * @returns {Promise<string>} what it printed
 */
export async function runIn(cwd, command, ...args) {
  const { output } = await run(command, args, { cwd, env: environment(), timeoutSeconds: 180 });
  return output;
}

/**
 * A runtime that npm installs as one package per system, of which only this system's is there.
 * @param {string} scope @param {string} path inside the package
 */
async function runtime(scope, path) {
  const folder = join(testPackagesFolder(), "node_modules", scope);
  const [name] = await readdir(folder);
  return join(folder, name ?? "", path);
}

export const bun = () => runtime("@oven", "bin/bun");
export const deno = () => runtime("@deno", "deno");

/**
 * Runs a server in a project while `use` runs, which gets the address that the server prints.
 * @param {string} cwd @param {string} command @param {string[]} args
 * @param {(url: string) => Promise<void>} use
 */
export async function developing(cwd, command, args, use) {
  const child = startGroup(command, args, { cwd, env: environment() });
  try {
    await use(await printedUrl(child));
  } finally {
    await stopGroup(child);
  }
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<string>} */
function printedUrl(child) {
  let output = "";
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`the server ended:\n${output}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      eachLine(stream, (line) => {
        output += `${line}\n`;
        const [url] =
          /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(stripVTControlCharacters(line)) ?? [];
        if (url !== undefined) resolve(url);
      });
    }
  });
}

/**
 * Packs packages and installs them into a new folder, as a user would; projects are made in it.
 * @param {("pkg-js" | "worker")[]} packages
 */
export async function installPacked(packages) {
  const root = await mkdtemp(join(testPackagesFolder(), RUN_PREFIX));
  const env = npmEnvironment();
  await writeFile(join(root, "package.json"), '{ "private": true, "type": "module" }');
  // Bundlers look for one in the folders above, and this repository's own maps names to its sources.
  await writeFile(join(root, "tsconfig.json"), "{}");
  for (const name of packages) {
    await run("npm", ["pack", "--loglevel=error", "--pack-destination", root], {
      cwd: inRoot(name),
      env,
    });
  }
  const tarballs = (await readdir(root)).filter((name) => name.endsWith(".tgz"));
  assert.equal(tarballs.length, packages.length);
  const paths = tarballs.map((name) => join(root, name));
  await run("npm", ["install", "--offline", "--loglevel=error", ...paths], { cwd: root, env });
  return {
    root,
    tarballs: paths,
    /** A project with files of these tests in it. @param {string} name @param {...string} sources folders */
    async project(name, ...sources) {
      const folder = await mkdtemp(join(root, `${name}-`));
      await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }');
      for (const each of sources) await cp(source(each), folder, { recursive: true });
      return folder;
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
