// `npm start`: builds and packs, then runs the packed worker in workerd beside simulators of the three platforms and the
// demo shop, until Ctrl-C. `-- --clean` first empties what earlier runs kept; `-- --port N` and its like choose ports.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { browserStep, workerStep } from "./build.js";
import { developmentEnvironment, developmentKeys } from "./lib/development.js";
import { stopAllGroups } from "./lib/exec.js";
import { PACKED_WORKER, packStep } from "./lib/pack.js";
import { BROWSER_TARBALL, inRoot, STATE, toolEnvironment } from "./lib/paths.js";
import { choosePorts, requireFreePorts } from "./lib/ports.js";
import { Services } from "./lib/services.js";
import { duration, StepError, Steps, tail } from "./lib/steps.js";
import { BUILD_TOOLS } from "./lib/tools.js";
import { welcome } from "./lib/welcome.js";

/** @typedef {import("./lib/steps.js").Step} Step */
/** @typedef {import("./lib/ports.js").Ports} Ports */

const READY_SECONDS = 60;
const KEYS = join(STATE, "keys.json");
const ENVIRONMENT = join(STATE, "dev.env");

/** @param {string} name */
const logFile = (name) => join(STATE, "logs", `${name}.log`);

/** @returns {{ clean: boolean, portFlags: Record<string, string | undefined> }} */
function readArguments() {
  const port = { type: /** @type {const} */ ("string") };
  const { values } = parseArgs({
    options: {
      clean: { type: "boolean", default: false },
      port,
      "demo-port": port,
      "clopos-port": port,
      "clearline-port": port,
      "clover-port": port,
    },
  });
  const { clean, ...portFlags } = values;
  return { clean, portFlags };
}

/**
 * Writes what the worker is configured with. It is made anew each time, so that it never lags behind.
 * @param {Ports} ports
 * @param {boolean} clean
 * @returns {Step}
 */
function settingsStep(ports, clean) {
  return {
    title: "development settings",
    async run() {
      await requireFreePorts(ports);
      if (clean) rmSync(STATE, { recursive: true, force: true });
      mkdirSync(STATE, { recursive: true });
      const environment = developmentEnvironment(ports, developmentKeys(KEYS));
      writeFileSync(ENVIRONMENT, environment, { mode: 0o600 });
      return clean ? "emptied .tillgate, made new keys" : ".tillgate/dev.env";
    },
  };
}

/** @param {Services} services @param {Ports} ports @returns {Step} */
function simulatorsStep(services, { clopos, clearline, clover }) {
  const ports = { clopos, clearline, clover };
  return {
    title: "simulators",
    async run() {
      const flags = Object.entries(ports).flatMap(([name, port]) => [`--${name}`, `${port}`]);
      const args = [inRoot("tests", "simulators", "main.js"), ...flags];
      const simulators = services.start("the simulators", "node", args, {
        log: logFile("simulators"),
      });
      for (const port of Object.values(ports)) {
        const url = `http://127.0.0.1:${port}/__sim/counters`;
        await services.answering(simulators, url, { timeoutSeconds: READY_SECONDS });
      }
      return "Clopos, Clearline, Clover";
    },
  };
}

/** @param {Services} services @param {Ports} ports @returns {Step} */
function workerStepIn(services, { worker }) {
  return {
    title: "worker in workerd",
    advice: "look at .tillgate/logs/worker.log; npm start -- --clean starts from nothing.",
    async run() {
      const args = [
        ...["dev", ...PACKED_WORKER.args],
        ...["--env-file", ENVIRONMENT, "--persist-to", join(STATE, "state")],
        ...["--port", `${worker}`, "--inspector-port", "0"],
        ...["--local", "--show-interactive-dev-session=false"],
      ];
      const options = { log: logFile("worker"), cwd: PACKED_WORKER.cwd };
      const running = services.start("the worker", "wrangler", args, options);
      await services.answering(running, `http://127.0.0.1:${worker}/health`, {
        timeoutSeconds: READY_SECONDS,
        isReady: isHealthy,
      });
      return `http://localhost:${worker}`;
    },
  };
}

/** @param {Response} response */
async function isHealthy(response) {
  const { status } = await response.json();
  if (status === "ok") return true;
  throw new StepError(`the worker answers ${status}`, {
    detail: readFileSync(logFile("worker"), "utf8"),
  });
}

/** @param {Services} services @param {Ports} ports @returns {Step} */
function demoStep(services, ports) {
  return {
    title: "demo shop",
    advice: "look at .tillgate/logs/demo.log.",
    async run() {
      const env = toolEnvironment({
        TILLGATE_TARBALL: BROWSER_TARBALL,
        TILLGATE_URL: `http://localhost:${ports.worker}`,
        TILLGATE_API_KEY: developmentKeys(KEYS).apiKey,
        CLOVER_URL: `http://localhost:${ports.clover}`,
        CLOPOS_SIMULATOR: `http://localhost:${ports.clopos}`,
        CLEARLINE_SIMULATOR: `http://localhost:${ports.clearline}`,
        CLOVER_SIMULATOR: `http://localhost:${ports.clover}`,
      });
      const args = [inRoot("demo", "server.js"), "--port", `${ports.demo}`];
      const demo = services.start("the demo shop", "node", args, { log: logFile("demo"), env });
      await services.answering(demo, `http://127.0.0.1:${ports.demo}/`, {
        timeoutSeconds: READY_SECONDS,
      });
      return `http://localhost:${ports.demo}`;
    },
  };
}

/** @param {Steps} steps @param {Services} services */
function endCleanly(steps, services) {
  let ending = false;
  /** @param {number} code */
  const end = async (code) => {
    if (ending) return;
    ending = true;
    steps.close();
    await services.stop();
    await stopAllGroups();
    process.exit(code);
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      if (!ending) process.stdout.write("\nStopping …\n");
      end(0);
    });
  }
  // An npm that was killed outright cannot hand the signal on.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) {
    setInterval(() => process.ppid === parent || end(0), 1000).unref();
  }
  return end;
}

async function main() {
  const { clean, portFlags } = readArguments();
  const ports = choosePorts(portFlags, process.env);
  const total = BUILD_TOOLS.length + 7;
  const steps = new Steps("tillgate · start", total);
  let running = false;
  const services = new Services(({ name, log }) => {
    if (!running) return;
    steps.print(
      `${steps.paint.red(`${name} ended.`)} Its last lines:\n\n${tail(readFileSync(log, "utf8"))}`,
    );
    end(1);
  });
  const end = endCleanly(steps, services);
  try {
    await steps.step(settingsStep(ports, clean));
    await steps.inOrder([...BUILD_TOOLS, workerStep, browserStep, packStep]);
    await steps.step(simulatorsStep(services, ports));
    await steps.step(workerStepIn(services, ports));
    await steps.step(demoStep(services, ports));
  } catch {
    // The step has said what failed and what to do.
    await end(1);
    return;
  }
  running = true;
  steps.print(`\nReady after ${duration(steps.elapsed)}.`);
  steps.print(welcome(ports, developmentKeys(KEYS).apiKey, steps.paint));
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
