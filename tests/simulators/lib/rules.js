// The form of a fault rule, and reading one that came from a test or over HTTP: every mistake is
// told, no unknown key is passed over.

/** @import { HeaderPair } from "./answer.js" */
/** @import { Kind } from "./recorder.js" */

import { KINDS } from "./recorder.js";

/**
 * @typedef {"before_headers" | "after_headers" | "mid_body"} When
 *
 * @typedef {{type: "pass"}
 *   | {type: "answer", status?: number, headers?: HeaderPair[], body?: unknown}
 *   | {type: "redirect", location: string, status?: number}
 *   | {type: "huge", bytes?: number}
 *   | {type: "gzip_bomb", bytes?: number}
 *   | {type: "patch", set?: Record<string, unknown>, unset?: string[], status?: number,
 *      headers?: HeaderPair[]}
 *   | {type: "delay", ms: number}
 *   | {type: "gate", name: string}
 *   | {type: "hang", when?: When, execute?: boolean}
 *   | {type: "reset", when?: When, execute?: boolean}
 *   | {type: "truncate"}
 *   | {type: "drip", part?: "headers" | "body", bytes?: number, ms?: number}
 *   | {type: "garbage", where?: "head" | "chunks" | "body"}} FaultAction
 *   `answer`, `redirect`, `huge`, `gzip_bomb` and `garbage` stand in for the platform, which never
 *   sees the request. `patch` changes the platform's JSON answer. The others disturb how that
 *   answer is delivered; `hang` and `reset` before the headers leave the platform out unless
 *   `execute` is true.
 *
 * @typedef {object} FaultRule
 * @property {Kind | "any" | "connection"} match `connection` is met before a request is read.
 * @property {{client?: string, account?: string, method?: string, path?: string}} [where]
 *   All must hold; `path` is a prefix.
 * @property {FaultAction} action
 * @property {number | null} times How many requests it takes; null: until cleared. Default 1.
 */

/** @type {Record<FaultAction["type"], readonly string[]>} */
const ACTION_KEYS = {
  pass: [],
  answer: ["status", "headers", "body"],
  redirect: ["location", "status"],
  huge: ["bytes"],
  gzip_bomb: ["bytes"],
  patch: ["set", "unset", "status", "headers"],
  delay: ["ms"],
  gate: ["name"],
  hang: ["when", "execute"],
  reset: ["when", "execute"],
  truncate: [],
  drip: ["part", "bytes", "ms"],
  garbage: ["where"],
};

/** @type {Partial<Record<FaultAction["type"], readonly string[]>>} */
const NEEDED = { redirect: ["location"], delay: ["ms"], gate: ["name"] };

/** @type {Record<string, readonly string[]>} */
const WORDS = {
  when: ["before_headers", "after_headers", "mid_body"],
  part: ["headers", "body"],
  where: ["head", "chunks", "body"],
};

const CONNECTION_ACTIONS = ["hang", "reset", "garbage", "pass"];

/**
 * @param {Partial<FaultRule>} input
 * @returns {FaultRule}
 * @throws {TypeError | RangeError} Says which key is wrong and what would be right.
 */
export function readRule(input) {
  const { match = "any", where = {}, action, times = 1, ...others } = input ?? {};
  refuseKeys("rule", others);
  refuseKeys("rule.where", omit(where, ["client", "account", "method", "path"]));
  oneOf("rule.match", match, [...KINDS, "any", "connection"]);
  if (times !== null && !(Number.isSafeInteger(times) && times > 0)) {
    throw new RangeError("rule.times: a whole number from 1, or null for until cleared");
  }
  const read = readAction(action);
  if (match === "connection") oneOf("rule.action.type", read.type, CONNECTION_ACTIONS);
  return { match, where, action: read, times };
}

/**
 * @param {unknown} input
 * @returns {FaultAction}
 */
function readAction(input) {
  const action = /** @type {Record<string, unknown>} */ (input ?? {});
  oneOf("rule.action.type", action.type, Object.keys(ACTION_KEYS));
  const type = /** @type {FaultAction["type"]} */ (action.type);
  refuseKeys(`rule.action (${type})`, omit(action, ["type", ...ACTION_KEYS[type]]));
  for (const key of NEEDED[type] ?? []) {
    if (action[key] === undefined) throw new TypeError(`rule.action.${key}: ${type} needs it`);
  }
  for (const key of ["ms", "bytes", "status"]) wholeNumber(`rule.action.${key}`, action[key]);
  for (const [key, words] of Object.entries(WORDS)) {
    if (action[key] !== undefined) oneOf(`rule.action.${key}`, action[key], words);
  }
  return /** @type {FaultAction} */ (structuredClone(action));
}

/**
 * @param {object} value
 * @param {readonly string[]} keys
 */
function omit(value, keys) {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

/**
 * @param {string} name
 * @param {object} unknown
 */
function refuseKeys(name, unknown) {
  const keys = Object.keys(unknown);
  if (keys.length > 0) throw new TypeError(`${name}: unknown key ${keys.join(", ")}`);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {readonly string[]} words
 */
function oneOf(name, value, words) {
  if (!words.includes(/** @type {string} */ (value))) {
    throw new RangeError(`${name}: one of ${words.join(", ")} is needed`);
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function wholeNumber(name, value) {
  if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) >= 0)) {
    throw new RangeError(`${name}: a whole number is needed`);
  }
}
