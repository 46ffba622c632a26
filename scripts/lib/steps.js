// Shows what is being done: one line per step with its number, outcome and duration, and below it, while a
// step runs, how far it is. On a terminal that line moves; in a log it appears now and then. No step is known here.

import { palette, wantsColour } from "./colour.js";
import { CommandError } from "./exec.js";

const TITLE_WIDTH = 30;
const OUTCOME_WIDTH = 34;
const REDRAW_MS = 120;
const LOG_EVERY_MS = 15_000;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {(report: (text: string) => void) => Promise<string>} run gives the outcome in a few words;
 *   `report` tells how far it is
 * @property {string} [advice] what a person does when it fails
 */

/** A failure that already says what to do; `detail` is shown below it. */
export class StepError extends Error {
  /**
   * @param {string} message
   * @param {{ advice?: string, detail?: string }} [more]
   */
  constructor(message, { advice, detail } = {}) {
    super(message);
    this.advice = advice;
    this.detail = detail;
  }
}

/** A duration as people read it: 0.4s, 12s, 3m 05s. @param {number} ms */
export function duration(ms) {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, "0")}s`;
}

/** The last lines of a text, without the empty ones at its end. @param {string} text @param {number} [count] */
export const tail = (text, count = 30) => text.trimEnd().split("\n").slice(-count).join("\n");

/** @typedef {{ number: number, title: string, since: number, note: string, logged: number }} Active */

export class Steps {
  /** @type {Set<Active>} */
  #active = new Set();
  #drawn = 0;
  #next = 1;
  #since = Date.now();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * @param {string} title
   * @param {number} total how many steps there will be
   * @param {NodeJS.WriteStream} [out]
   */
  constructor(title, total, out = process.stdout) {
    this.total = total;
    this.out = out;
    this.live = out.isTTY === true && process.env.TERM !== "dumb" && !process.env.CI;
    this.paint = palette(wantsColour(out));
    this.print(`${this.paint.bold(title)} ${this.paint.dim(`· ${total} steps`)}\n`);
  }

  /** Milliseconds since the first step. */
  get elapsed() {
    return Date.now() - this.#since;
  }

  /** Prints lines above those that move. @param {string} text */
  print(text) {
    this.#erase();
    this.out.write(`${text}\n`);
    this.#draw();
  }

  /**
   * Runs one step. Its failure is shown and thrown on.
   * @param {Step} step
   */
  async step(step) {
    const now = Date.now();
    const active = { number: this.#next++, title: step.title, since: now, note: "", logged: now };
    this.#active.add(active);
    this.#timer ??= setInterval(() => this.#tick(), REDRAW_MS);
    try {
      const outcome = await step.run((note) => {
        active.note = note;
      });
      this.#end(active, this.paint.green("✓"), outcome);
    } catch (error) {
      this.#end(active, this.paint.red("✗"), "failed");
      this.print(this.#failure(error, step.advice));
      throw error;
    }
  }

  /** Runs steps one after another. @param {Step[]} steps */
  async inOrder(steps) {
    for (const step of steps) await this.step(step);
  }

  /** Forgets the moving lines, for a program that is about to end. */
  close() {
    clearInterval(this.#timer);
    this.#erase();
  }

  /** @param {Active} active @param {string} mark @param {string} outcome */
  #end(active, mark, outcome) {
    this.#active.delete(active);
    if (this.#active.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const took = duration(Date.now() - active.since).padStart(7);
    const columns = `${active.title.padEnd(TITLE_WIDTH)} ${outcome.padEnd(OUTCOME_WIDTH)}`;
    this.print(
      `${this.paint.dim(this.#number(active))} ${mark} ${columns} ${this.paint.dim(took)}`,
    );
  }

  /** @param {Active} active */
  #number({ number }) {
    const width = String(this.total).length;
    return `[${String(number).padStart(width)}/${this.total}]`;
  }

  /** @param {unknown} error @param {string} [advice] */
  #failure(error, advice) {
    const detail =
      error instanceof CommandError ? error.output : error instanceof StepError && error.detail;
    const what = error instanceof StepError && error.advice ? error.advice : advice;
    const lines = [this.paint.red(error instanceof Error ? error.message : String(error))];
    if (detail) lines.push(...tail(detail).split("\n"));
    if (what) lines.push("", `${this.paint.bold("What to do:")} ${what}`);
    return `${lines.map((line) => `${this.paint.dim("  │")} ${line}`).join("\n")}\n`;
  }

  #tick() {
    if (this.live) {
      this.#erase();
      this.#draw();
      return;
    }
    for (const active of this.#active) {
      if (Date.now() - active.logged < LOG_EVERY_MS) continue;
      active.logged = Date.now();
      this.out.write(`${this.#progress(active, "…")}\n`);
    }
  }

  /** @param {Active} active @param {string} mark */
  #progress(active, mark) {
    const times = `${duration(Date.now() - active.since)}, ${duration(this.elapsed)} in all`;
    const note = active.note === "" ? times : `${active.note} · ${times}`;
    return `${this.#number(active)} ${mark} ${active.title.padEnd(TITLE_WIDTH)} ${note}`;
  }

  #draw() {
    if (!this.live) return;
    const mark = SPINNER[Math.floor(Date.now() / REDRAW_MS) % SPINNER.length] ?? "…";
    const width = (this.out.columns ?? 80) - 1;
    for (const active of this.#active) {
      const line = this.#progress(active, mark).slice(0, width);
      this.out.write(`${this.paint.cyan(line)}\n`);
    }
    this.#drawn = this.#active.size;
  }

  #erase() {
    if (this.#drawn > 0) this.out.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }
}
