// Reads the files of a tarball as npm packs it: plain ustar entries, nothing else.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** @typedef {{ path: string, bytes: Buffer }} TarEntry */

const BLOCK = 512;

/** A field of a header up to its first zero byte. @param {Buffer} header @param {number} from @param {number} length */
const field = (header, from, length) =>
  header.toString("utf8", from, from + length).split("\0", 1)[0] ?? "";

/**
 * @param {Buffer} tar uncompressed
 * @returns {TarEntry[]}
 * @throws {Error} an entry is no plain file
 */
export function tarEntries(tar) {
  /** @type {TarEntry[]} */
  const entries = [];
  for (let at = 0; tar[at]; ) {
    const header = tar.subarray(at, at + BLOCK);
    const path = [field(header, 345, 155), field(header, 0, 100)].filter(Boolean).join("/");
    const type = field(header, 156, 1);
    if (type !== "0" && type !== "") throw new Error(`${path} in the tarball is no plain file`);
    const size = Number.parseInt(field(header, 124, 12), 8);
    entries.push({ path, bytes: tar.subarray(at + BLOCK, at + BLOCK + size) });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

/**
 * The files of a package's tarball as an installation has them.
 * @param {string} tarball the path of the `.tgz`
 * @returns {TarEntry[]} their paths begin below the package's folder
 * @throws {Error} it cannot be read, or is no gzip, or an entry is no plain file
 */
export function packageFiles(tarball) {
  const entries = tarEntries(gunzipSync(readFileSync(tarball)));
  return entries.map(({ path, bytes }) => ({ path: path.replace(/^package\//, ""), bytes }));
}
