/**
 * The wasm module in this isolate: starting it, giving it its configuration, and starting it anew after a trap.
 *
 * A trap leaves the instance unusable. In synchronous Rust it is an exception; in asynchronous Rust the promise stays
 * pending for ever and only the global `error` event tells. Either way the instance is thrown away, and the next call
 * finds a fresh one with the same configuration: what was kept in it, copies of tokens, can be had again.
 */

import * as wasm from "./dist/tillgate_worker.js";
import compiled from "./dist/tillgate_worker_bg.wasm";

/** Names and texts by turns, kept for the next instance. @type {{ variables: string[], secrets: string[] } | undefined} */
let configuration;
let trapped = false;
/** @type {Set<(reason: Error) => void>} what rejects the asynchronous calls under way */
const underWay = new Set();
/** @type {{ request: string[], response: string[] } | undefined} */
let headerLists;

// The runtime has this event for every uncaught exception, the types do not.
/** @type {EventTarget} */ (/** @type {unknown} */ (globalThis)).addEventListener("error", trap);

/** Whether {@link live} may be called. */
export function isReady() {
  return configuration !== undefined;
}

/**
 * Reads variables and secrets, once for an isolate.
 *
 * @param {import("./types").Env} env
 */
export async function start(env) {
  if (configuration !== undefined) return;
  wasm.initSync({ module: compiled });
  const variables = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith("TILLGATE")
      ? [name, typeof value === "string" ? value : JSON.stringify(value)]
      : [],
  );
  const names = wasm.secretNames(variables);
  const texts = await Promise.all(names.map((name) => secret(env[name])));
  const secrets = names.flatMap((name, index) => {
    const text = texts[index];
    return text === undefined ? [] : [name, text];
  });
  if (configuration !== undefined) return;
  configuration = { variables, secrets };
  for (const line of wasm.configure(variables, secrets))
    console.error(`tillgate configuration: ${line}`);
}

/**
 * A secret's text: a string, or a Secrets Store binding.
 *
 * @param {unknown} binding
 * @returns {Promise<string | undefined>}
 */
async function secret(binding) {
  if (typeof binding === "string") return binding;
  const store = /** @type {{ get?: () => Promise<string> } | undefined} */ (binding);
  return store?.get === undefined ? undefined : store.get();
}

/** The module, in an instance that works. Get it anew for every call: the one before may have trapped since. */
export function live() {
  if (trapped && configuration !== undefined) {
    trapped = false;
    wasm.reinit();
    wasm.configure(configuration.variables, configuration.secrets);
  }
  return wasm;
}

/** Header names that pass in each direction. */
export function lists() {
  headerLists ??= { request: live().requestHeaders(), response: live().responseHeaders() };
  return headerLists;
}

/**
 * Waits for an asynchronous call of the module, and rejects if the module traps meanwhile.
 *
 * @template T
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function guarded(run) {
  /** @type {(reason: Error) => void} */
  let reject = () => {};
  const trapping = new Promise((_, fail) => {
    reject = fail;
  });
  underWay.add(reject);
  try {
    return /** @type {T} */ (await Promise.race([run(), trapping]));
  } finally {
    underWay.delete(reject);
  }
}

/**
 * Tells what went wrong in a line for the log, without a word that a platform or a caller wrote, and notes a trap.
 *
 * @param {string} what was being done
 * @param {unknown} error
 */
export function report(what, error) {
  if (error instanceof WebAssembly.RuntimeError) trap();
  console.error(`${what} failed: ${error instanceof Error ? error.name : "unknown"}`);
}

function trap() {
  trapped = true;
  for (const reject of underWay) reject(new Error("The module trapped."));
  underWay.clear();
}
