// `npm run fuzz -- TARGET… SECONDS`: fuzzes targets of tests/fuzz, each for that long; `all` is all of them. What they come
// upon is collected in target/fuzz; `npm run fuzz -- --keep TARGET…` keeps the smallest part of it that reaches as much, in
// tests/fuzz/corpus. `npm run fuzz -- --list` names the targets.

import { endOnSignals } from "./lib/exec.js";
import { buildTargets, fuzz, keep, PLANTED, targetNames } from "./lib/fuzz.js";
import { duration, StepError, Steps } from "./lib/steps.js";
import * as tools from "./lib/tools.js";

/** @typedef {import("./lib/steps.js").Step} Step */

const USAGE = "npm run fuzz -- TARGET… SECONDS | --keep TARGET… | --list; TARGET may be all";

/** @param {string[]} args */
function parse(args) {
  const names = args.filter((arg) => !arg.startsWith("--") && !/^\d+$/.test(arg));
  const known = targetNames().filter((name) => name !== PLANTED);
  const targets = names.includes("all") ? known : names;
  const unknown = targets.filter((name) => !known.includes(name));
  const seconds = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 0);
  const keeps = args.includes("--keep");
  const complete = targets.length > 0 && unknown.length === 0 && (keeps || seconds > 0);
  return { targets, seconds, keeps, complete, known };
}

let programs = "";

/** @type {Step} */
const build = {
  title: "fuzz targets",
  async run(report) {
    programs = await buildTargets(report);
    return "built";
  },
};

/** @param {string} target @param {number} seconds @returns {Step} */
const fuzzStep = (target, seconds) => ({
  title: target,
  async run(report) {
    const onLine = (/** @type {string} */ line) => {
      if (/^#\d+\s/.test(line)) report(line);
    };
    const { found, output, inputs } = await fuzz(programs, target, seconds, {
      collect: true,
      onLine,
    });
    if (found === undefined) return `nothing found, from ${inputs} inputs`;
    throw new StepError(`${target} breaks its rule with ${found}`, {
      detail: output.split("\n").slice(-40).join("\n"),
      advice: "mend what it shows, with a test of its own, and run it again.",
    });
  },
});

/** @param {string} target @returns {Step} */
const keepStep = (target) => ({
  title: target,
  run: async () => `${await keep(programs, target)} inputs kept`,
});

async function main() {
  const { targets, seconds, keeps, complete, known } = parse(process.argv.slice(2));
  if (process.argv.includes("--list")) return console.log(known.join("\n"));
  if (!complete) {
    console.error(`${USAGE}\nTargets: ${known.join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const steps = targets.map((target) => (keeps ? keepStep(target) : fuzzStep(target, seconds)));
  const before = [tools.npmPackages, tools.cLinker, tools.cxxCompiler, build];
  const shown = new Steps("tillgate · fuzz", before.length + steps.length);
  endOnSignals(() => shown.close());
  // The step says what failed.
  const failed = () => {
    process.exitCode = 1;
    return true;
  };
  if ((await shown.inOrder(before).catch(failed)) === true) return;
  for (const step of steps) await shown.step(step).catch(failed);
  shown.print(`\nTook ${duration(shown.elapsed)}.`);
}

await main();
