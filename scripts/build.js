// `npm run build`: both deliverables, the worker and the browser package, from a clean clone. Installs what it needs, skips
// what is up to date. How each is made is in build-worker.js and build-browser.js.

import { readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { buildBrowser } from "./build-browser.js";
import { compileWorker } from "./build-worker.js";
import { endOnSignals, outputOf } from "./lib/exec.js";
import { inRoot } from "./lib/paths.js";
import { keepFresh } from "./lib/stamp.js";
import { duration, Steps } from "./lib/steps.js";
import { BUILD_TOOLS } from "./lib/tools.js";

/** @typedef {import("./lib/steps.js").Step} Step */

/** What decides the worker's wasm module and its JavaScript glue. */
const WORKER_INPUTS = [
  ...["Cargo.toml", "Cargo.lock", "build.rs", "src", "package-lock.json"],
  ...["worker/Cargo.toml", "worker/build.rs", "worker/src", "worker/openapi.json"],
  ...[
    "scripts/build.js",
    "scripts/build-worker.js",
    "scripts/lib/draft.js",
    "scripts/lib/function-order.js",
    "scripts/lib/import-names.js",
    "scripts/lib/reproducible.js",
    "scripts/lib/sbom.js",
    "scripts/lib/similarity.js",
    "scripts/lib/wasm-flags.js",
    "worker/package.json",
  ],
].map((path) => inRoot(path));

/** The versions of the tools whose output depends on them. */
async function toolVersions() {
  const programs = ["rustc", "wasm-pack", "wasm-bindgen"];
  return (await Promise.all(programs.map((name) => outputOf(name, ["--version"])))).join("\n");
}

/**
 * Builds worker/dist with wasm-pack unless it is up to date.
 * @param {(text: string) => void} report
 * @returns {Promise<boolean>} whether it had to be built
 */
export async function buildWorker(report) {
  const product = {
    name: "worker",
    inputs: WORKER_INPUTS,
    versions: await toolVersions(),
    outputs: [inRoot("worker", "dist")],
  };
  return keepFresh(product, () => compileWorker(report));
}

/** Everything in pkg-js: the report that is built lists each file that is packed. */
function browserInputs() {
  const sources = readdirSync(inRoot("pkg-js")).filter(
    (name) => !/^(dist|target|.*\.tgz)$/.test(name),
  );
  const programs = ["build-browser.js", "build.js", "lib/browser-report.js"];
  const parts = ["lib/draft.js", "lib/import-names.js", "lib/reproducible.js", "lib/sbom.js"];
  const scripts = [...programs, ...parts];
  return [
    ...sources.map((name) => inRoot("pkg-js", name)),
    ...scripts.map((name) => inRoot("scripts", name)),
    inRoot("package-lock.json"),
  ];
}

/**
 * Builds pkg-js/dist unless it is up to date.
 * @param {(text: string) => void} report
 * @returns {Promise<boolean>} whether it had to be built
 */
export async function buildBrowserPackage(report) {
  const product = {
    name: "browser",
    inputs: browserInputs(),
    versions: await toolVersions(),
    outputs: [inRoot("pkg-js", "dist")],
  };
  return keepFresh(product, () => buildBrowser(report));
}

/** @type {Step} */
export const workerStep = {
  title: "worker",
  advice: "mend what the compiler says; npm test -- clippy shows it with its lints.",
  run: async (report) => ((await buildWorker(report)) ? "built worker/dist" : "up to date"),
};

/** @type {Step} */
export const browserStep = {
  title: "browser package",
  advice: "mend what the compiler says; npm test -- clippy shows it with its lints.",
  run: async (report) => ((await buildBrowserPackage(report)) ? "built pkg-js/dist" : "up to date"),
};

async function main() {
  const plan = [...BUILD_TOOLS, workerStep, browserStep];
  const steps = new Steps("tillgate · build", plan.length);
  endOnSignals(() => steps.close());
  try {
    await steps.inOrder(plan);
    steps.print(`\nBuilt in ${duration(steps.elapsed)}.`);
  } catch {
    // The step has said what failed and what to do.
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
