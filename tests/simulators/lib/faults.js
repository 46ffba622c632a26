// The fault plan: an ordered list of rules, each naming which requests it meets, what happens to
// them and how often. Which bytes a fault then sends is deliver.js; reading a rule is rules.js.

import { readRule } from "./rules.js";

/** @import { FaultAction, FaultRule } from "./rules.js" */
/** @import { Received } from "./received.js" */
/** @import { Labels, Recorder } from "./recorder.js" */

/** @typedef {FaultRule & {id: string, hits: number}} PlannedRule */

export class FaultPlan {
  /** @type {PlannedRule[]} */
  #rules = [];
  #lastId = 0;
  /** @type {Map<string, Set<() => void>>} */
  #gates = new Map();
  #recorder;

  /** @param {Recorder} recorder */
  constructor(recorder) {
    this.#recorder = recorder;
  }

  /**
   * Appends rules. The first rule that meets a request and is not used up takes it.
   * @param {Partial<FaultRule> | Partial<FaultRule>[]} input
   * @returns {string[]} Their ids.
   * @throws {TypeError | RangeError} A rule is not understood; then none is added.
   */
  add(input) {
    const rules = (Array.isArray(input) ? input : [input]).map(readRule);
    return rules.map((rule) => {
      this.#lastId += 1;
      const planned = { ...rule, id: `f${this.#lastId}`, hits: 0 };
      this.#rules.push(planned);
      return planned.id;
    });
  }

  /** @returns {PlannedRule[]} Copies of the rules that are not used up. */
  list() {
    return structuredClone(this.#rules);
  }

  /**
   * @param {string} id
   * @returns {boolean} Whether there was such a rule.
   */
  remove(id) {
    const before = this.#rules.length;
    this.#rules = this.#rules.filter((rule) => rule.id !== id);
    return this.#rules.length < before;
  }

  /** Drops every rule and lets everything that waits at a gate pass. */
  clear() {
    this.#rules = [];
    for (const name of [...this.#gates.keys()]) this.release(name);
  }

  /** @returns {FaultAction | undefined} What happens to a new connection, before any request. */
  takeConnection() {
    return this.#take((rule) => rule.match === "connection");
  }

  /**
   * @param {Labels} labels
   * @param {Received} received
   * @returns {FaultAction | undefined} Undefined: nothing unusual.
   */
  takeRequest(labels, received) {
    return this.#take(
      (rule) =>
        (rule.match === "any" || rule.match === labels.kind) &&
        meets(rule.where ?? {}, labels, received),
    );
  }

  /**
   * Holds the answers to what the rule meets until `release`.
   * @param {Partial<Omit<FaultRule, "action">>} rule `times` defaults to until released.
   * @returns {Gate}
   */
  hold(rule) {
    const name = `gate-${this.#lastId + 1}`;
    this.add({ times: null, ...rule, action: { type: "gate", name } });
    return new Gate(this, this.#recorder, name);
  }

  /**
   * @param {string} name
   * @returns {Promise<void>} Resolved when the gate opens.
   */
  wait(name) {
    return new Promise((resolve) => {
      const waiting = this.#gates.get(name) ?? new Set();
      this.#gates.set(name, waiting);
      waiting.add(resolve);
      this.#recorder.count("held");
    });
  }

  /**
   * @param {string} name
   * @returns {number} How many wait at that gate now.
   */
  heldAt(name) {
    return this.#gates.get(name)?.size ?? 0;
  }

  /**
   * Opens a gate for good: what waits there goes on, and its rule is dropped.
   * @param {string} name
   * @returns {number} How many were waiting.
   */
  release(name) {
    const waiting = this.#gates.get(name) ?? new Set();
    this.#gates.delete(name);
    this.#rules = this.#rules.filter(
      ({ action }) => action.type !== "gate" || action.name !== name,
    );
    for (const resolve of waiting) {
      this.#recorder.count("held", -1);
      resolve();
    }
    return waiting.size;
  }

  /**
   * @param {(rule: PlannedRule) => boolean} met
   * @returns {FaultAction | undefined}
   */
  #take(met) {
    const rule = this.#rules.find(met);
    if (!rule) return undefined;
    rule.hits += 1;
    if (rule.times !== null && rule.hits >= rule.times) this.remove(rule.id);
    return rule.action;
  }
}

export class Gate {
  #plan;
  #recorder;

  /**
   * @param {FaultPlan} plan
   * @param {Recorder} recorder
   * @param {string} name
   */
  constructor(plan, recorder, name) {
    this.#plan = plan;
    this.#recorder = recorder;
    this.name = name;
  }

  get held() {
    return this.#plan.heldAt(this.name);
  }

  /**
   * @param {number} count
   * @returns {Promise<unknown>} Resolved when that many requests wait at the gate.
   */
  arrived(count) {
    return this.#recorder.waitFor(() => this.held >= count);
  }

  release() {
    return this.#plan.release(this.name);
  }
}

/**
 * @param {NonNullable<FaultRule["where"]>} where
 * @param {Labels} labels
 * @param {Received} received
 */
function meets({ client, account, method, path }, labels, received) {
  return (
    (client === undefined || client === labels.client) &&
    (account === undefined || account === labels.account) &&
    (method === undefined || method === received.method) &&
    (path === undefined || received.path.startsWith(path))
  );
}
