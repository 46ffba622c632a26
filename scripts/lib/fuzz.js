// Builds and runs the fuzz targets of tests/fuzz, with libFuzzer's instrumentation on the stable compiler, and keeps their
// corpora. What must hold of an input is said in the targets, what they start from in tests/fuzz/seeds.js.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { seeds } from "../../tests/fuzz/seeds.js";
import { runCargo } from "./cargo.js";
import { outputOf, run } from "./exec.js";
import { inRoot, ROOT, toolEnvironment } from "./paths.js";

const FOLDER = inRoot("tests", "fuzz");
const TARGET_DIR = inRoot("target", "fuzz");
/** What long runs collect; deleting it loses what was not kept. */
const COLLECTED = join(TARGET_DIR, "collected");
const FINDINGS = join(TARGET_DIR, "findings");
/** What libFuzzer exits with when a target panicked. */
const PANICKED = 77;
/** A target with a mistake in it: it shows that mistakes are found. */
export const PLANTED = "planted";
/** Most bytes of one target's kept corpus: two dozen of them are to stay below 300 KB. */
export const MOST_KEPT_BYTES = 11_000;

/** What `cargo fuzz build --sanitizer none` sets: coverage for libFuzzer, and checks that release builds leave out. */
const FLAGS = [
  "--cfg=fuzzing",
  "-Cpasses=sancov-module",
  "-Cllvm-args=-sanitizer-coverage-level=4",
  "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
  "-Cllvm-args=-sanitizer-coverage-pc-table",
  "-Cllvm-args=-sanitizer-coverage-trace-compares",
  "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
  "-Cdebug-assertions",
  "-Ccodegen-units=1",
];

/** The names of all targets, the planted one included. */
export function targetNames() {
  const folders = [join(FOLDER, "targets"), join(FOLDER, "browser", "targets")];
  const files = folders.flatMap((folder) => readdirSync(folder));
  return files.map((name) => name.replace(/\.rs$/, "")).sort();
}

/** The machine's own target: with one named, build scripts are compiled without the instrumentation. */
async function hostTarget() {
  const version = (await outputOf("rustc", ["-vV"])) ?? "";
  const host = /^host: (\S+)$/m.exec(version)?.[1];
  if (host === undefined) throw new Error("rustc does not say what machine this is");
  return host;
}

/**
 * Builds all targets.
 * @param {(text: string) => void} report
 * @returns {Promise<string>} the folder that holds them
 */
export async function buildTargets(report) {
  const host = await hostTarget();
  const manifest = ["--manifest-path", join(FOLDER, "Cargo.toml")];
  const args = ["build", "--locked", "--workspace", "--release", "--target", host, ...manifest];
  const env = {
    CARGO_TARGET_DIR: TARGET_DIR,
    CARGO_ENCODED_RUSTFLAGS: FLAGS.join("\x1f"),
    RUSTFLAGS: "",
  };
  await runCargo("cargo", args, report, { env, timeoutSeconds: 1200 });
  return join(TARGET_DIR, host, "release");
}

/** @param {string} target */
const corpusFile = (target) => join(FOLDER, "corpus", `${target}.json`);

/**
 * The kept corpus of a target: inputs as texts, a character for each byte.
 * @param {string} target
 * @returns {Buffer[]}
 */
export function keptCorpus(target) {
  if (!existsSync(corpusFile(target))) return [];
  const texts = /** @type {string[]} */ (JSON.parse(readFileSync(corpusFile(target), "utf8")));
  return texts.map((text) => Buffer.from(text, "latin1"));
}

/**
 * Lays seeds and kept corpus out as files, which is how libFuzzer reads them.
 * @param {string} target
 */
function layOut(target) {
  mkdirSync(TARGET_DIR, { recursive: true });
  const folder = mkdtempSync(join(TARGET_DIR, `${target}-`));
  const inputs = [...seeds(target), ...keptCorpus(target)];
  for (const [index, input] of inputs.entries())
    writeFileSync(join(folder, String(index).padStart(5, "0")), input);
  return { folder, count: inputs.length };
}

/** @typedef {{ found: string | undefined, output: string, inputs: number }} Outcome */

/**
 * Replays what is kept of a target, then looks for more.
 * @param {string} programs the folder of the targets
 * @param {string} target
 * @param {number} seconds
 * @param {{ collect?: boolean, onLine?: (line: string) => void }} [options] `collect`: new inputs are written down
 * @returns {Promise<Outcome>} `found`: the input that broke a rule
 */
export async function fuzz(programs, target, seconds, { collect = false, onLine } = {}) {
  const { folder, count } = layOut(target);
  const collected = join(COLLECTED, target);
  const findings = join(FINDINGS, target);
  for (const path of [collected, findings]) mkdirSync(path, { recursive: true });
  const options = [`-max_total_time=${seconds}`, `-artifact_prefix=${findings}/`, "-timeout=10"];
  const more = ["-rss_limit_mb=1024", `-dict=${join(FOLDER, "words.dict")}`];
  try {
    const { code, output } = await run(
      join(programs, target),
      [...options, ...more, ...(collect ? [collected] : []), folder],
      {
        // libFuzzer's own frames say nothing: the panic names its place.
        env: toolEnvironment({ RUST_BACKTRACE: "0" }),
        check: false,
        timeoutSeconds: seconds + 120,
        onLine,
      },
    );
    return { found: finding(code, output), output, inputs: count };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {number} code @param {string} output */
function finding(code, output) {
  if (code === 0) return undefined;
  const path = /Test unit written to (\S+)/.exec(output)?.[1];
  return path ? relative(ROOT, path) : `none was written; exit code ${code}, not ${PANICKED}`;
}

/**
 * Keeps the smallest inputs that reach everything which seeds, kept corpus and collected inputs reach together.
 * @param {string} programs
 * @param {string} target
 * @returns {Promise<number>} how many inputs are kept
 */
export async function keep(programs, target) {
  const { folder } = layOut(target);
  const merged = mkdtempSync(join(TARGET_DIR, `${target}-merged-`));
  const collected = join(COLLECTED, target);
  mkdirSync(collected, { recursive: true });
  try {
    const args = ["-merge=1", "-max_len=1024", merged, folder, collected];
    await run(join(programs, target), args, { timeoutSeconds: 600 });
    return write(target, merged);
  } finally {
    for (const path of [folder, merged]) rmSync(path, { recursive: true, force: true });
  }
}

/** The shortest first, as many as fit; seeds are not kept a second time. @param {string} target @param {string} merged */
function write(target, merged) {
  const known = new Set(seeds(target).map((seed) => seed.toString("latin1")));
  const texts = readdirSync(merged)
    .map((name) => readFileSync(join(merged, name)).toString("latin1"))
    .filter((text) => text !== "" && !known.has(text))
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  let bytes = 0;
  const fitting = texts.filter((text) => {
    bytes += JSON.stringify(text).length + 4;
    return bytes <= MOST_KEPT_BYTES;
  });
  writeFileSync(corpusFile(target), `${JSON.stringify(fitting.sort(), null, 2)}\n`);
  return fitting.length;
}
