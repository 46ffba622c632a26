// The report that the browser package carries, pkg-js/dist/report.json: its files with their hashes, what its wasm
// module imports and exports, the crates linked into it, and a scan for words that have no business in it. Whoever
// doubts builds it again and compares. Building is not done here.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { outputOf, run } from "./exec.js";
import { inRoot, npmEnvironment } from "./paths.js";

const REPORT = "dist/report.json";

/**
 * What only code on the other side of the wall would say (secrets, token endpoints), and what would let a token
 * out or keep it (requests, storage that outlives the tab, code from text).
 */
export const FORBIDDEN_WORDS = [
  ...["client_secret", "clientSecret", "tillgate-core", "tillgate_core"],
  ...["oauth/token", "connect/token", "open-api", "client_credentials"],
  ...["fetch", "XMLHttpRequest", "sendBeacon", "WebSocket", "EventSource", "WebTransport"],
  ...["localStorage", "indexedDB", "document.cookie", "cookieStore", "eval(", "Function("],
];

/** @typedef {{ path: string, bytes: Buffer }} PackedFile */
/** @typedef {{ files: { path: string }[] }} Packed what npm says of a package */

/**
 * The files that `npm pack` takes, in its order.
 * @returns {Promise<PackedFile[]>}
 */
async function packedFiles() {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"];
  const { output } = await run("npm", args, { cwd: inRoot("pkg-js"), env: npmEnvironment() });
  // npm 12 answers with an object by package name, earlier ones with a list.
  const [packed] = /** @type {Packed[]} */ (Object.values(JSON.parse(output)));
  const files = packed?.files ?? [];
  if (files.length === 0) throw new Error("npm pack names no file of pkg-js");
  return files.map(({ path }) => ({ path, bytes: readFileSync(inRoot("pkg-js", path)) }));
}

/** The ways in which a word can stand in a file; the inlined module is hexadecimal. @param {string} word */
function spellings(word) {
  const bytes = Buffer.from(word);
  const percent = bytes.toString("hex").replaceAll(/../g, "%$&");
  return [word, bytes.toString("hex"), percent, ...base64Spellings(bytes)];
}

/**
 * The part of a word's base64 form that does not depend on what stands around it, at each of the three alignments.
 * @param {Buffer} bytes
 */
function base64Spellings(bytes) {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    const first = Math.ceil((shift * 8) / 6);
    return text.slice(first, Math.floor(((shift + bytes.length) * 8) / 6));
  });
}

/**
 * Where words stand in files, in any spelling.
 * @param {PackedFile[]} files
 * @param {string[]} words
 * @returns {{ path: string, word: string }[]}
 */
export function findWords(files, words) {
  return files.flatMap(({ path, bytes }) =>
    words
      .filter((word) => spellings(word).some((spelling) => bytes.includes(spelling)))
      .map((word) => ({ path, word })),
  );
}

/** The crates whose code is in the module: no build tools, no tests. */
async function linkedCrates() {
  const tree = await outputOf("cargo", [
    ...["tree", "--manifest-path", inRoot("pkg-js", "Cargo.toml"), "--locked"],
    ...["--target", "wasm32-unknown-unknown", "--edges", "normal,no-proc-macro"],
    ...["--prefix", "none", "--format", "{p}", "--no-dedupe"],
  ]);
  if (!tree) throw new Error("cargo tree says nothing about pkg-js");
  // Beside them stands what Cargo says of waiting for its locks.
  const lines = tree.split("\n").filter((line) => /^[\w-]+ v\d/.test(line));
  const crates = lines.map((line) => line.split(" ").slice(0, 2).join(" "));
  return [...new Set(crates)].sort();
}

/** @param {Buffer} bytes */
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * Writes the report.
 * @throws {Error} a forbidden word was found
 */
export async function writeBrowserReport() {
  const files = (await packedFiles()).filter(({ path }) => path !== REPORT);
  const found = findWords(files, FORBIDDEN_WORDS);
  const module = new WebAssembly.Module(readFileSync(inRoot("pkg-js/dist/tillgate_bg.wasm")));
  const report = {
    about: "What is in this package. npm run build in its repository makes the same bytes again.",
    version: JSON.parse(readFileSync(inRoot("pkg-js/package.json"), "utf8")).version,
    files: files.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
    wasm: {
      imports: WebAssembly.Module.imports(module),
      exports: WebAssembly.Module.exports(module),
    },
    crates: await linkedCrates(),
    scan: { words: FORBIDDEN_WORDS, found },
  };
  if (found.length > 0) {
    const places = found.map(({ path, word }) => `${path} holds ${word}`).join("\n");
    throw new Error(`forbidden words in the browser package:\n${places}`);
  }
  writeIfChanged(inRoot("pkg-js", REPORT), `${JSON.stringify(report, null, 2)}\n`);
}

/** At once, since packing may happen several times in parallel. @param {string} path @param {string} text */
function writeIfChanged(path, text) {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}
