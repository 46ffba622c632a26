// Runs commands: each in a process group of its own, its output kept and handed on line by line, with a deadline,
// and nothing left behind when this process ends. What a command means is not known here.

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ROOT, toolEnvironment } from "./paths.js";

/**
 * @typedef {object} CommandOptions
 * @property {NodeJS.ProcessEnv} [env] the whole environment; default: the one in which the project's tools are found
 * @property {string} [cwd] default: the repository's root
 * @property {number} [timeoutSeconds] the whole group is ended after it; default: none
 * @property {string} [log] a file that receives the output as well
 * @property {(line: string, stream: "stdout" | "stderr") => boolean | void} [onLine] called for each line;
 *   a line for which it returns false is progress and is not kept
 * @property {boolean} [check] false: a non-zero exit is returned and not thrown
 */

/** @typedef {{ code: number, output: string, timedOut: boolean }} CommandResult */

/** A command that failed; `output` is what it printed. */
export class CommandError extends Error {
  /**
   * @param {string} message
   * @param {string} output
   */
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const groups = new Set();

/** @param {ChildProcess} child @param {NodeJS.Signals} signal */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the whole group is gone already, which is what was wanted.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

process.on("exit", () => {
  for (const child of groups) signalGroup(child, "SIGKILL");
});

/**
 * Starts a command as the leader of a new process group, which ends with this process at the latest.
 * @param {string} command
 * @param {string[]} args
 * @param {Pick<CommandOptions, "env" | "cwd">} [options]
 */
export function startGroup(command, args, { env = toolEnvironment(), cwd = ROOT } = {}) {
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  groups.add(child);
  return child;
}

/** @param {ChildProcess} child */
const hasEnded = (child) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/**
 * Ends a group: politely first, then for good, also those of its members that outlive the leader.
 * @param {ChildProcess} child
 * @param {number} [graceMs]
 */
export async function stopGroup(child, graceMs = 5000) {
  if (!hasEnded(child)) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const killer = setTimeout(() => signalGroup(child, "SIGKILL"), graceMs);
    signalGroup(child, "SIGTERM");
    await ended;
    clearTimeout(killer);
  }
  signalGroup(child, "SIGKILL");
  groups.delete(child);
}

/** Ends every group that is still running. */
export async function stopAllGroups() {
  await Promise.all([...groups].map((child) => stopGroup(child, 3000)));
}

/** On Ctrl-C and its like: end what is running, then this process. @param {() => void} [before] */
export function endOnSignals(before = () => {}) {
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.once(signal, async () => {
      before();
      await stopAllGroups();
      process.exit(130);
    });
  }
}

/**
 * Calls back once per line. A carriage return ends one too: that is how progress bars are drawn.
 * @param {import("node:stream").Readable} stream
 * @param {(line: string) => void} onLine
 */
export function eachLine(stream, onLine) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (/** @type {string} */ text) => {
    const lines = (rest + text).split(/\r?\n|\r/);
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}

/** @param {string | undefined} path */
function openLog(path) {
  if (path === undefined) return undefined;
  mkdirSync(dirname(path), { recursive: true });
  return createWriteStream(path);
}

/**
 * Collects what a command prints.
 * @param {ChildProcess} child
 * @param {CommandOptions} options
 */
function collect(child, { onLine, log }) {
  /** @type {string[]} */
  const kept = [];
  const file = openLog(log);
  for (const name of /** @type {const} */ (["stdout", "stderr"])) {
    const stream = child[name];
    if (stream === null) continue;
    eachLine(stream, (line) => {
      if (onLine?.(line, name) === false) return;
      kept.push(line);
      file?.write(`${line}\n`);
    });
  }
  return { text: () => kept.join("\n"), close: () => file?.end() };
}

/**
 * Waits until a command has ended and its output has been read.
 * @param {ChildProcess} child
 * @param {string} command
 * @returns {Promise<number>} its exit code; 128 where a signal ended it
 */
function ending(child, command) {
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new CommandError(`${command} could not be started: ${error.message}`, "")),
    );
    child.once("close", (code) => resolve(code ?? 128));
  });
}

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<CommandResult>}
 * @throws {CommandError} it could not be started, took too long, or failed while `check` is not false
 */
export async function run(command, args, options = {}) {
  const child = startGroup(command, args, options);
  const output = collect(child, options);
  let timedOut = false;
  const deadline =
    options.timeoutSeconds &&
    setTimeout(() => {
      timedOut = true;
      signalGroup(child, "SIGTERM");
      setTimeout(() => signalGroup(child, "SIGKILL"), 3000).unref();
    }, options.timeoutSeconds * 1000);
  try {
    const code = await ending(child, command);
    if (options.check !== false && (code !== 0 || timedOut)) {
      const reason = timedOut
        ? `took longer than ${options.timeoutSeconds} s`
        : `exit code ${code}`;
      throw new CommandError(`${[command, ...args].join(" ")}: ${reason}`, output.text());
    }
    return { code, output: output.text(), timedOut };
  } finally {
    clearTimeout(deadline || undefined);
    await stopGroup(child);
    output.close();
  }
}

/**
 * What a command prints, or undefined if it is missing or fails.
 * @param {string} command
 * @param {string[]} args
 */
export async function outputOf(command, args) {
  try {
    return (await run(command, args, { timeoutSeconds: 60 })).output.trim();
  } catch {
    return undefined;
  }
}
