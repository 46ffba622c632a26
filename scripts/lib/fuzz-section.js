// The section of `npm test` that fuzzes for a short time: each target replays its corpus and looks for a second whether
// there is more; a planted mistake has to be found. Long runs are `npm run fuzz`.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { buildTargets, fuzz, PLANTED, targetNames } from "./fuzz.js";

/** @typedef {import("./sections.js").Section} Section */
/** @typedef {{ target: string, problem: string | undefined, output: string }} Tried */

/** How long each target looks for more, in seconds. */
const SECONDS = 1;
/** How long the planted mistake may take to be found, in seconds. */
const PLANTED_SECONDS = 20;
const AT_ONCE = 2;

/** @param {string} programs @param {string} target @returns {Promise<Tried>} */
async function tryTarget(programs, target) {
  const planted = target === PLANTED;
  const { found, output, inputs } = await fuzz(
    programs,
    target,
    planted ? PLANTED_SECONDS : SECONDS,
  );
  const problem = {
    "no input to start from": inputs === 0,
    "the planted mistake was not found": planted && !found?.includes("crash-"),
    [`its rule is broken by ${found}`]: !planted && found !== undefined,
  };
  return { target, output, problem: Object.entries(problem).find(([, is]) => is)?.[0] };
}

/**
 * The short run.
 * @param {string} log
 * @returns {Section}
 */
export const fuzzSection = (log) => ({
  name: "fuzz",
  title: "fuzzing, a short run",
  needs: ["rust", "c++"],
  async run(report) {
    const programs = await buildTargets(report);
    const waiting = targetNames();
    /** @type {Tried[]} */
    const tried = [];
    const worker = async () => {
      for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
        report(target);
        tried.push(await tryTarget(programs, target));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    mkdirSync(dirname(log), { recursive: true });
    writeFileSync(log, tried.map(({ target, output }) => `== ${target}\n${output}\n`).join("\n"));
    const failed = tried.filter(({ problem }) => problem !== undefined);
    return {
      passed: tried.length - failed.length,
      failed: failed.length,
      skipped: 0,
      detail: failed
        .map(({ target, problem, output }) => `${target}: ${problem}\n${output.slice(-3000)}`)
        .join("\n\n"),
    };
  },
});
