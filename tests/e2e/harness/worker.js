// Serves the released worker with plain workerd, for one test or many: own port, own storage, own configuration.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { releasedWorker } from "./artifact.js";
import { workerdConfig } from "./workerd-config.js";

/** The binary itself and not the script beside it, so that a signal reaches the server. @type {string} */
export const WORKERD = createRequire(import.meta.url)("workerd").default;
const READY_MS = 20_000;
const STOP_MS = 5000;

/**
 * @typedef {object} WorkerOptions
 * @property {unknown} [config] the variable TILLGATE; an object becomes a JSON variable, a string stays one
 * @property {Record<string, string>} [secrets] such as CAFE_CLIENT_SECRET and TILLGATE_SEAL_KEYS
 * @property {Record<string, string | undefined>} [stored] secrets behind bindings like those of a Secrets Store;
 *   undefined: the binding is there and its secret is not
 * @property {Record<string, unknown>} [vars] further variables, such as TILLGATE_APP_CAFE
 * @property {string} [persist] a folder for the Durable Objects' storage that outlives the worker; default: a new
 *   one, removed by `stop`
 * @property {number} [port] default: a free one
 * @property {string[]} [network] what the worker's requests may reach; default: private addresses, loopback among
 *   them, and nothing public
 * @property {string[]} [flags] compatibility flags beyond those of `wrangler.jsonc`
 * @property {string} [worker] the folder of the worker to serve; default: this project's
 */

/**
 * @typedef {object} RunningWorker
 * @property {string} url without a slash at its end
 * @property {number} port
 * @property {number} pid of workerd
 * @property {string} storage the folder of its Durable Objects
 * @property {() => string} logs what workerd has printed so far
 * @property {() => Promise<void>} stop ends it and removes what it left, except a `persist` folder
 * @property {() => Promise<void>} kill9 ends it as a crash would and leaves the storage as it is; `stop` then removes
 *   one that is not a `persist` folder
 */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {() => string} logs
 * @returns {Promise<number>} the port that workerd says it listens on
 */
export function listening(child, logs) {
  return new Promise((resolve, reject) => {
    /** @param {string} why */
    const fail = (why) => reject(new Error(`workerd ${why}\n${logs()}`));
    const deadline = setTimeout(fail, READY_MS, `was not ready within ${READY_MS} ms`);
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => fail(`ended with ${code ?? signal} before it was ready`));
    let events = "";
    const control = /** @type {import("node:stream").Readable} */ (child.stdio[3]);
    control.setEncoding("utf8").on("data", (text) => {
      events += text;
      for (const line of events.split("\n").slice(0, -1)) {
        const event = JSON.parse(line);
        if (event.event !== "listen") continue;
        clearTimeout(deadline);
        resolve(event.port);
      }
      events = events.slice(events.lastIndexOf("\n") + 1);
    });
  });
}

/**
 * @param {string} configuration the path of the file
 * @param {string} storage
 * @param {number} port
 */
function spawnWorkerd(configuration, storage, port) {
  const args = ["serve", configuration, "--experimental", "--control-fd=3"];
  args.push(`--socket-addr=http=127.0.0.1:${port}`, `--directory-path=storage=${storage}`);
  const child = spawn(WORKERD, args, {
    env: { PATH: process.env.PATH, TZ: "UTC" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  running.add(child);
  return child;
}

/** @param {import("node:child_process").ChildProcess} child @param {NodeJS.Signals} signal */
async function end(child, signal) {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    const killer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    child.kill(signal);
    await ended;
    clearTimeout(killer);
  }
  running.delete(child);
}

/**
 * Starts the worker and waits until it listens.
 * @param {WorkerOptions} [options]
 * @returns {Promise<RunningWorker>}
 */
export async function startWorker(options = {}) {
  const artifact = await releasedWorker(options.worker);
  const folder = mkdtempSync(join(tmpdir(), "tillgate-worker-"));
  const storage = options.persist ?? join(folder, "storage");
  mkdirSync(storage, { recursive: true });
  const variables = { ...options.vars, ...options.secrets };
  if (options.config !== undefined) variables.TILLGATE = options.config;
  // `embed` takes paths relative to the file, so it stands beside the modules, under a name of its own.
  const configuration = join(artifact.directory, `${folder.split("/").at(-1)}.capnp`);
  const { stored = {}, network = ["private"], flags = [] } = options;
  writeFileSync(configuration, workerdConfig(artifact, { variables, stored, network, flags }));

  const child = spawnWorkerd(configuration, storage, options.port ?? 0);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const logs = () => output;
  const removeFiles = () => {
    rmSync(configuration, { force: true });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await listening(child, logs);
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      pid: child.pid ?? 0,
      storage,
      logs,
      async stop() {
        await end(child, "SIGTERM");
        removeFiles();
      },
      async kill9() {
        await end(child, "SIGKILL");
        if (options.persist === undefined) rmSync(configuration, { force: true });
        else removeFiles();
      },
    };
  } catch (error) {
    await end(child, "SIGKILL");
    removeFiles();
    throw error;
  }
}
