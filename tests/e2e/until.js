// Waiting for a condition that nothing announces, such as a line in a log.

import { setTimeout as pause } from "node:timers/promises";

const LIMIT_MS = 30_000;
const STEP_MS = 10;

/**
 * @template T
 * @param {() => T | Promise<T>} condition
 * @param {string} what is waited for, for the message of a test that fails
 * @returns {Promise<T>} the first result that is true
 */
export async function until(condition, what) {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await pause(STEP_MS)) {
    const result = await condition();
    if (result) return result;
  }
  throw new Error(`waited in vain for ${what}`);
}
