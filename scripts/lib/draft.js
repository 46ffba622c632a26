// A folder that is built beside the one in use, so that whoever reads there finds the old files or the new ones, and
// never some of both or none.

import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { inRoot } from "./paths.js";

/**
 * Builds a folder anew and puts it in the place of the old one when it is whole.
 * @param {string} folder absolute
 * @param {string} name of the draft
 * @param {(draft: string) => Promise<void>} build
 */
export async function replaceFolder(folder, name, build) {
  const draft = inRoot("target", "drafts", `${name}-${process.pid}`);
  const old = `${draft}.old`;
  mkdirSync(dirname(draft), { recursive: true });
  try {
    await build(draft);
    moveIfThere(folder, old);
    renameSync(draft, folder);
  } finally {
    for (const left of [draft, old]) rmSync(left, { recursive: true, force: true });
  }
}

/** @param {string} from @param {string} to */
function moveIfThere(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT") throw error;
  }
}
