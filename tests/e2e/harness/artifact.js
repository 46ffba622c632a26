// The released worker: exactly what `wrangler deploy` would upload, made once for a given build and then reused.
// Running it is worker.js's work.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../scripts/lib/exec.js";
import { inRoot } from "../../../scripts/lib/paths.js";
import { digest } from "../../../scripts/lib/stamp.js";

/**
 * @typedef {object} Artifact
 * @property {string} directory absolute
 * @property {string} main the entry module's file name
 * @property {string[]} modules the file names of all modules, the entry first
 * @property {string} compatibilityDate
 * @property {string[]} compatibilityFlags
 * @property {{ name: string, className: string }[]} durableObjects bindings and the classes behind them
 */

const MODULE = /\.(js|mjs|wasm)$/;

/** What the upload is made of. @param {string} worker the worker's folder */
function uploadInputs(worker) {
  const folder = readdirSync(worker).filter(
    (name) => /\.(js|json|jsonc)$/.test(name) || name === "dist",
  );
  return [...folder.map((name) => join(worker, name)), inRoot("package-lock.json")];
}

/**
 * Writes what would be deployed. Several test files may do so at once: each works in a folder of its own, and the
 * first to be ready gives it its final name.
 * @param {string} worker
 * @param {string} directory
 */
async function upload(worker, directory) {
  const draft = `${directory}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  const config = join(worker, "wrangler.jsonc");
  await run("wrangler", ["deploy", "--dry-run", "--outdir", draft, "--config", config], {
    timeoutSeconds: 120,
  });
  try {
    renameSync(draft, directory);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(directory)) throw error;
  }
}

/** @param {string} worker */
async function readConfig(worker) {
  // Importing wrangler takes a second, so only whoever needs the artifact pays for it.
  const { unstable_readConfig } = await import("wrangler");
  return unstable_readConfig({ config: join(worker, "wrangler.jsonc") }, { hideWarnings: true });
}

/** @type {Map<string, Promise<Artifact>>} */
const artifacts = new Map();

/**
 * The released worker, made if it is not there yet.
 * @param {string} [worker] the folder that holds wrangler.jsonc
 * @returns {Promise<Artifact>}
 */
export function releasedWorker(worker = inRoot("worker")) {
  let artifact = artifacts.get(worker);
  if (artifact === undefined) {
    artifact = makeArtifact(worker);
    artifacts.set(worker, artifact);
  }
  return artifact;
}

/** @param {string} worker @returns {Promise<Artifact>} */
async function makeArtifact(worker) {
  const hash = digest(uploadInputs(worker)).slice(0, 16);
  const directory = inRoot("target", "e2e", `worker-${hash}`);
  const config = await readConfig(worker);
  if (config.main === undefined) throw new Error(`${worker}/wrangler.jsonc names no main`);
  if (!existsSync(directory)) await upload(worker, directory);
  /** @type {{ name: string, class_name: string }[]} */
  const bindings = config.durable_objects.bindings;
  const main = config.main.replace(/^.*\//, "");
  const others = readdirSync(directory).filter((name) => MODULE.test(name) && name !== main);
  return {
    directory,
    main,
    modules: [main, ...others],
    compatibilityDate: config.compatibility_date ?? "",
    compatibilityFlags: config.compatibility_flags,
    durableObjects: bindings.map(({ name, class_name }) => ({ name, className: class_name })),
  };
}
