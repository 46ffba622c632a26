// What a test can see and change of a running simulator. The same over HTTP is control-http.js.

import { FaultPlan } from "./faults.js";
import { Recorder } from "./recorder.js";

/** @import { Kind, RecordedRequest } from "./recorder.js" */
/** @import { Credentials } from "./registry.js" */
/** @import { Platform } from "./simulator.js" */
/** @import { GrantFilter } from "./tokens.js" */

/**
 * @template {Credentials} App
 * @template {Record<string, string | number | boolean>} S
 */
export class Control {
  #platform;
  #network;

  /**
   * @param {Platform<App, S>} platform
   * @param {{refuse: () => Promise<void>, accept: () => Promise<void>}} network
   */
  constructor(platform, network) {
    this.#platform = platform;
    this.#network = network;
    this.recorder = new Recorder();
    this.faults = new FaultPlan(this.recorder);
  }

  get clock() {
    return this.#platform.clock;
  }

  /** Issued tokens: `list`, `expire(filter)`, `revoke(filter)`, `lifetime`. */
  get tokens() {
    return this.#platform.tokens;
  }

  /** Registered apps: `list`, `find`, `add`, `patch`. */
  get apps() {
    return this.#platform.apps;
  }

  /** @returns {S} */
  get settings() {
    return { ...this.#platform.settings.values };
  }

  /**
   * @param {Partial<S>} changes
   * @returns {S} All settings after the change.
   */
  set(changes) {
    return this.#platform.settings.patch(changes);
  }

  counters() {
    return this.recorder.counters();
  }

  /**
   * @param {{kind?: Kind, client?: string, account?: string}} [filter]
   * @returns {RecordedRequest[]}
   */
  requests(filter) {
    return this.recorder.requests(filter);
  }

  /** @returns {RecordedRequest[]} Requests in a form that no documentation describes. */
  undocumented() {
    return this.requests().filter((request) => request.problems.length > 0);
  }

  /** @throws {Error} Something undocumented was sent; the message lists what. */
  assertDocumented() {
    const lines = this.undocumented().map(
      ({ seq, method, target, problems }) =>
        `#${seq} ${method} ${target.split("?")[0]}: ${problems.join("; ")}`,
    );
    if (lines.length === 0) return;
    throw new Error(
      `${this.#platform.name} was sent what it does not document:\n${lines.join("\n")}`,
    );
  }

  /**
   * @param {Parameters<Recorder["waitFor"]>[0]} condition
   * @param {{timeoutMs?: number}} [options]
   */
  waitFor(condition, options) {
    return this.recorder.waitFor(condition, options);
  }

  /**
   * @param {Kind} kind
   * @param {number} count
   * @param {{timeoutMs?: number}} [options]
   * @returns {Promise<unknown>} Resolved when that many requests of the kind have arrived.
   */
  waitForRequests(kind, count, options) {
    return this.waitFor((counters) => counters[kind].received >= count, options);
  }

  /** @param {GrantFilter} [filter] */
  expire(filter) {
    return this.tokens.expire(filter);
  }

  /** @param {GrantFilter} [filter] */
  revoke(filter) {
    return this.tokens.revoke(filter);
  }

  /** Cuts every connection and refuses new ones until `accept`. */
  refuse() {
    return this.#network.refuse();
  }

  /** Listens again on the same port. */
  accept() {
    return this.#network.accept();
  }

  /** Everything as at the start: faults, counters, tokens, clock, settings, apps, data. */
  reset() {
    this.faults.clear();
    this.clock.setOffset(0);
    this.tokens.reset();
    this.apps.reset();
    this.#platform.settings.reset();
    this.#platform.reset();
    this.recorder.reset();
  }
}
