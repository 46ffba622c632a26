// Builds worker/dist: the worker's wasm module, its glue, and the bill of materials. `node scripts/build-worker.js` does it
// alone; whether it is needed is build.js's question.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runCargo } from "./lib/cargo.js";
import { replaceFolder } from "./lib/draft.js";
import { orderFunctions } from "./lib/function-order.js";
import { countImports } from "./lib/import-names.js";
import { inRoot } from "./lib/paths.js";
import { reproducibleFlags } from "./lib/reproducible.js";
import { DELIVERABLES, SBOM, sbom } from "./lib/sbom.js";
import { CARGO_FLAGS, COMPILER_FLAGS, FLAGS_ENV } from "./lib/wasm-flags.js";

/** @param {string} folder */
const wasmPackArgs = (folder) =>
  [
    ["build", "worker", "--target", "web", "--release", "--mode", "no-install"],
    ["--no-pack", "--no-gitignore", "--out-dir", folder, "--out-name", "tillgate_worker"],
    ["--", "--locked", ...CARGO_FLAGS],
  ].flat();

/**
 * Builds worker/dist anew.
 * @param {(text: string) => void} report told how far it is
 */
export async function compileWorker(report) {
  const env = { ...(await reproducibleFlags(COMPILER_FLAGS)), ...FLAGS_ENV };
  await replaceFolder(inRoot("worker", "dist"), "worker", async (draft) => {
    await runCargo("wasm-pack", wasmPackArgs(draft), report, { env, timeoutSeconds: 1200 });
    const module = join(draft, "tillgate_worker_bg.wasm");
    report("order of functions");
    await orderFunctions(module);
    countImports(module, join(draft, "tillgate_worker.js"));
    writeFileSync(join(draft, SBOM), await sbom(DELIVERABLES.worker));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  await compileWorker((text) => console.error(text));
