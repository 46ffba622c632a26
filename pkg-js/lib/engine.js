// Starts the WebAssembly module on first use, once per page. Where its bytes come from is the caller's choice.

import * as glue from "../dist/tillgate_bg.js";
import { TillgateError } from "./errors.js";

/** @typedef {typeof glue} Engine */
/** @typedef {() => WebAssembly.Module} Compile */

let started = false;

/**
 * @param {Compile} compile
 * @returns {Engine}
 * @throws {TillgateError} `wasm_blocked`
 */
export function engine(compile) {
  if (started) return glue;
  const { exports } = instantiate(compile);
  glue.__wbg_set_wasm(exports);
  /** @type {() => void} */ (exports.__wbindgen_start)();
  started = true;
  return glue;
}

/** @param {Compile} compile */
function instantiate(compile) {
  try {
    return new WebAssembly.Instance(compile(), { "./tillgate_bg.js": glue });
  } catch (cause) {
    throw new TillgateError(
      "wasm_blocked",
      "This page may not run WebAssembly. If it has a Content-Security-Policy, add 'wasm-unsafe-eval' to its script-src.",
      { cause },
    );
  }
}
