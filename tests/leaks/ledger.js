// The secrets that one run of the tests used, so that what the run leaves behind can be searched for all of them at its end.
// They are random, made for one test each, and open nothing once it is over. Searching is not done here.

import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "../../scripts/lib/paths.js";

/** Beside the logs, and not among what is searched. */
const FOLDER = inRoot("target", "canaries");

/** @typedef {{ label: string, text: string }} Canary */

/** Forgets those of earlier runs. @param {string} [folder] */
export function forgetCanaries(folder = FOLDER) {
  rmSync(folder, { recursive: true, force: true });
}

/** Notes secrets of a test. @param {Canary[]} canaries @param {string} [folder] */
export function noteCanaries(canaries, folder = FOLDER) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify(canaries));
}

/** All that were noted. @param {string} [folder] @returns {Canary[]} */
export function notedCanaries(folder = FOLDER) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) =>
    JSON.parse(readFileSync(join(folder, name), "utf8")),
  );
}
