// What a simulator received: a bounded list of requests, counters, and promises that resolve when
// a condition on the counters holds. Nothing here waits for time to pass, except as a last resort.

/** @import { BehaviourId } from "../behaviours.js" */
/** @import { HeaderPair } from "./answer.js" */
/** @import { Received } from "./received.js" */

/** Requests kept; older ones are dropped, counters go on. */
export const KEPT_REQUESTS = 5000;
/** A condition that does not come true within this many milliseconds fails the test, not hangs it. */
export const WAIT_LIMIT_MS = 30_000;

/**
 * @typedef {"token" | "api" | "proof" | "authorize" | "page" | "other"} Kind
 *   `proof` is Clover's `GET /v3/merchants/{mId}`; `authorize` a login or launch; `other` no route.
 *
 * @typedef {{kind: Kind, client?: string, account?: string, brand?: string}} Labels
 *
 * @typedef {"succeeded" | "rejected" | "faulted"} Result
 *   `rejected`: answered with an error of the platform's. `faulted`: the fault plan took over and
 *   the platform never saw the request.
 *
 * @typedef {object} RecordedRequest
 * @property {number} seq From 1 since the last reset, in order of arrival.
 * @property {number} at Epoch seconds of the simulator's clock.
 * @property {Kind} kind
 * @property {string} [client]
 * @property {string} [account]
 * @property {string} [brand]
 * @property {string} method
 * @property {string} target
 * @property {HeaderPair[]} headers
 * @property {string} body Text; bytes that are no UTF-8 are replaced.
 * @property {string[]} problems What the documentation does not allow about this request, for a
 *   person. Empty for a request in the documented form, whether or not it succeeded.
 * @property {Result} [result]
 * @property {number} [status] Of the answer, as far as one was meant to be sent.
 * @property {BehaviourId} [behaviour] What the answer rests on.
 * @property {string} [fault] Type of the fault action that took part.
 *
 * @typedef {object} Tally
 * @property {number} received
 * @property {number} succeeded
 * @property {number} rejected
 * @property {number} faulted
 * @property {Record<string, number>} by_client Received, by client id.
 * @property {Record<string, number>} by_account
 * @property {Record<string, number>} by_brand
 *
 * @typedef {Record<Kind, Tally> & {connections: number, requests: number, malformed: number,
 *   undocumented: number, in_flight: number, most_in_flight: number, held: number,
 *   created: number}} Counters
 *   `malformed`: what was no HTTP. `held`: requests waiting at a gate. `created`: orders and
 *   transactions that POST made. `in_flight`: requests whose answer has not ended.
 */

/** @type {readonly Kind[]} */
export const KINDS = ["token", "api", "proof", "authorize", "page", "other"];

export class Recorder {
  /** @type {RecordedRequest[]} */
  #requests = [];
  #seq = 0;
  #counters = freshCounters();
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /** @returns {Counters} A copy. */
  counters() {
    return structuredClone(this.#counters);
  }

  /**
   * @param {{kind?: Kind, client?: string, account?: string}} [filter]
   * @returns {RecordedRequest[]} Copies, oldest first.
   */
  requests(filter = {}) {
    const wanted = Object.entries(filter).filter(([, value]) => value !== undefined);
    return structuredClone(
      this.#requests.filter((request) =>
        wanted.every(([key, value]) => request[/** @type {"kind"} */ (key)] === value),
      ),
    );
  }

  /**
   * @param {Received} received
   * @param {Labels} labels
   * @param {number} at
   * @returns {RecordedRequest} To be completed with `finish`.
   */
  begin(received, labels, at) {
    this.#seq += 1;
    /** @type {RecordedRequest} */
    const record = {
      seq: this.#seq,
      at,
      ...labels,
      method: received.method,
      target: received.target,
      headers: received.headers,
      body: received.body.toString("utf8"),
      problems: [],
    };
    this.#requests.push(record);
    if (this.#requests.length > KEPT_REQUESTS) this.#requests.shift();
    this.#change((counters) => countArrival(counters, labels));
    return record;
  }

  /**
   * @param {RecordedRequest} record
   * @param {{result: Result, status?: number, problems?: string[], behaviour?: BehaviourId}} outcome
   */
  finish(record, { result, status, problems = [], behaviour }) {
    record.result = result;
    if (status !== undefined) record.status = status;
    if (behaviour !== undefined) record.behaviour = behaviour;
    record.problems.push(...problems);
    this.#change((counters) => {
      counters[record.kind][result] += 1;
      if (problems.length > 0) counters.undocumented += 1;
    });
  }

  /**
   * @param {"connections" | "malformed" | "created" | "held" | "in_flight"} name
   * @param {1 | -1} [by]
   */
  count(name, by = 1) {
    this.#change((counters) => {
      counters[name] += by;
      counters.most_in_flight = Math.max(counters.most_in_flight, counters.in_flight);
    });
  }

  /**
   * @param {(counters: Readonly<Counters>) => boolean} condition Asked now and after every change.
   * @param {{timeoutMs?: number}} [options]
   * @returns {Promise<Counters>} Rejected when the condition stays false for too long.
   */
  waitFor(condition, { timeoutMs = WAIT_LIMIT_MS } = {}) {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#watchers.delete(check);
        clearTimeout(timer);
      };
      const check = () => {
        if (!condition(this.#counters)) return;
        settle();
        resolve(this.counters());
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`condition not met; counters: ${JSON.stringify(this.#counters)}`));
      }, timeoutMs);
      this.#watchers.add(check);
      check();
    });
  }

  /** Forgets requests and counts, except what is still under way. */
  reset() {
    const { in_flight, held } = this.#counters;
    this.#requests = [];
    this.#seq = 0;
    this.#counters = { ...freshCounters(), in_flight, held, most_in_flight: in_flight };
  }

  /** @param {(counters: Counters) => void} change */
  #change(change) {
    change(this.#counters);
    for (const check of [...this.#watchers]) check();
  }
}

/**
 * @param {Counters} counters
 * @param {Labels} labels
 */
function countArrival(counters, { kind, client, account, brand }) {
  const tally = counters[kind];
  counters.requests += 1;
  tally.received += 1;
  countName(tally.by_client, client);
  countName(tally.by_account, account);
  countName(tally.by_brand, brand);
}

/**
 * @param {Record<string, number>} counts
 * @param {string | undefined} name
 */
function countName(counts, name) {
  if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
}

/** @returns {Tally} */
function freshTally() {
  const empty = () => Object.create(null);
  return {
    received: 0,
    succeeded: 0,
    rejected: 0,
    faulted: 0,
    by_client: empty(),
    by_account: empty(),
    by_brand: empty(),
  };
}

/** @returns {Counters} */
function freshCounters() {
  const tallies = /** @type {Record<Kind, Tally>} */ (
    Object.fromEntries(KINDS.map((kind) => [kind, freshTally()]))
  );
  return {
    ...tallies,
    connections: 0,
    requests: 0,
    malformed: 0,
    undocumented: 0,
    in_flight: 0,
    most_in_flight: 0,
    held: 0,
    created: 0,
  };
}
