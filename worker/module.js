/**
 * The wasm module in this isolate: starting it, giving it its configuration, and starting it anew after a trap.
 *
 * It is started with the isolate, before there is a request to wait for it, unless there is no configuration yet or a secret
 * has to be asked of a store: both come with a request.
 *
 * A trap leaves the instance unusable. It is an exception for the caller, since nothing in the module is asynchronous. The
 * instance is thrown away, and the next call finds a fresh one with the same configuration: what was kept in it, copies
 * of tokens, can be had again.
 */

import { env as bindings } from "cloudflare:workers";

import * as wasm from "./dist/tillgate_worker.js";
import compiled from "./dist/tillgate_worker_bg.wasm";

/** @typedef {import("./types").Env} Env */

/** A binding that is named as if it were a variable. */
const RATE_LIMIT = "TILLGATE_RATE_LIMIT";
/** What a binding with a secret is called: the seal keys, or an app's. */
const SECRET = /^TILLGATE_SEAL_KEYS$|_CLIENT_SECRET$/;

/** Names and texts by turns, kept for the next instance. @type {{ variables: string[], secrets: string[] } | undefined} */
let configuration;
/** What is wrong with it, for the log; nobody hears what is said there before the first request. @type {string[]} */
let mistakes = [];
let trapped = false;
/** @type {{ request: string[], response: string[] } | undefined} */
let headerLists;

/** Whether {@link call} may be called. */
export function isReady() {
  return configuration !== undefined && mistakes.length === 0;
}

/**
 * Reads variables and secrets, once for an isolate. Those of a store are asked for here.
 *
 * @param {Env} env the request's
 */
export async function start(env) {
  if (configuration === undefined) {
    const variables = variableTexts(env);
    const names = wasm.secretNames(variables);
    const texts = await Promise.all(names.map((name) => secret(name, env[name])));
    configure(variables, byTurns(names, texts));
  }
  for (const line of mistakes.splice(0)) console.error(`tillgate configuration: ${line}`);
}

/**
 * Starts the module, and reads its configuration where that is all there: a deployment may hide its bindings from imports
 * (`disallow_importable_env`), and another worker around this one may hand in a configuration of its own.
 *
 * @param {Env} env
 */
function startAtOnce(env) {
  wasm.initSync({ module: compiled });
  const variables = variableTexts(env);
  const names = Object.keys(env).filter((name) => SECRET.test(name));
  const secrets = names.map((name) => env[name]);
  if (variables.length > 0 && secrets.every((secret) => typeof secret === "string"))
    configure(variables, byTurns(names, secrets));
}

/** Names and texts of the configuration's variables by turns. @param {Env} env */
function variableTexts(env) {
  return Object.entries(env).flatMap(([name, value]) =>
    name.startsWith("TILLGATE") && name !== RATE_LIMIT && !SECRET.test(name)
      ? [name, typeof value === "string" ? value : JSON.stringify(value)]
      : [],
  );
}

/** @param {string[]} names @param {(string | undefined)[]} texts those that there are are taken */
function byTurns(names, texts) {
  return names.flatMap((name, index) => {
    const text = texts[index];
    return text === undefined ? [] : [name, text];
  });
}

/** @param {string[]} variables @param {string[]} secrets */
function configure(variables, secrets) {
  if (configuration !== undefined) return;
  mistakes = wasm.configure(variables, secrets);
  configuration = { variables, secrets };
}

/**
 * A secret's text: a string, or a Secrets Store binding. A store that fails fails the request, and the next one asks it
 * again: a passing fault must not be taken for a mistake in the configuration, which stays until the isolate ends.
 *
 * @param {string} name
 * @param {unknown} binding
 * @returns {Promise<string | undefined>}
 */
async function secret(name, binding) {
  if (typeof binding === "string") return binding;
  const store = /** @type {{ get?: () => Promise<string> } | undefined} */ (binding);
  if (store?.get === undefined) return undefined;
  try {
    return await store.get();
  } catch (error) {
    report(`reading the secret ${name} from its store`, error);
    throw error;
  }
}

/**
 * Calls the module, in an instance that works. Rust throws nothing: an exception has cut it off in the middle of
 * something, a trap, a stack overflow or a failure of what it called, and what is left of that instance is not used again.
 *
 * @template T
 * @param {() => T} run calls one of the module's functions
 * @returns {T}
 */
export function call(run) {
  if (trapped && configuration !== undefined) revive(configuration);
  try {
    return run();
  } catch (error) {
    trapped = true;
    throw error;
  }
}

/** @param {{ variables: string[], secrets: string[] }} configuration */
function revive({ variables, secrets }) {
  wasm.reinit();
  // The next call makes the new instance, but only after its arguments were copied into the old one's memory. So it
  // is one without arguments.
  wasm.isConfigured();
  wasm.configure(variables, secrets);
  trapped = false;
}

/** Header names that pass in each direction. */
export function lists() {
  headerLists ??= call(() => ({
    request: wasm.requestHeaders(),
    response: wasm.responseHeaders(),
  }));
  return headerLists;
}

/**
 * Tells what went wrong in a line for the log, without a word that a platform or a caller wrote.
 *
 * @param {string} what was being done
 * @param {unknown} error
 */
export function report(what, error) {
  console.error(`${what} failed: ${error instanceof Error ? error.name : "unknown"}`);
}

try {
  startAtOnce(/** @type {Env} */ (bindings));
} catch (error) {
  // An exception here would keep the isolate from starting. The first request tries again, and is answered if it fails.
  report("starting", error);
}
