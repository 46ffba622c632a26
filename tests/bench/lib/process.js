// What the kernel says about a process: processor time and memory. Linux only.

import { readdirSync, readFileSync } from "node:fs";

/**
 * Processor time of a process so far, in microseconds. The scheduler's own account of each thread is exact to the
 * nanosecond, while `stat` counts in hundredths of a second.
 * @param {number} pid
 */
export function processorTime(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + threadTime(pid, thread), 0) / 1000;
}

/** @param {number} pid @param {string} thread @returns {number} nanoseconds */
function threadTime(pid, thread) {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  } catch {
    // It ended meanwhile.
    return 0;
  }
}

/** Memory that a process has in use, in megabytes. @param {number} pid */
export function residentMegabytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
