// The flags that make the worker's module small, beyond the release profile of Cargo.toml. Its standard library is compiled
// with it, from the compiler's own sources: for size like all the rest, and without the texts of panics and the places
// where they happen. Nobody could read them, since the runtime has no standard error: a panic is a trap, and what becomes
// of one stands in worker/module.js.
//
// Most of these flags are not stable, and RUSTC_BOOTSTRAP makes a stable compiler take them. That is right here because
// they say how code is compiled and not what may stand in it: our code stays stable Rust, which clippy and the tests
// compile without it. The compiler is one that knows them, or building does not begin; and what it makes is what is tested.

import { run } from "./exec.js";
import { toolEnvironment } from "./paths.js";

/** The newest compiler with which all of this was tried. */
export const TRIED_COMPILER = "1.95.0";

/** For Cargo's command line. */
export const CARGO_FLAGS = [
  "-Zbuild-std=std,panic_abort",
  "-Zbuild-std-features=optimize_for_size",
  "-Zpanic-immediate-abort",
];

/** For the compiler. */
export const COMPILER_FLAGS = [
  "-Zunstable-options",
  "-Zlocation-detail=none",
  // The smaller of the two forms that the crate aes has.
  "--cfg=aes_compact",
  // Small functions go into their callers before LLVM sees them, as they do when compiled for speed.
  "-Zinline-mir=yes",
  // A function with one caller goes into it only if it is short: very long functions compress worse.
  "-Cllvm-args=--inline-instr-cost=40 --inline-call-penalty=200",
  // Every workerd has it: copies of 16 bytes in one instruction.
  "-Ctarget-feature=+simd128",
];

const BOOTSTRAP = { RUSTC_BOOTSTRAP: "1" };

/** The environment of the build. A panic ends at once there: it formats nothing and calls no hook. */
export const FLAGS_ENV = { ...BOOTSTRAP, CARGO_PROFILE_RELEASE_PANIC: "immediate-abort" };

/**
 * Lets Cargo and the compiler read the flags; nothing is compiled.
 * @throws {import("./exec.js").CommandError} one of them does not know a flag; its output says which
 */
export async function tryFlags() {
  const env = toolEnvironment(BOOTSTRAP);
  await run("cargo", ["locate-project", ...CARGO_FLAGS], { env });
  const panics = [...COMPILER_FLAGS, "-Cpanic=immediate-abort"];
  await run("rustc", [...panics, "--target", "wasm32-unknown-unknown", "--print", "sysroot"], {
    env,
  });
}
