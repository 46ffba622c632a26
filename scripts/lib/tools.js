// The steps that make a bare machine ready: npm packages, a C linker, Rust's wasm target and sources, the wasm tools,
// Chromium. Each looks at what is there first and does nothing if it suffices. What is built with them is not known here.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { aptInstall } from "./apt.js";
import { lockedVersion, runCargo } from "./cargo.js";
import { CommandError, outputOf, run } from "./exec.js";
import { inRoot, npmEnvironment, TOOLS } from "./paths.js";
import { StepError } from "./steps.js";
import { TRIED_COMPILER, tryFlags } from "./wasm-flags.js";

/** @typedef {import("./steps.js").Step} Step */

const WASM_PACK = "0.15.1";
const CARGO_DENY = "0.20.2";
const WASM_TARGET = "wasm32-unknown-unknown";

/**
 * The tools need not be fast, they need to be there soon: unoptimised, wasm-bindgen compiles in half the time and
 * takes 0.02 s instead of 0.01 s for a module like ours.
 */
const QUICK_PROFILE = {
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
};

/**
 * Whether `node_modules` holds what `package-lock.json` says, package by package.
 * @param {string} wantedText package-lock.json
 * @param {string} installedText the lock file that npm leaves in node_modules
 */
export function npmPackagesMatch(wantedText, installedText) {
  const wanted = JSON.parse(wantedText).packages;
  const installed = JSON.parse(installedText).packages;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    const found = installed[path];
    if (found === undefined) return optional === true;
    return found.version === version && found.integrity === integrity;
  });
}

/** @type {Step} */
export const npmPackages = {
  title: "npm packages",
  advice: "run npm ci yourself and look at what it says; it needs the npm registry.",
  async run(report) {
    const installed = inRoot("node_modules", ".package-lock.json");
    const wanted = readFileSync(inRoot("package-lock.json"), "utf8");
    if (existsSync(installed) && npmPackagesMatch(wanted, readFileSync(installed, "utf8"))) {
      return "up to date";
    }
    report("npm ci");
    await run("npm", ["ci", "--no-progress"], { env: npmEnvironment(), timeoutSeconds: 600 });
    return "installed";
  },
};

/** @type {Step} */
export const cLinker = {
  title: "C linker",
  advice: "install a C compiler (Debian: apt-get install gcc libc6-dev); Rust links with it.",
  async run(report) {
    if (await outputOf("cc", ["--version"])) return "present";
    await aptInstall(["gcc", "libc6-dev"], report);
    return "installed gcc";
  },
};

/** libFuzzer is C++. @type {Step} */
export const cxxCompiler = {
  title: "C++ compiler",
  advice: "install a C++ compiler (Debian: apt-get install g++); libFuzzer is compiled with it.",
  async run(report) {
    if (await outputOf("c++", ["--version"])) return "present";
    await aptInstall(["g++"], report);
    return "installed g++";
  },
};

/** @param {string[]} args */
async function rustup(args) {
  await run("rustup", args, { timeoutSeconds: 600 });
}

async function requireCargo() {
  if (await outputOf("cargo", ["--version"])) return;
  throw new StepError("cargo is not there", {
    advice: "install Rust with rustup (https://rustup.rs), open a new shell and start again.",
  });
}

/** @type {Step} */
export const rustTarget = {
  title: "Rust for wasm32",
  advice: `run rustup target add ${WASM_TARGET} yourself and look at what it says.`,
  async run() {
    await requireCargo();
    const sysroot = (await outputOf("rustc", ["--print", "sysroot"])) ?? "";
    if (existsSync(join(sysroot, "lib", "rustlib", WASM_TARGET, "lib"))) return "present";
    await rustup(["target", "add", WASM_TARGET]);
    return "added";
  },
};

async function requireFlags() {
  try {
    await tryFlags();
  } catch (error) {
    throw new StepError("Rust here does not know a flag that the worker is compiled with", {
      advice:
        `rustc ${TRIED_COMPILER} knows them all: rustup toolchain install ${TRIED_COMPILER}, then start again with ` +
        `RUSTUP_TOOLCHAIN=${TRIED_COMPILER} in the environment.`,
      detail: error instanceof CommandError ? error.output : String(error),
    });
  }
}

/** The worker is compiled together with its standard library; see wasm-flags.js. @type {Step} */
export const rustSource = {
  title: "Rust's standard library",
  advice: "run rustup component add rust-src yourself and look at what it says.",
  async run() {
    await requireCargo();
    await requireFlags();
    const sysroot = (await outputOf("rustc", ["--print", "sysroot"])) ?? "";
    if (existsSync(join(sysroot, "lib", "rustlib", "src", "rust", "library"))) return "present";
    await rustup(["component", "add", "rust-src"]);
    return "source added";
  },
};

/** @type {Step} */
export const rustComponents = {
  title: "rustfmt and clippy",
  advice: "run rustup component add rustfmt clippy yourself and look at what it says.",
  async run() {
    await requireCargo();
    const present = await Promise.all(
      ["fmt", "clippy"].map((name) => outputOf("cargo", [name, "--version"])),
    );
    if (present.every(Boolean)) return "present";
    await rustup(["component", "add", "rustfmt", "clippy"]);
    return "added";
  },
};

/**
 * Installs a crate's programs into .tools, unless they are there in this version. What is compiled is kept
 * until it is whole, so that an interrupted installation goes on where it was.
 * @param {string} crate
 * @param {string} program
 * @param {string} version
 * @param {string[]} flags
 * @param {(text: string) => void} report
 */
async function cargoInstall(crate, program, version, flags, report) {
  await requireCargo();
  const present = await outputOf(join(TOOLS, "bin", program), ["--version"]);
  if (present?.split(" ").at(-1) === version) return `${version} present`;
  const target = join(TOOLS, "target", crate);
  await runCargo(
    "cargo",
    ["install", crate, "--version", version, ...flags, "--root", TOOLS, "--force"],
    report,
    { env: { ...QUICK_PROFILE, CARGO_TARGET_DIR: target, RUSTFLAGS: "" }, timeoutSeconds: 1800 },
  );
  rmSync(target, { recursive: true, force: true });
  return `${version} installed`;
}

/** @type {Step} */
export const wasmPack = {
  title: "wasm-pack",
  advice: "start again: it goes on where it stopped. It needs the network and some 500 MB of disk.",
  run: (report) => cargoInstall("wasm-pack", "wasm-pack", WASM_PACK, ["--locked"], report),
};

/** The version of wasm-bindgen that the crates use: its command line tool must be exactly the same. */
function wasmBindgenVersion() {
  const version = lockedVersion(readFileSync(inRoot("Cargo.lock"), "utf8"), "wasm-bindgen");
  if (version !== undefined) return version;
  throw new StepError("Cargo.lock does not name wasm-bindgen", {
    advice: "restore Cargo.lock from the repository.",
  });
}

/** @type {Step} */
export const wasmBindgen = {
  title: "wasm-bindgen",
  advice: "start again: it goes on where it stopped. It needs the network and some 500 MB of disk.",
  run: (report) =>
    cargoInstall("wasm-bindgen-cli", "wasm-bindgen", wasmBindgenVersion(), [], report),
};

/** Without what looks advisories up, which needs the network and half of the crates. @type {Step} */
export const cargoDeny = {
  title: "cargo-deny",
  advice: "start again: it goes on where it stopped. It needs the network and some 500 MB of disk.",
  run: (report) =>
    cargoInstall(
      "cargo-deny",
      "cargo-deny",
      CARGO_DENY,
      ["--locked", "--no-default-features"],
      report,
    ),
};

const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The Chromium to test with: the one that CHROMIUM names, or the first on PATH. */
export async function findChromium() {
  const named = process.env.CHROMIUM;
  if (named) return named;
  const found = await Promise.all(
    CHROMIUM_NAMES.map((name) => outputOf("sh", ["-c", `command -v ${name}`])),
  );
  return found.find(Boolean);
}

/** @type {Step} */
export const chromium = {
  title: "Chromium",
  advice: "install Chromium yourself and set the environment variable CHROMIUM to its path.",
  async run(report) {
    const found = await findChromium();
    if (found && existsSync(found)) return found;
    if (process.env.CHROMIUM) {
      throw new StepError(`CHROMIUM names ${process.env.CHROMIUM}, which does not exist`);
    }
    await aptInstall(["chromium"], report);
    return "installed";
  },
};

/** What both builds need. @type {Step[]} */
export const BUILD_TOOLS = [npmPackages, cLinker, rustTarget, rustSource, wasmPack, wasmBindgen];
