// Puts a wasm module's functions in an order that compresses well: functions that resemble each other stand
// together. Which do is similarity.js's question.

import { readFileSync, writeFileSync } from "node:fs";
import { run } from "./exec.js";
import { bySimilarity } from "./similarity.js";

/** Sections and subsections that are read or written here (https://webassembly.github.io/spec/core/binary/modules.html). */
const CUSTOM = 0;
const CODE = 10;
const FUNCTION_NAMES = 1;
/** The magic number and the version. */
const HEADER_BYTES = 8;

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
