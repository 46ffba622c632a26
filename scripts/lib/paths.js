// Where things are in the repository, and the environment that commands run in. Nothing is run here.

import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Tools that the scripts install, and the stamps of what they built. Deleting it costs time only. */
export const TOOLS = join(ROOT, ".tools");

/** What a development run keeps: worker state, keys, logs. `npm start -- --clean` empties it. */
export const STATE = join(ROOT, ".tillgate");

export const LOGS = join(ROOT, "target", "logs");

/** What `npm pack` makes of both packages, for whoever runs them as npm would install them; pack.js keeps it fresh. */
const PACKED = join(ROOT, "target", "packed");
export const BROWSER_TARBALL = join(PACKED, "tillgate.tgz");
export const WORKER_TARBALL = join(PACKED, "tillgate-worker.tgz");

/** A project that has installed the packed worker, and its own file. */
export const WORKER_PROJECT = join(PACKED, "worker");
export const WORKER_ENTRY = join(WORKER_PROJECT, "index.js");

const NPM_BIN = join(ROOT, "node_modules", ".bin");

const CARGO_HOME = process.env.CARGO_HOME ?? join(homedir(), ".cargo");

/** The path of a file inside the repository. @param {...string} parts */
export const inRoot = (...parts) => join(ROOT, ...parts);

/** PATH without this repository's npm binaries: `npm ci` deletes them while it runs. */
function pathWithoutNpmBinaries() {
  return (process.env.PATH ?? "").split(delimiter).filter((entry) => entry !== NPM_BIN);
}

/**
 * The environment in which tools are found: ours first, then npm's (Node 24, wasm-opt), then the machine's.
 * @param {NodeJS.ProcessEnv} [extra]
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(extra = {}) {
  const entries = [
    join(TOOLS, "bin"),
    NPM_BIN,
    ...pathWithoutNpmBinaries(),
    join(CARGO_HOME, "bin"),
  ];
  return {
    ...process.env,
    CARGO_HOME,
    CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"),
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_SEND_METRICS: "false",
    ...extra,
    PATH: entries.join(delimiter),
  };
}

/** The environment for npm itself, whose Node must not be the one it may replace. @returns {NodeJS.ProcessEnv} */
export function npmEnvironment() {
  return { ...process.env, PATH: pathWithoutNpmBinaries().join(delimiter) };
}
