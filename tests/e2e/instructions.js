// Counts what a wasm module executes: binaryen puts a call in front of every branch target, loop and return, every access
// to a local and every access to memory, and here those calls are counted and told apart. Which values there are is not
// looked at, only which instructions were reached, how often, and in which order.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inRoot } from "../../scripts/lib/paths.js";

/** @typedef {{ count: number, order: number }} Executed how many instructions, and a number that depends on which and when */

const PASSES = ["--log-execution", "--instrument-locals", "--instrument-memory"];
/** What the passes import; everything else is what the module itself needs. */
const PROBE = /^(log_execution|(get|set)_\w+|load_\w+|store_\w+|memory_grow_\w+)$/;

/** Counts what is done with vectors, which JavaScript cannot be called with. */
const VECTORS = `(module
  (import "counter" "probe" (func $probe (param i32)))
  (func (export "get_v128") (export "set_v128") (param i32 i32 v128) (result v128)
    (call $probe (local.get 0))
    (local.get 2)))`;

/**
 * The module, compiled with these passes.
 * @param {string | Buffer} source the module as text or bytes
 * @param {string[]} passes
 */
function compiled(source, passes) {
  const folder = mkdtempSync(join(tmpdir(), "tillgate-instructions-"));
  try {
    const [from, to] = [join(folder, "from"), join(folder, "to.wasm")];
    writeFileSync(from, source);
    const options = ["--enable-simd", ...passes, from, "-o", to];
    execFileSync(inRoot("node_modules", ".bin", "wasm-opt"), options);
    return new WebAssembly.Module(readFileSync(to));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export class Counter {
  #count = 0;
  #order = 0;
  /** @type {WebAssembly.Exports} */
  #vectors;

  /** @param {string | Buffer} source */
  constructor(source) {
    this.module = compiled(source, PASSES);
    const imports = WebAssembly.Module.imports(this.module);
    this.probes = imports.filter(({ name }) => PROBE.test(name));
    const counter = { probe: this.#probe };
    this.#vectors = new WebAssembly.Instance(compiled(VECTORS, ["-O1"]), { counter }).exports;
  }

  /**
   * The module's imports together with those that count.
   * @param {WebAssembly.Imports} [imports]
   */
  imports(imports = {}) {
    const all = { ...imports };
    for (const { module, name } of this.probes)
      all[module] = { ...all[module], [name]: this.#vectors[name] ?? this.#probe };
    return all;
  }

  /** The first number says which instruction it is, the last is what the instruction goes on with. @param {number[]} values */
  #probe = (...values) => {
    this.#count += 1;
    this.#order = (Math.imul(this.#order, 31) + (values[0] ?? 0)) | 0;
    return values.at(-1);
  };

  /** What is executed meanwhile. @param {() => unknown} run @returns {Executed} */
  during(run) {
    this.#count = 0;
    this.#order = 0;
    run();
    return { count: this.#count, order: this.#order };
  }
}

/** The module that is deployed, counted, with its glue. It has no configuration yet. */
export async function deployed() {
  const glue = await import(pathToFileURL(inRoot("worker", "dist", "tillgate_worker.js")).href);
  const bytes = readFileSync(inRoot("worker", "dist", "tillgate_worker_bg.wasm"));
  const counter = new Counter(bytes);
  const { Instance } = WebAssembly;
  // The glue makes the instance by itself and has no room for imports that it does not know.
  WebAssembly.Instance = class extends Instance {
    /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
    constructor(module, imports) {
      super(module, counter.imports(imports));
    }
  };
  let exports;
  try {
    exports = glue.initSync({ module: counter.module });
  } finally {
    WebAssembly.Instance = Instance;
  }
  return { glue, exports, counter };
}
