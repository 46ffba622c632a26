// `npm run bench [-- --quick] [--only=NAME,…] [--jobs=NAME,…] [--with=NAME=FOLDER] [--memory=REQUESTS]`: measures the
// released worker against its peers and writes tests/bench/results. How and why is in README.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { outputOf } from "../../scripts/lib/exec.js";
import { inRoot } from "../../scripts/lib/paths.js";
import { chart } from "./lib/chart.js";
import { contenders, FLOOR, OWN, startContender } from "./lib/contenders.js";
import { byApps, byConnections, coldStarts, memory, sizes } from "./lib/figures.js";
import { JOBS } from "./lib/jobs.js";
import { markdown } from "./lib/report.js";
import { playRound, sample, summarize } from "./lib/rounds.js";
import { startUpstream } from "./lib/upstream.js";

/** @typedef {import("./lib/contenders.js").Contender} Contender */
/** @typedef {import("./lib/rounds.js").Samples} Samples */
/** @typedef {import("./lib/report.js").Results} Results */

/** How much is done. A process that is started anew differs from the last by some percent, so there are several. */
const WHOLE = {
  launches: 2,
  rounds: 5,
  warmUps: 3,
  starts: 5,
  memory: 100_000,
  apps: [1, 100, 1000],
  connections: [1, 100, 1000, 10_000],
  scaling: { rounds: 5, requests: 2000 },
};
const QUICK = {
  launches: 1,
  rounds: 3,
  warmUps: 1,
  starts: 3,
  memory: 10_000,
  apps: [1, 100],
  connections: [1, 100],
  scaling: { rounds: 3, requests: 1000 },
};

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    jobs: { type: "string" },
    with: { type: "string", multiple: true, default: [] },
    memory: { type: "string" },
  },
});
const amount = options.quick ? QUICK : WHOLE;
const memoryRequests = Number(options.memory ?? amount.memory);

/** @param {string | undefined} names @param {string} name */
const isWanted = (names, name) => names === undefined || names.split(",").includes(name);

/**
 * All jobs in turns, by processes that are started anew for each launch.
 * @param {Contender[]} list
 * @param {string} upstream
 * @param {() => Promise<number>} exchanges
 */
async function playJobs(list, upstream, exchanges) {
  const jobs = JOBS.filter(({ name }) => isWanted(options.jobs, name)).map((job) => ({
    job,
    samples: /** @type {Samples} */ (new Map()),
  }));
  for (let launch = 0; launch < amount.launches; launch += 1) {
    const workers = new Map();
    for (const contender of list)
      workers.set(contender.name, await startContender(contender, upstream));
    for (const { job, samples } of jobs) {
      console.log(`launch ${launch + 1} of ${amount.launches}: ${job.title}`);
      for (const [name, worker] of workers) {
        const before = await exchanges();
        for (let time = 0; time < amount.warmUps; time += 1) await sample(worker, job);
        const made = (await exchanges()) - before;
        if (job.name === "exchange" && made < amount.warmUps * job.requests)
          throw new Error(`${name} made ${made} exchanges: some answers came from elsewhere`);
      }
      for (let round = 0; round < amount.rounds; round += 1)
        await playRound(workers, job, samples, round);
    }
    for (const worker of workers.values()) await worker.stop();
  }
  return jobs.map(({ job: { name, title }, samples }) => ({
    name,
    title,
    summaries: summarize(samples),
  }));
}

/** What it runs on. @param {number} busy the load before the run */
async function machine(busy) {
  const processors = cpus();
  const workerd = await outputOf("workerd", ["--version"]);
  const model = processors[0]?.model.trim() || "unknown processor";
  return `${processors.length} × ${model}, ${workerd}, load before the run ${busy.toFixed(1)}`;
}

/** @param {Results} results */
function write(results) {
  const folder = inRoot("tests", "bench", "results");
  mkdirSync(folder, { recursive: true });
  const suffix = results.quick ? "-quick" : "";
  const figures = inRoot("target", "bench");
  mkdirSync(figures, { recursive: true });
  writeFileSync(join(figures, `results${suffix}.json`), JSON.stringify(results));
  writeFileSync(join(folder, `results${suffix}.md`), markdown(results));
  writeFileSync(join(folder, `chart${suffix}.svg`), chart(results, OWN));
  console.log(`\n${markdown(results)}\nWritten to tests/bench/results.`);
}

async function main() {
  const [busy = 0] = loadavg();
  const all = await contenders(options.with);
  const list = all.filter(({ name }) => name === FLOOR || isWanted(options.only, name));
  const own = list.find(({ name }) => name === OWN);
  const upstream = await startUpstream();
  const { url } = upstream;
  try {
    const jobs = await playJobs(list, url, upstream.exchanges);
    console.log("cold starts, memory, sizes");
    const starts = await coldStarts(list, url, amount.starts);
    /** @type {Results["memory"]} */
    const kept = {};
    for (const contender of list.filter(({ name }) => [FLOOR, OWN].includes(name)))
      kept[contender.name] = await memory(contender, url, memoryRequests);
    console.log("apps and connections");
    write({
      machine: await machine(busy),
      made: new Date().toISOString().slice(0, 10),
      quick: options.quick,
      contenders: list.map(({ name, title }) => ({ name, title })),
      jobs,
      sizes: await sizes(list),
      starts,
      memory: kept,
      memoryRequests,
      apps: own === undefined ? [] : await byApps(own, url, amount.apps, amount.scaling),
      connections:
        own === undefined ? [] : await byConnections(own, url, amount.connections, amount.scaling),
    });
  } finally {
    upstream.stop();
  }
}

await main();
