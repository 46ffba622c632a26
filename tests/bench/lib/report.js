// The outcome as text: a table in markdown, made from the run's own figures.

/** @typedef {import("./rounds.js").Summary} Summary */

/**
 * @typedef {object} Results
 * @property {string} machine what it ran on, and how busy that was
 * @property {string} made when, as a date
 * @property {boolean} quick
 * @property {{ name: string, title: string }[]} contenders the floor first
 * @property {{ name: string, title: string, summaries: Record<string, Summary> }[]} jobs
 * @property {Record<string, { raw: number, gzip: number }>} sizes in bytes
 * @property {Record<string, { first: number, answered: number, cpu: number }>} starts in milliseconds
 * @property {Record<string, { before: number, after: number }>} memory in megabytes
 * @property {number} memoryRequests
 * @property {{ name: string, micros: number }[]} apps
 * @property {{ name: string, micros: number }[]} connections
 */

/** @param {(string | number)[][]} rows the first is the head */
function table(rows) {
  const [head = [], ...body] = rows;
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(head.map((_, index) => (index === 0 ? "---" : "--:"))),
    ...body.map(line),
  ].join("\n");
}

/** @param {Summary | undefined} summary */
const ratio = (summary) =>
  summary === undefined
    ? "–"
    : `${summary.ratio.toFixed(2)} (${summary.spread.map((edge) => edge.toFixed(2)).join("–")})`;

/** @param {Results} results */
function ratios({ contenders, jobs }) {
  const head = ["processor time, floor = 1 (quartiles)", ...jobs.map(({ title }) => title)];
  const rows = contenders.map(({ name, title }) => [
    title,
    ...jobs.map(({ summaries }) => ratio(summaries[name])),
  ]);
  return table([head, ...rows]);
}

/** @param {Results} results */
function details({ contenders, jobs }) {
  const head = [
    "µs of processor · requests/s · p50 · p99 in ms",
    ...jobs.map(({ title }) => title),
  ];
  const rows = contenders.map(({ name, title }) => [
    title,
    ...jobs.map(({ summaries }) => {
      const summary = summaries[name];
      if (summary === undefined) return "–";
      const { micros, perSecond, p50, p99 } = summary;
      return [micros.toFixed(0), perSecond.toFixed(0), p50.toFixed(1), p99.toFixed(1)].join(" · ");
    }),
  ]);
  return table([head, ...rows]);
}

/** @param {Results} results */
function others({ contenders, sizes, starts, memory, memoryRequests }) {
  const head = [
    "",
    "upload, KB",
    "gzip, KB",
    "first answer after listening, ms",
    "start to first answer, ms",
    `memory after 20,000 and ${memoryRequests.toLocaleString("en")} more requests, MB`,
  ];
  const kilobytes = (/** @type {number | undefined} */ bytes) => ((bytes ?? 0) / 1024).toFixed(1);
  const rows = contenders.map(({ name, title }) => [
    title,
    kilobytes(sizes[name]?.raw),
    kilobytes(sizes[name]?.gzip),
    starts[name]?.first.toFixed(1) ?? "–",
    starts[name]?.answered.toFixed(0) ?? "–",
    memory[name] === undefined
      ? "–"
      : `${memory[name].before.toFixed(0)} → ${memory[name].after.toFixed(0)}`,
  ]);
  return table([head, ...rows]);
}

/** @param {string} what @param {{ name: string, micros: number }[]} figures */
const scaling = (what, figures) =>
  table([
    [what, ...figures.map(({ name }) => Number(name).toLocaleString("en"))],
    ["µs for a cached token", ...figures.map(({ micros }) => micros.toFixed(1))],
  ]);

/** @param {Results} results */
export function markdown(results) {
  return [
    "# Results",
    `${results.quick ? "A quick run" : "A whole run"} on ${results.made}: ${results.machine}. How it is measured is in`,
    "[the README](../README.md); `npm run bench` writes this file anew.\n",
    ratios(results),
    "",
    details(results),
    "",
    others(results),
    "",
    scaling("apps in the configuration", results.apps),
    "",
    scaling("connections in use", results.connections),
    "",
  ].join("\n");
}
