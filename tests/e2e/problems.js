// What every problem has to be (RFC 9457, and "Problems" in the README): one assertion for all tests.

import assert from "node:assert/strict";

/** @import { Answer } from "./http.js" */

/** All codes with their statuses. @type {Record<string, number>} */
export const CODES = {
  bad_request: 400,
  body_too_large: 413,
  unauthenticated: 401,
  forbidden: 403,
  path_not_allowed: 403,
  origin_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  login_required: 401,
  state_invalid: 400,
  merchant_not_proved: 400,
  callback_invalid: 400,
  credentials_rejected: 502,
  access_denied: 502,
  platform_answer_invalid: 502,
  rate_limited: 429,
  platform_unavailable: 503,
  platform_timeout: 504,
  config_invalid: 503,
  internal: 500,
};

const ALWAYS = ["type", "title", "status", "detail", "code", "request_id"];
const WHERE_THEY_APPLY = ["app", "account", "retry_after", "login_url", "errors"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * Asserts that an answer is this problem, whole and uncached.
 * @param {Answer} answer
 * @param {string} code
 * @param {Record<string, unknown>} [members] further members, exactly
 * @returns {any} the problem
 */
export function assertProblem(answer, code, members = {}) {
  const problem = parsed(answer, code);
  assert.equal(answer.status, CODES[code]);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.equal(problem.type, `urn:tillgate:problem:${code}`);
  assert.equal(problem.status, answer.status);
  assert.match(problem.title, /^[A-Z].{5,}[^.]$/);
  assert.match(problem.detail, /^\S.{10,}\.$/);
  for (const member of Object.keys(problem))
    assert.ok([...ALWAYS, ...WHERE_THEY_APPLY].includes(member), `unknown member ${member}`);
  for (const [name, value] of Object.entries(members)) assert.deepEqual(problem[name], value, name);
  assert.equal(problem.request_id, answer.headers.get("x-request-id"));
  const wait = problem.retry_after;
  assert.equal(answer.headers.get("retry-after"), wait === undefined ? null : String(wait));
  assertUncached(answer);
  return problem;
}

/** What every answer has: an id, and no way into a cache. @param {Answer} answer */
export function assertUncached(answer) {
  assert.match(answer.headers.get("x-request-id") ?? "", UUID);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
}

/** @param {Answer} answer @param {string} code */
function parsed(answer, code) {
  try {
    const problem = answer.json;
    assert.equal(problem.code, code, problem.detail);
    return problem;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.fail(`no problem but ${answer.status} ${answer.text.slice(0, 200)}`);
  }
}
