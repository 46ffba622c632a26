// Compiler flags that keep this machine's paths out of what is built: same source, same bytes, in any folder.

import { homedir } from "node:os";
import { join } from "node:path";
import { outputOf } from "./exec.js";
import { ROOT } from "./paths.js";

/**
 * Each path of this machine that could end up in a panic message, and what stands there instead.
 * @returns {Promise<[string, string][]>}
 */
async function remappedPaths() {
  const sysroot = (await outputOf("rustc", ["--print", "sysroot"])) ?? "";
  const commit = /^commit-hash: (\w+)$/m.exec((await outputOf("rustc", ["-vV"])) ?? "")?.[1];
  return [
    [process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "/cargo"],
    // The standard library names its own sources so, except where the component rust-src is installed.
    [join(sysroot, "lib", "rustlib", "src", "rust"), `/rustc/${commit}`],
    [ROOT, "/tillgate"],
  ];
}

/**
 * The environment for a release build. It replaces whatever flags the builder has set.
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function reproducibleFlags() {
  const flags = (await remappedPaths()).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  // Separated so, a path may hold spaces.
  return { CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f"), RUSTFLAGS: "" };
}
