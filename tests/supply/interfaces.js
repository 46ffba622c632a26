// What a wasm module asks of JavaScript and offers to it, as a list that can be read and compared. `node
// tests/supply/interfaces.js` writes the lists anew from what is built: look at the difference before it is committed.

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { inRoot } from "../../scripts/lib/paths.js";

/** The modules, and the lists beside this file. */
export const MODULES = {
  worker: "worker/dist/tillgate_worker_bg.wasm",
  browser: "pkg-js/dist/tillgate_bg.wasm",
};

/** @typedef {{ imports: string[], exports: string[] }} Interface */

/** Without the hash that wasm-bindgen appends, which every change of a crate changes. @param {string} name */
const plain = (name) => name.replace(/(_+h?[0-9a-f]{16})$/, "");

/** @param {{ name: string, kind: string }[]} items */
const sorted = (items) => items.map(({ name, kind }) => `${kind} ${plain(name)}`).sort();

/**
 * @param {Buffer} bytes of a module
 * @returns {Interface}
 */
export function interfaceOf(bytes) {
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  return {
    imports: sorted(WebAssembly.Module.imports(module)),
    exports: sorted(WebAssembly.Module.exports(module)),
  };
}

/** @param {string} name */
const listed = (name) => inRoot("tests", "supply", "interfaces", `${name}.json`);

/** @param {string} name @returns {Interface} */
export const committed = (name) => JSON.parse(readFileSync(listed(name), "utf8"));

/**
 * What one list has more often than another.
 * @param {string[]} list
 * @param {string[]} other
 */
function surplus(list, other) {
  const rest = [...other];
  return list.filter((item) => {
    const at = rest.indexOf(item);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/**
 * Where a module differs from its list, one line for each.
 * @param {Interface} is
 * @param {Interface} should
 */
export function differences(is, should) {
  return /** @type {const} */ (["imports", "exports"]).flatMap((part) => [
    ...surplus(is[part], should[part]).map((item) => `+ ${part}: ${item}`),
    ...surplus(should[part], is[part]).map((item) => `- ${part}: ${item}`),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [name, path] of Object.entries(MODULES)) {
    const now = interfaceOf(readFileSync(inRoot(path)));
    writeFileSync(listed(name), `${JSON.stringify(now, null, 2)}\n`);
  }
}
