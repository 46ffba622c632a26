// What must hold for every file of the repository, whatever its language: no machine's paths, no unfinished marks,
// no overlong files, lock files that name no download address. Formatting and lints are other tools' work.

import { readFileSync } from "node:fs";
import { lockedVersion } from "./cargo.js";
import { run } from "./exec.js";
import { inRoot } from "./paths.js";

export const MAX_LINES = 500;

/** @typedef {{ path: string, text: string }} File */
/** @typedef {{ title: string, violations: (files: File[]) => string[] }} Rule */

const CODE = /\.(rs|js|mjs|ts|css|html|sh)$/;
/** Foreign text: documented bytes and hostile input may hold anything. */
const DATA = /^tests\/vectors\/|(^|\/)corpus\//;

/**
 * The places where a pattern occurs, as `path:line: text`.
 * @param {File[]} files
 * @param {RegExp} pattern
 */
function occurrences(files, pattern) {
  return files.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
}

/** @param {File[]} files */
const written = (files) =>
  files.filter(({ path }) => !DATA.test(path) && !path.endsWith("package-lock.json"));

/** Sources other than the one index that every Cargo.lock may name. @param {File} lock */
function foreignSources({ path, text }) {
  const index = 'source = "registry+https://github.com/rust-lang/crates.io-index"';
  return text
    .split("\n")
    .filter((line) => line.startsWith("source = ") && line !== index)
    .map((line) => `${path}: ${line}`);
}

/** @param {File[]} files @param {string} name */
const named = (files, name) => files.filter(({ path }) => path.split("/").at(-1) === name);

/** @type {Rule[]} */
export const RULES = [
  {
    title: "no path of someone's machine",
    violations: (files) =>
      occurrences(written(files), /(?<![\w.}*~-])\/(?:work|root|home|Users|tmp)\/[\w.]/),
  },
  {
    title: "no unfinished marks",
    violations: (files) => occurrences(written(files), /\b(?:TO{1}DO|FIX{1}ME|X{3}|HAC{1}K)\b/),
  },
  {
    title: `no code file longer than ${MAX_LINES} lines`,
    violations: (files) =>
      files
        .filter(({ path }) => CODE.test(path))
        .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
        .filter(({ lines }) => lines > MAX_LINES)
        .map(({ path, lines }) => `${path}: ${lines} lines`),
  },
  {
    title: "npm lock files name no download address",
    violations: (files) => occurrences(named(files, "package-lock.json"), /"resolved"\s*:/),
  },
  {
    title: "npm and Cargo settings name no registry",
    violations: (files) =>
      occurrences(
        files.filter(({ path }) => /(^|\/)\.npmrc$|(^|\/)\.cargo\/config(\.toml)?$/.test(path)),
        /registry\s*=|replace-with/,
      ),
  },
  {
    title: "Cargo lock files name one source",
    violations: (files) => named(files, "Cargo.lock").flatMap(foreignSources),
  },
  {
    title: "every Cargo.lock pins the same wasm-bindgen",
    violations(files) {
      const pins = named(files, "Cargo.lock")
        .map(({ path, text }) => ({ path, version: lockedVersion(text, "wasm-bindgen") }))
        .filter(({ version }) => version !== undefined);
      const versions = new Set(pins.map(({ version }) => version));
      return versions.size === 1 ? [] : pins.map(({ path, version }) => `${path}: ${version}`);
    },
  },
];

/** The text files that git tracks or would track. @returns {Promise<File[]>} */
export async function repositoryFiles() {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const { output } = await run("git", list);
  const { output: deleted } = await run("git", ["ls-files", "-z", "--deleted"]);
  const gone = new Set(deleted.split("\0"));
  return output
    .split("\0")
    .filter((path) => path !== "" && !gone.has(path))
    .map((path) => ({ path, text: readFileSync(inRoot(path), "latin1") }))
    .filter(({ text }) => !text.includes("\0"));
}
