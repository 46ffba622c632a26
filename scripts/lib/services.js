// Long-running programs of a development run: started, waited for until they answer, watched, and ended together.

import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startGroup, stopGroup } from "./exec.js";
import { StepError } from "./steps.js";

const POLL_MS = 50;

/** @typedef {{ name: string, log: string, child: import("node:child_process").ChildProcess }} Service */

export class Services {
  /** @type {Service[]} */
  #running = [];
  #stopping = false;

  /**
   * @param {(service: { name: string, log: string }) => void} onEnded called when one ends that should not have
   */
  constructor(onEnded) {
    this.onEnded = onEnded;
  }

  /**
   * Starts a program whose output goes to a file.
   * @param {string} name for messages
   * @param {string} command
   * @param {string[]} args
   * @param {{ log: string, env?: NodeJS.ProcessEnv, cwd?: string }} options
   * @returns {Service}
   */
  start(name, command, args, { log, env, cwd }) {
    mkdirSync(dirname(log), { recursive: true });
    const child = startGroup(command, args, { ...(env && { env }), ...(cwd && { cwd }) });
    const file = createWriteStream(log);
    child.stdout?.pipe(file, { end: false });
    child.stderr?.pipe(file, { end: false });
    const service = { name, log, child };
    this.#running.push(service);
    child.once("error", (error) => file.write(`${command}: ${error.message}\n`));
    child.once("close", () => {
      file.end(() => {
        if (!this.#stopping) this.onEnded(service);
      });
    });
    return service;
  }

  /**
   * Waits until a program answers.
   * @param {Service} service
   * @param {string} url
   * @param {{ timeoutSeconds: number, isReady?: (response: Response) => Promise<boolean> }} options
   * @throws {StepError} it ended, did not answer in time, or `isReady` said that it never will
   */
  async answering({ name, log, child }, url, { timeoutSeconds, isReady = async () => true }) {
    const deadline = Date.now() + timeoutSeconds * 1000;
    while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
        if (await isReady(response)) return;
      } catch (error) {
        if (error instanceof StepError) throw error;
        // Not listening yet.
      }
      await sleep(POLL_MS);
    }
    const ended = child.exitCode !== null || child.signalCode !== null;
    const why = ended ? "ended before it answered" : `did not answer within ${timeoutSeconds} s`;
    throw new StepError(`${name} ${why} at ${url}`, { detail: readFileSync(log, "utf8") });
  }

  /** Ends all of them, the last started first to be asked, and whatever they have started. */
  async stop() {
    this.#stopping = true;
    await Promise.all(this.#running.reverse().map(({ child }) => stopGroup(child)));
    this.#running = [];
  }
}
