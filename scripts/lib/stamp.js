// Knows whether something built is still what its inputs would give: by content, never by time stamps.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { ROOT, TOOLS } from "./paths.js";

/**
 * All files below some files and folders, sorted; what does not exist is left out.
 * @param {string[]} paths absolute
 * @returns {string[]}
 */
function filesBelow(paths) {
  return paths.filter(existsSync).flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path];
    return filesBelow(
      readdirSync(path)
        .sort()
        .map((name) => join(path, name)),
    );
  });
}

/**
 * One hash over the names and contents of files, and over further text such as versions and flags.
 * @param {string[]} paths absolute files and folders
 * @param {string} [text]
 */
export function digest(paths, text = "") {
  const hash = createHash("sha256");
  hash.update(text);
  for (const path of filesBelow(paths)) {
    const content = readFileSync(path);
    hash.update(`\0${relative(ROOT, path)}\0${content.length}\0`);
    hash.update(content);
  }
  return hash.digest("hex");
}

/**
 * @typedef {object} Product
 * @property {string} name of the stamp
 * @property {string[]} inputs absolute paths that decide what is built
 * @property {string} [versions] of the tools that build it, and their flags
 * @property {string[]} outputs absolute paths that the building makes
 * @property {string} [stamps] the folder of the stamps; default: in .tools
 */

/**
 * Builds a product unless its inputs and its outputs are those of the last building.
 * @param {Product} product
 * @param {() => Promise<void>} build
 * @returns {Promise<boolean>} whether it had to be built
 */
export async function keepFresh(product, build) {
  const { name, inputs, versions, outputs, stamps = join(TOOLS, "stamps") } = product;
  const stamp = join(stamps, `${name}.json`);
  // Taken before building: an input that changes meanwhile must not count as built.
  const wanted = digest(inputs, versions);
  const now = () => JSON.stringify({ inputs: wanted, outputs: digest(outputs) });
  const complete = outputs.every(existsSync) && existsSync(stamp);
  if (complete && readFileSync(stamp, "utf8") === now()) return false;
  rmSync(stamp, { force: true });
  await build();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now());
  return true;
}
