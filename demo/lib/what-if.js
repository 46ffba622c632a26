// "What if": makes a simulator misbehave, so that a visitor sees what the worker does about it. A real shop has no such
// thing; it is here only where the environment names simulators.

import { ok, problem } from "./answer.js";

/** @import { Answer } from "./answer.js" */
/** @import { Platform, Settings } from "./settings.js" */

/** @typedef {{ simulator: Platform, control: string, input: Record<string, unknown> }} Mishap */

const PAUSE_MS = 5000;

/** @type {Record<string, Mishap>} */
const MISHAPS = {
  "clopos-forgets": { simulator: "clopos", control: "revoke", input: {} },
  "clopos-down": { simulator: "clopos", control: "refuse", input: { ms: PAUSE_MS } },
  "clearline-down": { simulator: "clearline", control: "refuse", input: { ms: PAUSE_MS } },
  "clover-revokes": { simulator: "clover", control: "revoke", input: {} },
};

/**
 * @param {Settings} settings
 * @param {string} route method and path
 * @returns {Promise<Answer> | undefined} undefined: not one of these, or no simulator is named
 */
export function whatIf({ simulators }, route) {
  const mishap = MISHAPS[route.replace(/^POST \/shop\/what-if\//, "")];
  const url = mishap && simulators[mishap.simulator];
  return url ? cause(url, mishap) : undefined;
}

/**
 * @param {string} url
 * @param {Mishap} mishap
 * @returns {Promise<Answer>}
 */
async function cause(url, { control, input }) {
  try {
    const response = await fetch(`${url}/__sim/${control}`, {
      method: "POST",
      body: JSON.stringify(input),
    });
    if (response.ok) return ok("application/json", await response.text());
  } catch {
    // Answered below: the simulator is not there.
  }
  return problem(502, "The simulator did not do it", `It should be at ${url}. Is it running?`);
}
