// Compiler flags that keep this machine's paths out of what is built: same source, same bytes, in any folder.

import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { outputOf } from "./exec.js";
import { ROOT } from "./paths.js";

/**
 * Each path of this machine that could end up in a panic message, and what stands there instead.
 * @returns {Promise<[string, string][]>}
 */
async function remappedPaths() {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const sysroot = (await outputOf("rustc", ["--print", "sysroot"])) ?? "";
  const commit = /^commit-hash: (\w+)$/m.exec((await outputOf("rustc", ["-vV"])) ?? "")?.[1];
  return [
    [cargoHome, "/cargo"],
    ...unpackedCrates(cargoHome),
    // The standard library names its own sources so, except where the component rust-src is installed.
    [join(sysroot, "lib", "rustlib", "src", "rust"), `/rustc/${commit}`],
    [ROOT, "/tillgate"],
  ];
}

/**
 * Where crates are unpacked: a folder for each registry, whose name is that of the registry's host.
 * @param {string} cargoHome
 * @returns {[string, string][]}
 */
function unpackedCrates(cargoHome) {
  const folder = join(cargoHome, "registry", "src");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => [join(folder, name), "/cargo"]);
}

/**
 * The environment for a release build. It replaces whatever flags the builder has set.
 * @param {string[]} [more] further flags for the compiler
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function reproducibleFlags(more = []) {
  const remaps = (await remappedPaths()).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  // Separated so, a path may hold spaces.
  return { CARGO_ENCODED_RUSTFLAGS: [...remaps, ...more].join("\x1f"), RUSTFLAGS: "" };
}
