// Measuring by turns: in each round every contender does the same job, in an order that changes from round to round, so
// that whatever else the machine does meets all of them alike. A figure is compared within its round only.

import { run } from "./client.js";
import { FLOOR } from "./contenders.js";
import { CONNECTIONS } from "./jobs.js";
import { processorTime } from "./process.js";

/** @typedef {import("./contenders.js").RunningWorker} RunningWorker */
/** @typedef {import("./jobs.js").Job} Job */

/**
 * @typedef {object} Sample one contender's job in one round
 * @property {number} micros processor time of workerd for a request, in microseconds
 * @property {number} perSecond requests
 * @property {number} p50 latency in milliseconds
 * @property {number} p99
 */

/** @typedef {Map<string, Sample[]>} Samples by contender, one for each round in the order of rounds */

/**
 * @param {RunningWorker} worker
 * @param {Job} job
 * @returns {Promise<Sample>}
 */
export async function sample({ pid, port }, { requests, request }) {
  const before = processorTime(pid);
  const { seconds, latencies } = await run({ port, connections: CONNECTIONS, requests, request });
  return {
    micros: (processorTime(pid) - before) / requests,
    perSecond: requests / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

/**
 * One round of a job.
 * @param {Map<string, RunningWorker>} workers
 * @param {Job} job
 * @param {Samples} samples
 * @param {number} round
 */
export async function playRound(workers, job, samples, round) {
  const names = [...workers.keys()];
  for (let turn = 0; turn < names.length; turn += 1) {
    const name = names[(turn + round) % names.length] ?? FLOOR;
    const worker = workers.get(name);
    if (worker === undefined) continue;
    samples.set(name, [...(samples.get(name) ?? []), await sample(worker, job)]);
  }
}

/** @param {Iterable<number>} sorted @param {number} share */
export function quantile(sorted, share) {
  const values = [...sorted];
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}

/** @param {number[]} values */
export const median = (values) =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );

/**
 * @typedef {object} Summary of one contender at one job
 * @property {number} micros median
 * @property {number} ratio median of its processor time to that of the floor in the same round
 * @property {[number, number]} spread first and third quartile of that ratio
 * @property {number} perSecond median
 * @property {number} p50 median
 * @property {number} p99 median
 */

/**
 * @param {Samples} samples
 * @returns {Record<string, Summary>}
 */
export function summarize(samples) {
  const floor = samples.get(FLOOR) ?? [];
  const all = [...samples].map(([name, own]) => {
    const ratios = own.map(({ micros }, round) => micros / (floor[round]?.micros ?? Number.NaN));
    const sorted = ratios.toSorted((a, b) => a - b);
    /** @param {keyof Sample} key */
    const middle = (key) => median(own.map((sample) => sample[key]));
    /** @type {Summary} */
    const summary = {
      micros: middle("micros"),
      ratio: quantile(sorted, 0.5),
      spread: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
      perSecond: middle("perSecond"),
      p50: middle("p50"),
      p99: middle("p99"),
    };
    return [name, summary];
  });
  return Object.fromEntries(all);
}
