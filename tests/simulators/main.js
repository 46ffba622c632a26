// The simulators as a program: `node tests/simulators/main.js [--clopos 9101] [--clearline 9102]
// [--clover 9103]`. Prints one line for each and runs until SIGINT or SIGTERM.

import { parseArgs } from "node:util";
import { startSimulators } from "./index.js";

const { values } = parseArgs({
  options: {
    clopos: { type: "string", default: "9101" },
    clearline: { type: "string", default: "9102" },
    clover: { type: "string", default: "9103" },
  },
});

try {
  await run();
} catch (error) {
  process.stderr.write(`simulators: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function run() {
  const ports = {
    clopos: port("clopos", values.clopos),
    clearline: port("clearline", values.clearline),
    clover: port("clover", values.clover),
  };
  const simulators = await startSimulators({ ports });
  // Before the lines are printed: who reads them may end the program at once.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, simulators.close);
  const { clopos, clearline, clover } = simulators;
  for (const { name, url } of [clopos, clearline, clover]) {
    process.stdout.write(`${name} simulator: ${url}\n`);
  }
}

/**
 * @param {string} name
 * @param {string} given
 * @returns {number}
 */
function port(name, given) {
  const number = Number(given);
  if (/^\d+$/.test(given) && number <= 65_535) return number;
  throw new Error(`--${name} takes a port from 0 (any free one) to 65535, not ${given}`);
}
