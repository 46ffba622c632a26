// Who takes part: the released worker and its peers, each bundled by `wrangler deploy --dry-run` and served by plain
// workerd with the same upstream. What a peer does is in its own folder.

import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runCargo } from "../../../scripts/lib/cargo.js";
import { run } from "../../../scripts/lib/exec.js";
import { inRoot, npmEnvironment, TOOLS } from "../../../scripts/lib/paths.js";
import { digest } from "../../../scripts/lib/stamp.js";
import { releasedWorker } from "../../e2e/harness/artifact.js";
import { startWorker } from "../../e2e/harness/worker.js";

/** @typedef {import("../../e2e/harness/worker.js").RunningWorker} RunningWorker */
/** @typedef {{ name: string, title: string, folder: string }} Contender */

export const FLOOR = "bare";
export const OWN = "tillgate";

/** Folders below peers/, the floor first. */
const PEERS = {
  bare: "bare JavaScript, checks nothing",
  checked: "bare JavaScript, same checks",
  hono: "hono + oauth4webapi",
  badgateway: "@badgateway/oauth2-client",
  "simple-oauth2": "simple-oauth2",
  "worker-crate": "Rust with the worker crate",
};

const CLIENT_ID = "pos-bench";
const CLIENT_SECRET = "s3cr3t-of-the-benchmark";
export const KEY = "key-of-the-benchmark-0123456789abcdefghijklm";
const KEY_SHA256 = createHash("sha256").update(KEY).digest("hex");
const SOURCES = ["package.json", "package-lock.json", ".npmrc", "peers"];

/**
 * Builds the peer that is written in Rust, with the tools that build the worker.
 * @param {string} folder
 */
async function buildRustPeer(folder) {
  console.error("Building the peer that is written in Rust (a minute or two) ...");
  const args = ["build", folder, "--target", "web", "--release", "--mode", "no-install"];
  args.push("--no-pack", "--no-gitignore", "--out-dir", "dist", "--out-name", "worker_crate");
  const target = join(folder, "target");
  await runCargo("wasm-pack", [...args, "--", "--locked"], () => {}, {
    env: { CARGO_TARGET_DIR: target },
    timeoutSeconds: 1200,
  });
  rmSync(target, { recursive: true });
}

/**
 * The peers beside the packages they need, installed once for what they are made of.
 * @returns {Promise<string>} their folder
 */
async function installPeers() {
  const sources = SOURCES.map((name) => inRoot("tests", "bench", name));
  const folder = join(TOOLS, "bench", digest(sources).slice(0, 16));
  if (existsSync(folder)) return join(folder, "peers");
  const draft = `${folder}.${process.pid}`;
  rmSync(join(TOOLS, "bench"), { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const name of SOURCES)
    cpSync(inRoot("tests", "bench", name), join(draft, name), { recursive: true });
  await run("npm", ["ci", "--ignore-scripts", "--no-progress"], {
    cwd: draft,
    env: npmEnvironment(),
    timeoutSeconds: 600,
  });
  await buildRustPeer(join(draft, "peers", "worker-crate"));
  renameSync(draft, folder);
  return join(folder, "peers");
}

/**
 * @param {string[]} others folders of further builds of this worker, such as one of another commit: `name=folder`
 * @returns {Promise<Contender[]>} the floor first, then ours
 */
export async function contenders(others) {
  const folder = await installPeers();
  const [floor, ...peers] = Object.entries(PEERS).map(([name, title]) => ({
    name,
    title,
    folder: join(folder, name),
  }));
  const own = [`${OWN}=${inRoot("worker")}`, ...others].map((text) => {
    const [name = "", path = ""] = text.split("=");
    return { name, title: name, folder: path };
  });
  return floor === undefined ? own : [floor, ...own, ...peers];
}

/** The apps' names: `loyalty`, then `loyalty-1` and so on. @param {number} apps */
export const appNames = (apps) =>
  Array.from({ length: apps }, (_, index) => (index === 0 ? "loyalty" : `loyalty-${index}`));

/**
 * The variable TILLGATE: apps at one platform, a caller that may everything, and an app with any number of accounts.
 * @param {string} upstream
 * @param {number} apps
 */
function configuration(upstream, apps) {
  const loyalty = {
    platform: "clearline",
    environment: "test",
    client_id: CLIENT_ID,
    allow: ["GET,POST /pos/*/transaction"],
    endpoints: { token: `${upstream}/connect/token`, api: upstream },
  };
  const chain = {
    platform: "clopos",
    version: 1,
    client_id: CLIENT_ID,
    accounts: ["*"],
    allow: ["GET /**"],
    endpoints: { token: `${upstream}/open-api/auth`, api: `${upstream}/open-api` },
  };
  const own = Object.fromEntries(appNames(apps).map((name) => [name, loyalty]));
  const caller = { key_sha256: KEY_SHA256, apps: ["*"], can: ["api", "token", "admin"] };
  return { apps: { ...own, chain }, callers: { bench: caller } };
}

/**
 * Starts a contender.
 * @param {Contender} contender
 * @param {string} upstream
 * @param {number} [apps] in the configuration; of peers without one it changes nothing
 * @returns {Promise<RunningWorker>}
 */
export function startContender({ folder }, upstream, apps = 32) {
  const secrets = [...appNames(apps), "chain"].map((name) => [
    `${name.toUpperCase().replaceAll("-", "_")}_CLIENT_SECRET`,
    CLIENT_SECRET,
  ]);
  const isPeer = folder.includes("peers");
  return startWorker({
    worker: folder,
    config: isPeer ? undefined : configuration(upstream, apps),
    vars: { UPSTREAM: upstream, CLIENT_ID, KEY_SHA256 },
    secrets: {
      ...(isPeer ? { CLIENT_SECRET } : Object.fromEntries(secrets)),
      TILLGATE_SEAL_KEYS: `k1:${createHash("sha256").update("bench").digest("base64url")}`,
    },
  });
}

/**
 * What is uploaded of a contender, in bytes.
 * @param {Contender} contender
 */
export async function uploadSize({ folder }) {
  const { directory, modules } = await releasedWorker(folder);
  const files = readdirSync(directory).filter((name) => modules.includes(name));
  const contents = files.map((name) => readFileSync(join(directory, name)));
  return {
    raw: contents.reduce((sum, content) => sum + content.length, 0),
    gzip: contents.reduce((sum, content) => sum + gzipSync(content).length, 0),
  };
}
