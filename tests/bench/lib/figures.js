// What is measured beside the jobs: cold starts, memory, upload sizes, and what many apps and connections cost.

import { setTimeout as pause } from "node:timers/promises";

import { bytesOf, run } from "./client.js";
import { KEY, startContender, uploadSize } from "./contenders.js";
import { CONNECTIONS } from "./jobs.js";
import { processorTime, residentMegabytes } from "./process.js";
import { median } from "./rounds.js";

/** @typedef {import("./contenders.js").Contender} Contender */

const HEADERS = { authorization: `Bearer ${KEY}`, accept: "application/json" };

/** @param {string} app @param {string} account */
const tokenOf = (app, account) => bytesOf("POST", `/token/${app}/${account}`, { headers: HEADERS });
/** Answered without a platform, by a peer with 404. */
const HEALTH = bytesOf("GET", "/health");
const CACHED = tokenOf("loyalty", "main");

/**
 * Median times in milliseconds until the first answer, which needs no platform: since the worker listens, and since its
 * process was started.
 * @param {Contender[]} contenders
 * @param {string} upstream
 * @param {number} times
 */
export async function coldStarts(contenders, upstream, times) {
  /** @type {Map<string, { first: number[], answered: number[], cpu: number[] }>} */
  const all = new Map(contenders.map(({ name }) => [name, { first: [], answered: [], cpu: [] }]));
  for (let time = 0; time < times; time += 1) {
    for (const contender of contenders) {
      const begun = performance.now();
      const worker = await startContender(contender, upstream);
      const listening = performance.now();
      const { port } = worker;
      await run({ port, connections: 1, requests: 1, request: () => HEALTH, status: 0 });
      const kept = all.get(contender.name);
      kept?.first.push(performance.now() - listening);
      kept?.answered.push(performance.now() - begun);
      kept?.cpu.push(processorTime(worker.pid) / 1000);
      await worker.stop();
    }
  }
  return Object.fromEntries(
    [...all].map(([name, { first, answered, cpu }]) => [
      name,
      { first: median(first), answered: median(answered), cpu: median(cpu) },
    ]),
  );
}

/**
 * Memory in megabytes after the first answers and after many more.
 * @param {Contender} contender
 * @param {string} upstream
 * @param {number} requests
 */
export async function memory(contender, upstream, requests) {
  const worker = await startContender(contender, upstream);
  /** @param {number} count */
  const load = (count) =>
    run({
      port: worker.port,
      connections: CONNECTIONS,
      requests: count,
      request: () => CACHED,
    });
  await load(Math.min(20_000, requests));
  const before = residentMegabytes(worker.pid);
  await load(requests);
  const after = residentMegabytes(worker.pid);
  await worker.stop();
  return { before, after };
}

/** @param {Contender[]} contenders */
export async function sizes(contenders) {
  const pairs = contenders.map(async (contender) => [contender.name, await uploadSize(contender)]);
  return Object.fromEntries(await Promise.all(pairs));
}

/** By then workerd has closed the objects that nobody calls, which it does after 10 seconds, and copies are still used. */
const CLOSED_MS = 15_000;

/**
 * Processor time of a cached token with this many apps in the configuration or connections in use, in microseconds:
 * the median over rounds in which all of them take turns.
 * @param {{ name: string, apps: number, targets: Buffer[] }[]} cases
 * @param {Contender} contender
 * @param {string} upstream
 * @param {{ rounds: number, requests: number }} options
 * @returns {Promise<{ name: string, micros: number }[]>}
 */
async function byTurns(cases, contender, upstream, { rounds, requests }) {
  const running = [];
  for (const { name, apps, targets } of cases) {
    const worker = await startContender(contender, upstream, apps);
    const { pid, port } = worker;
    /** @param {number} count */
    const load = async (count) => {
      const before = processorTime(pid);
      const request = (/** @type {number} */ _, /** @type {number} */ index) =>
        targets[index % targets.length] ?? CACHED;
      await run({ port, connections: CONNECTIONS, requests: count, request });
      return (processorTime(pid) - before) / count;
    };
    // Every connection gets its token, and the code gets hot. Making thousands of vaults takes longer than a copy is used,
    // so each is asked for once more: what is measured are cached tokens.
    await load(Math.max(targets.length, 4 * requests));
    await load(targets.length);
    running.push({ name, worker, load, micros: /** @type {number[]} */ ([]) });
  }
  await pause(CLOSED_MS);
  for (let round = 0; round < rounds; round += 1)
    for (const { load, micros } of running) micros.push(await load(requests));
  for (const { worker } of running) await worker.stop();
  return running.map(({ name, micros }) => ({ name, micros: median(micros) }));
}

/**
 * @param {Contender} contender
 * @param {string} upstream
 * @param {number[]} counts of apps
 * @param {{ rounds: number, requests: number }} options
 */
export function byApps(contender, upstream, counts, options) {
  const cases = counts.map((apps) => ({ name: String(apps), apps, targets: [CACHED] }));
  return byTurns(cases, contender, upstream, options);
}

/**
 * @param {Contender} contender
 * @param {string} upstream
 * @param {number[]} counts of connections
 * @param {{ rounds: number, requests: number }} options
 */
export function byConnections(contender, upstream, counts, options) {
  const cases = counts.map((count) => ({
    name: String(count),
    apps: 1,
    targets: Array.from({ length: count }, (_, index) => tokenOf("chain", `brand.${index + 1}`)),
  }));
  return byTurns(cases, contender, upstream, options);
}
