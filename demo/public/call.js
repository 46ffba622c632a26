// One call of the page's, to the shop's back-end or to the worker, with all that a panel shows of it. A failure is a
// value here, in the form of a problem document, whoever it came from.

import { parseServerTiming } from "./server-timing.js";

/** @typedef {import("./server-timing.js").Metric} Metric */

/**
 * @typedef {object} Problem as in RFC 9457, as far as the page uses it
 * @property {string} title
 * @property {string} detail
 * @property {string} [code]
 * @property {string} [request_id]
 * @property {string} [login_url]
 * @property {number} [retry_after] seconds
 *
 * @typedef {object} Call
 * @property {string} name for the receipt
 * @property {number} status 0: no answer came
 * @property {number} ms as the page saw it
 * @property {string} serverTiming the header as it came
 * @property {Metric[]} metrics
 * @property {any} data of a success
 * @property {Problem | null} problem
 */

/**
 * @param {string} name for the receipt
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<Call>}
 */
export async function call(name, url, init) {
  const since = performance.now();
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    const ms = performance.now() - since;
    const serverTiming = response.headers.get("server-timing") ?? "";
    const data = parseJson(text);
    return {
      name,
      status: response.status,
      ms,
      serverTiming,
      metrics: parseServerTiming(serverTiming),
      data,
      problem: response.ok ? null : problemOf(response, data),
    };
  } catch {
    return unanswered(name, url, performance.now() - since);
  }
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {Response} response
 * @param {any} data
 * @returns {Problem} the one in the answer; where a platform answered in its own words, one that says so
 */
function problemOf({ status, headers }, data) {
  if (headers.get("content-type")?.startsWith("application/problem+json") && data) return data;
  const detail = "This answer is the platform’s own. tillgate passes it on as it is.";
  return { title: `The platform answered ${status}`, detail };
}

/**
 * @param {string} name
 * @param {string} url
 * @param {number} ms
 * @returns {Call}
 */
function unanswered(name, url, ms) {
  const { origin } = new URL(url, location.href);
  const detail =
    origin === location.origin
      ? "The shop’s back-end does not answer. Is it still running?"
      : `Is tillgate running at ${origin}, and is ${location.origin} among its “origins”?`;
  const problem = { title: "No answer", detail };
  return { name, status: 0, ms, serverTiming: "", metrics: [], data: null, problem };
}
