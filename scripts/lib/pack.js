// The two packages as npm packs them, kept until something in their folders changes, and the worker's in a project of its
// own. `npm start` runs these, so that what is tried out is what npm would install. Building is the work of build.js.

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { replaceFolder } from "./draft.js";
import { run } from "./exec.js";
import {
  BROWSER_TARBALL,
  inRoot,
  npmEnvironment,
  WORKER_ENTRY,
  WORKER_PROJECT,
  WORKER_TARBALL,
} from "./paths.js";
import { keepFresh } from "./stamp.js";
import { packageFiles } from "./tar.js";

/** @typedef {import("./steps.js").Step} Step */

/**
 * @typedef {object} Packing
 * @property {string} folder the package's, absolute
 * @property {string} tarball where it is to be
 * @property {string} [stamps] the folder of the stamps; default: that of all products
 */

/** What tools leave in a package's folder; npm packs none of it. */
const LEFT_BY_TOOLS = /^(target|\.wrangler|.*\.tgz)$/;

const THIS_FILE = inRoot("scripts", "lib", "pack.js");

/**
 * Packs a package with `npm pack`, unless the tarball is that of its present files.
 * @param {Packing} packing
 * @returns {Promise<boolean>} whether it had to be packed
 * @throws {import("./exec.js").CommandError} npm refuses, or the package's own check before packing does
 */
export function keepPacked({ folder, tarball, stamps }) {
  const names = readdirSync(folder).filter((name) => !LEFT_BY_TOOLS.test(name));
  const product = {
    name: `packed-${basename(tarball, ".tgz")}`,
    inputs: [...names.map((name) => join(folder, name)), THIS_FILE],
    outputs: [tarball],
    ...(stamps && { stamps }),
  };
  return keepFresh(product, () => pack(folder, tarball));
}

/**
 * Gives the tarball its name when it is whole, since test files may pack at the same time.
 * @param {string} folder
 * @param {string} tarball
 */
async function pack(folder, tarball) {
  const draft = `${tarball}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    const args = ["pack", "--loglevel=error", "--pack-destination", draft];
    await run("npm", args, { cwd: folder, env: npmEnvironment(), timeoutSeconds: 120 });
    const [name] = readdirSync(draft);
    if (name === undefined) throw new Error(`npm pack made no tarball of ${folder}`);
    renameSync(join(draft, name), tarball);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * Packs the browser package into `BROWSER_TARBALL`, unless that is up to date.
 * @returns {Promise<boolean>} whether it had to be packed
 */
export const packBrowser = () => keepPacked({ folder: inRoot("pkg-js"), tarball: BROWSER_TARBALL });

/** What wrangler is told to run, and where: the project that `packWorker` makes, with the worker's own settings. */
export const PACKED_WORKER = {
  args: [WORKER_ENTRY, "--config", inRoot("worker", "wrangler.jsonc")],
  cwd: WORKER_PROJECT,
};

/**
 * Packs the worker and installs it into `WORKER_PROJECT`, unless that is up to date.
 * @returns {Promise<boolean>} whether it had to be packed
 */
export async function packWorker() {
  const packed = await keepPacked({ folder: inRoot("worker"), tarball: WORKER_TARBALL });
  const project = {
    name: "worker-project",
    inputs: [WORKER_TARBALL, THIS_FILE],
    // Not the whole folder: wrangler keeps files of its own there.
    outputs: [WORKER_ENTRY, join(WORKER_PROJECT, "node_modules")],
  };
  await keepFresh(project, () => replaceFolder(WORKER_PROJECT, "worker-project", writeProject));
  return packed;
}

/** The worker's README says what a project is. @param {string} folder */
async function writeProject(folder) {
  const installed = join(folder, "node_modules", "tillgate-worker");
  for (const { path, bytes } of packageFiles(WORKER_TARBALL)) {
    mkdirSync(dirname(join(installed, path)), { recursive: true });
    writeFileSync(join(installed, path), bytes);
  }
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  writeFileSync(
    join(folder, basename(WORKER_ENTRY)),
    'export { default, Vault } from "tillgate-worker";\n',
  );
}

/** @type {Step} */
export const packStep = {
  title: "packages, as npm packs them",
  advice: "run npm pack in pkg-js and in worker, and look at what it says.",
  async run() {
    const packed = await Promise.all([packBrowser(), packWorker()]);
    return packed.includes(true) ? "packed into target/packed" : "up to date";
  },
};
