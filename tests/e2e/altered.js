// A copy of the released worker that a test can bend: its wasm module traps on demand, and its clock can be moved. The
// module's code is the released one; only the glue around it is changed, where Rust calls out and where time comes in.

import { randomUUID } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { inRoot } from "../../scripts/lib/paths.js";
import { digest } from "../../scripts/lib/stamp.js";

/**
 * @typedef {object} Trap
 * @property {string} at where Rust calls out: the name of an import without `__wbg_` and its hash, such as `put`; with
 *   `try ` before it for one whose exceptions Rust takes as values, such as `try get` for a request's header; or
 *   `flightSent`, where a platform's answer comes in
 * @property {"unreachable" | "overflow"} kind `unreachable` is what a panic ends in
 * @property {number} [turn] at which decision about the request the trap is armed, for the whole isolate: 0, the
 *   default, is the first, 1 the one after the vault was asked
 * @property {number} [skip] how many times that place is then passed unharmed
 * @property {number} [times] how often it happens, once by default
 */

/** A module with two functions: one is `unreachable`, the other calls itself for ever. */
const TRAPS = Buffer.concat([
  Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]),
  Buffer.from([0x01, 0x04, 0x01, 0x60, 0x00, 0x00]),
  Buffer.from([0x03, 0x03, 0x02, 0x00, 0x00]),
  Buffer.from([0x07, 0x1a, 0x02]),
  Buffer.from("\x0bunreachable\x00\x00\x08overflow\x00\x01", "latin1"),
  Buffer.from([0x0a, 0x0a, 0x02, 0x03, 0x00, 0x00, 0x0b, 0x04, 0x00, 0x10, 0x01, 0x0b]),
]);

/** Goes before the glue: traps are armed and the clock is moved by headers of a request. */
const PRELUDE = `
import traps from "./traps.wasm";
let armed, ends;
const turns = new Map();
function arm(headers) {
  const text = headers.get("x-test-trap");
  if (text === null) return;
  const turn = turns.get(text) ?? 0;
  turns.set(text, turn + 1);
  const trap = { skip: 0, turn: 0, times: 1, ...JSON.parse(text) };
  if (trap.turn === turn) armed = trap;
}
let offset = 0, stopped;
globalThis.testNow = (headers) => {
  const text = headers?.get("x-test-clock") ?? null;
  if (text !== null) {
    const [seconds, stands] = text.split(" ");
    offset = 1000 * Number(seconds);
    stopped = stands === undefined ? undefined : (stopped ?? Date.now());
  }
  return (stopped ?? Date.now()) + offset;
};
function pass(place) {
  if (armed === undefined || armed.at !== place || armed.skip-- > 0) return;
  const { kind } = armed;
  armed.times -= 1;
  if (armed.times <= 0) armed = undefined;
  ends ??= new WebAssembly.Instance(traps).exports;
  ends[kind]();
}
`;

/**
 * The header that arms a trap, once.
 * @param {Trap} trap
 */
export function trapHeader(trap) {
  return { "x-test-trap": JSON.stringify({ ...trap, id: randomUUID() }) };
}

/**
 * The header that moves the clock of the whole isolate, from then on. Alarms of Durable Objects and deadlines of requests
 * stay as they are.
 * @param {number} seconds ahead of the machine's
 * @param {{ stands?: boolean }} [clock] `stands`: it stops, too, and only goes on when it is moved
 */
export function clockHeader(seconds, { stands = false } = {}) {
  return { "x-test-clock": stands ? `${seconds} stands` : String(seconds) };
}

/** @param {string} glue what wasm-bindgen wrote */
function withTraps(glue) {
  const armed = glue.replace(
    /export function handle\((\w+), (\w+), (\w+),[^)]*\) \{/,
    (start, _method, _url, headers) => `${start}\n    arm(${headers});`,
  );
  const answered = armed.replace(
    /export function flightSent\([^)]*\) \{/,
    (start) => `${start}\n    pass("flightSent");`,
  );
  return answered.replaceAll(
    /__wbg_(\w+)_[0-9a-f]{16}: function\([^)]*\) \{(?: return handleError\(function)?/g,
    (start, name) => {
      const [head, tried] = start.split("{ ");
      const place = tried === undefined ? name : `try ${name}`;
      return `${head}${tried === undefined ? "" : "{"} pass("${place}"); ${tried ?? ""}`;
    },
  );
}

/** @param {string} folder @param {string} file @param {(text: string) => string} change */
function alter(folder, file, change) {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  const changed = change(text);
  if (changed === text) throw new Error(`${file} is not what this was written for`);
  writeFileSync(path, changed);
}

/** @param {string} folder */
function write(folder) {
  const keep = (/** @type {string} */ path) => !/[/\\](src|tests|target)$/.test(path);
  cpSync(inRoot("worker"), folder, { recursive: true, filter: keep });
  alter(folder, "index.js", (text) => text.replaceAll("Date.now()", "testNow(request.headers)"));
  alter(folder, "vault.js", (text) => text.replaceAll("Date.now()", "testNow()"));
  alter(folder, join("dist", "tillgate_worker.js"), (text) =>
    [PRELUDE, withTraps(text.replaceAll("Date.now()", "testNow()"))].join(""),
  );
  writeFileSync(join(folder, "dist", "traps.wasm"), TRAPS);
}

/**
 * Makes the copy, once for what it is made of. Several test files may do so at once: each works in a folder of its own,
 * and the first to be ready gives it its final name.
 * @returns {string} its folder, for `startWorker({ worker })`
 */
export function alteredWorker() {
  const sources = readdirSync(inRoot("worker")).filter((name) =>
    /\.jsonc?$|\.js$|^dist$/.test(name),
  );
  const inputs = [...sources.map((name) => inRoot("worker", name)), import.meta.filename];
  const folder = inRoot("target", "e2e", `altered-${digest(inputs).slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  write(draft);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
