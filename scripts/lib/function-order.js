// Puts a wasm module's functions in an order that compresses well: gzip looks back 32 KB for what it has seen, so functions
// that resemble each other stand together. What they do is not known here.

import { readFileSync, writeFileSync } from "node:fs";
import { run } from "./exec.js";

/** Sections and subsections that are read or written here (https://webassembly.github.io/spec/core/binary/modules.html). */
const CUSTOM = 0;
const CODE = 10;
const FUNCTION_NAMES = 1;
/** The magic number and the version. */
const HEADER_BYTES = 8;

/** Functions resemble each other by runs of so many bytes that both have. */
const RUN_BYTES = 5;
/** A run that more functions have than this says nothing. */
const MOST_HOLDERS = 400;
/** So many of the last functions decide which one follows. */
const LOOK_BACK = 3;
/** Keeps short functions, of which little can be alike, from always coming first. */
const SHORT = 60;

/** What is written is as short as wasm-pack's wasm-opt has left it, and no name is kept. */
const REORDERING = ["--reorder-functions-by-name"].concat([
  "--generate-stack-ir",
  "--optimize-stack-ir",
  "--optimize-level=2",
  "--shrink-level=2",
]);

/**
 * Orders the functions of a module anew, in place.
 * @param {string} path
 */
export async function orderFunctions(path) {
  const module = readFileSync(path);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(module));
  const first = imports.filter(({ kind }) => kind === "function").length;
  const places = invert(bySimilarity(functionBodies(module)));
  writeFileSync(path, Buffer.concat([module, nameSection(places, first)]));
  await run("wasm-opt", [path, ...REORDERING, "-o", path]);
}

/** @param {Buffer} module @returns {Buffer[]} */
function functionBodies(module) {
  let at = HEADER_BYTES;
  while (module[at] !== CODE) {
    const [size, start] = number(module, at + 1);
    at = start + size;
  }
  const [count, first] = number(module, number(module, at + 1)[1]);
  at = first;
  return Array.from({ length: count }, () => {
    const [size, start] = number(module, at);
    at = start + size;
    return module.subarray(start, at);
  });
}

/** Reads an unsigned LEB128. @param {Buffer} bytes @param {number} at @returns {[value: number, end: number]} */
function number(bytes, at) {
  const byte = bytes.readUInt8(at);
  if (byte < 0x80) return [byte, at + 1];
  const [rest, end] = number(bytes, at + 1);
  return [rest * 0x80 + byte - 0x80, end];
}

/** Writes one. @param {number} value @returns {number[]} */
const leb = (value) =>
  value < 0x80 ? [value] : [0x80 | (value & 0x7f), ...leb(Math.floor(value / 0x80))];

/**
 * A custom section that names each function by its place, so that wasm-opt sorts them.
 * @param {number[]} places
 * @param {number} first index of a function that is not imported
 */
function nameSection(places, first) {
  const names = places.flatMap((place, index) => [
    ...leb(first + index),
    ...text(String(place).padStart(6, "0")),
  ]);
  const map = [...leb(places.length), ...names];
  const content = [...text("name"), FUNCTION_NAMES, ...leb(map.length), ...map];
  return Buffer.from([CUSTOM, ...leb(content.length), ...content]);
}

/** @param {string} ascii */
const text = (ascii) => [...leb(ascii.length), ...Buffer.from(ascii)];

/** @param {number[]} order */
function invert(order) {
  /** @type {number[]} */
  const places = Array(order.length);
  for (const [place, index] of order.entries()) places[index] = place;
  return places;
}

/**
 * An order in which each function is the most similar to those just before it.
 * @param {Buffer[]} bodies
 * @returns {number[]} their indices
 */
export function bySimilarity(bodies) {
  const runs = bodies.map(runsOf);
  const holders = holdersOf(runs);
  const left = new Set(bodies.keys());
  /** @type {number[]} */
  const order = [];
  for (;;) {
    const next = mostSimilar(order.slice(-LOOK_BACK), left, runs, holders) ?? [...left][0];
    if (next === undefined) return order;
    order.push(next);
    left.delete(next);
  }
}

/** @param {Buffer} body */
function runsOf(body) {
  /** @type {Set<number>} */
  const runs = new Set();
  for (let at = 0; at + RUN_BYTES <= body.length; at += 1) runs.add(body.readUIntBE(at, RUN_BYTES));
  return runs;
}

/** Which functions have each run. @param {Set<number>[]} runs @returns {Map<number, number[]>} */
function holdersOf(runs) {
  /** @type {Map<number, number[]>} */
  const holders = new Map();
  for (const [index, set] of runs.entries()) {
    for (const run of set) {
      const list = holders.get(run);
      if (list === undefined) holders.set(run, [index]);
      else list.push(index);
    }
  }
  return holders;
}

/**
 * @param {number[]} last the last one weighs most
 * @param {Set<number>} left
 * @param {Set<number>[]} runs
 * @param {Map<number, number[]>} holders
 * @returns {number | undefined} none resembles them
 */
function mostSimilar(last, left, runs, holders) {
  /** @type {Map<number, number>} */
  const shared = new Map();
  for (const [age, index] of last.reverse().entries()) {
    for (const run of runs[index] ?? []) {
      const list = holders.get(run) ?? [];
      if (list.length > MOST_HOLDERS) continue;
      for (const other of list)
        if (left.has(other)) shared.set(other, (shared.get(other) ?? 0) + 1 / (1 + age));
    }
  }
  let [best, most] = [/** @type {number | undefined} */ (undefined), 0];
  for (const [index, weight] of shared) {
    const share = weight / ((runs[index]?.size ?? 0) + SHORT);
    if (share > most) [best, most] = [index, share];
  }
  return best;
}
