// The sections of `npm test`: what each runs, what it needs, how long it may take, and how its result is counted.
// In which order they run and how they are shown is in test.js.

import { join } from "node:path";
import { countCargoTests, runCargo } from "./cargo.js";
import { fuzzSection } from "./fuzz-section.js";
import { RULES, repositoryFiles } from "./hygiene.js";
import { leftoversSection } from "./leftovers.js";
import { runNodeTests } from "./node-tests.js";
import { LOGS } from "./paths.js";

/** @typedef {import("./cargo.js").Counts} Counts */
/** @typedef {Counts & { detail: string }} Result `detail`: what failed, and how */
/** @typedef {"rust" | "c++" | "wasm" | "build" | "cargo-deny" | "chromium" | "packages"} Need */
/** @typedef {(text: string) => void} Report */

/**
 * @typedef {object} Section
 * @property {string} name
 * @property {string} title
 * @property {Need[]} needs
 * @property {(report: Report) => Promise<Result>} run
 */

const MINUTE = 60;
const WASM = ["--target", "wasm32-unknown-unknown"];
const FUZZ = ["--manifest-path", "tests/fuzz/Cargo.toml", "--all"];
const PEER = ["--manifest-path", "tests/bench/peers/worker-crate/Cargo.toml"];
const BROWSER = ["--manifest-path", "pkg-js/Cargo.toml"];
const BIOME = ["ci", "--error-on-warnings", "--colors=off"];
const FMT = ["--check", "--", "--color=never"];
const LINTS = ["--", "-D", "warnings"];

/** @param {string} name */
const logFile = (name) => join(LOGS, `${name.replaceAll(/\W+/g, "-")}.log`);

/** @param {boolean} ok @param {string} detail @returns {Result} */
const oneCheck = (ok, detail) => ({
  passed: ok ? 1 : 0,
  failed: ok ? 0 : 1,
  skipped: 0,
  detail: ok ? "" : detail,
});

/**
 * A command that passes or fails as a whole.
 * @param {string} name
 * @param {string} title
 * @param {Need[]} needs
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env] on top of the project's
 * @returns {Section}
 */
function check(name, title, needs, command, args, env) {
  return {
    name,
    title,
    needs,
    async run(report) {
      const options = { env, timeoutSeconds: 15 * MINUTE, log: logFile(name), check: false };
      const { code, output, timedOut } = await runCargo(command, args, report, options);
      return oneCheck(code === 0 && !timedOut, output);
    },
  };
}

/**
 * A run of Cargo's whose tests are counted. One that runs no test at all has failed.
 * @param {string} name
 * @param {string} title
 * @param {Need[]} needs
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env] on top of the project's
 * @returns {Section}
 */
function cargoTests(name, title, needs, args, env) {
  return {
    name,
    title,
    needs,
    async run(report) {
      const { code, output } = await runCargo("cargo", ["test", "--locked", ...args], report, {
        env,
        timeoutSeconds: 20 * MINUTE,
        log: logFile(name),
        check: false,
      });
      const counts = countCargoTests(output);
      if (code === 0 && counts.passed > 0) return { ...counts, detail: "" };
      const detail = code === 0 ? "no test was run" : output;
      return { ...counts, failed: Math.max(counts.failed, 1), detail };
    },
  };
}

/**
 * @param {string} folder
 * @param {string} title
 * @param {Need[]} needs
 * @param {number} minutes
 * @returns {Section}
 */
function nodeTests(folder, title, needs, minutes) {
  const timeoutSeconds = minutes * MINUTE;
  return {
    name: folder,
    title,
    needs,
    run: (report) => runNodeTests(folder, report, { timeoutSeconds, log: logFile(folder) }),
  };
}

/** @type {Section} */
const hygiene = {
  name: "hygiene",
  title: "repository hygiene",
  needs: [],
  async run() {
    const files = await repositoryFiles();
    const broken = RULES.map(({ title, violations }) => ({
      title,
      found: violations(files),
    })).filter(({ found }) => found.length > 0);
    return {
      passed: RULES.length - broken.length,
      failed: broken.length,
      skipped: 0,
      detail: broken.map(({ title, found }) => `${title}:\n${found.join("\n")}`).join("\n\n"),
    };
  },
};

/** @type {Section[]} */
export const SECTIONS = [
  hygiene,
  check("biome", "JavaScript format and lints", [], "biome", BIOME),
  check("fmt", "Rust format", ["rust"], "cargo", ["fmt", "--all", ...FMT]),
  check("fmt pkg-js", "Rust format, browser", ["rust"], "cargo", ["fmt", ...BROWSER, ...FMT]),
  check("fmt fuzz", "Rust format, fuzz targets", ["rust"], "cargo", ["fmt", ...FUZZ, ...FMT]),
  check("fmt bench", "Rust format, benchmark", ["rust"], "cargo", ["fmt", ...PEER, ...FMT]),
  ...clippySections(),
  cargoTests("cargo test", "Rust tests", ["rust"], ["--workspace", "--no-fail-fast"]),
  cargoTests("cargo test pkg-js", "Rust tests, browser", ["rust"], [...BROWSER, "--no-fail-fast"]),
  cargoTests(
    "vectors wasm",
    "documented bytes, in wasm",
    ["wasm"],
    [...WASM, "--test", "vectors"],
    {
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: "wasm-bindgen-test-runner",
    },
  ),
  ...docSections(),
  fuzzSection(logFile("fuzz")),
  check("types", "JavaScript types", ["build"], "tsc", ["--project", "tsconfig.json"]),
  check("types worker", "JavaScript types, worker", ["build"], "tsc", ["--project", "worker"]),
  nodeTests("tests/scripts", "scripts", [], 5),
  nodeTests("tests/simulators", "simulators", [], 5),
  nodeTests("tests/wall", "the wall", ["build"], 10),
  nodeTests("tests/supply", "supply chain", ["build", "cargo-deny"], 5),
  nodeTests("tests/docs", "documentation", ["build"], 5),
  nodeTests("tests/browser", "browser package, Chromium", ["build", "chromium"], 10),
  nodeTests("tests/packages", "npm packages, everywhere", ["build", "chromium", "packages"], 10),
  nodeTests("tests/e2e", "workerd and Chromium", ["build", "chromium"], 20),
  // The last, since it looks at what all others left.
  leftoversSection,
];

/** @returns {Section[]} */
function clippySections() {
  const workspace = ["clippy", "--locked", "--workspace", "--all-targets", ...LINTS];
  const worker = ["clippy", "--locked", "--package", "tillgate-worker", ...WASM, ...LINTS];
  const browser = ["clippy", "--locked", ...BROWSER, "--all-targets", ...LINTS];
  const browserWasm = ["clippy", "--locked", ...BROWSER, ...WASM, ...LINTS];
  return [
    check("clippy", "Rust lints", ["rust"], "cargo", workspace),
    check("clippy wasm", "Rust lints, wasm", ["rust"], "cargo", worker),
    check("clippy pkg-js", "Rust lints, browser", ["rust"], "cargo", browser),
    check("clippy pkg-js wasm", "Rust lints, browser, wasm", ["rust"], "cargo", browserWasm),
  ];
}

/** @returns {Section[]} */
function docSections() {
  const env = { RUSTDOCFLAGS: "-D warnings" };
  const workspace = ["doc", "--locked", "--workspace", "--no-deps"];
  const browser = ["doc", "--locked", ...BROWSER, "--no-deps"];
  return [
    check("doc", "Rust documentation", ["rust"], "cargo", workspace, env),
    check("doc pkg-js", "Rust documentation, browser", ["rust"], "cargo", browser, env),
  ];
}
