/**
 * The wasm module in this isolate: starting it, giving it its configuration, and starting it anew after a trap.
 *
 * A trap in async Rust leaves its promise pending for ever and the instance unusable. The runtime reports it as a global
 * `error` event; every call under way is then rejected, and the next one finds a fresh instance.
 */

import * as wasm from "./dist/tillgate_worker.js";
import compiled from "./dist/tillgate_worker_bg.wasm";

export { wasm };

/** @type {Set<(reason: Error) => void>} what rejects the calls under way */
const underWay = new Set();
let started = false;
let trapped = false;
/** @type {{ request: string[], response: string[] } | undefined} */
let headerLists;

/** Header names that pass in each direction. */
export function lists() {
  headerLists ??= { request: wasm.requestHeaders(), response: wasm.responseHeaders() };
  return headerLists;
}

// The runtime has this event for every uncaught exception, the types do not.
/** @type {EventTarget} */ (/** @type {unknown} */ (globalThis)).addEventListener("error", trap);

function trap() {
  if (!started) return;
  trapped = true;
  for (const reject of underWay) reject(new Error("The module trapped."));
  underWay.clear();
}

/**
 * Runs something that calls the module, with a configured instance, and rejects if the module traps meanwhile.
 *
 * @template T
 * @param {import("./types").Env} env
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function guarded(env, run) {
  revive();
  if (!wasm.isConfigured()) await configure(env);
  /** @type {(reason: Error) => void} */
  let reject = () => {};
  const trapping = new Promise((_, fail) => {
    reject = fail;
  });
  underWay.add(reject);
  try {
    return /** @type {T} */ (await Promise.race([run(), trapping]));
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) trap();
    throw error;
  } finally {
    underWay.delete(reject);
  }
}

function revive() {
  if (!started) wasm.initSync({ module: compiled });
  started = true;
  if (trapped) wasm.reinit();
  trapped = false;
}

/** @param {import("./types").Env} env */
async function configure(env) {
  const variables = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith("TILLGATE")
      ? [name, typeof value === "string" ? value : JSON.stringify(value)]
      : [],
  );
  const names = wasm.secretNames(variables);
  const texts = await Promise.all(names.map((name) => secret(env[name])));
  const secrets = names.flatMap((name, index) =>
    texts[index] === undefined ? [] : [name, texts[index]],
  );
  if (wasm.isConfigured()) return;
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
