// A merchant's way through Clover without a browser, step by step, so that each step can be bent.

import assert from "node:assert/strict";
import { cookies } from "./fixtures.js";

/** @import { Stack } from "./fixtures.js" */
/** @import { Answer } from "./http.js" */

/**
 * @typedef {object} Visit a login that was begun and has not come back
 * @property {string} cookie what the browser holds of it
 * @property {string} authorizeUrl where it was sent
 * @property {string} state
 */

/**
 * Begins a login.
 * @param {Stack} stack
 * @param {{ app?: string, query?: Record<string, string>, cookie?: string }} [options]
 * @returns {Promise<Visit>}
 */
export async function begin(stack, { app = "till", query = {}, cookie } = {}) {
  const target = `/login/${app}?${new URLSearchParams(query)}`;
  const answer = await comeBack(stack, target, cookie);
  const authorizeUrl = answer.headers.get("location") ?? "";
  const state = new URL(authorizeUrl).searchParams.get("state") ?? "";
  return { cookie: cookies(answer), authorizeUrl, state };
}

/**
 * Signs in at Clover and consents.
 * @param {Stack} stack
 * @param {Visit} visit
 * @param {string} [merchant]
 * @returns {Promise<URL>} where Clover sends the browser
 */
export async function consent(stack, { authorizeUrl }, merchant = "MERCHANT00001") {
  stack.sims.clover.control.set({ consent: "allow", merchant });
  const answer = await fetch(authorizeUrl, { redirect: "manual" });
  return new URL(answer.headers.get("location") ?? "");
}

/**
 * Opens an address of the worker, mostly where Clover sent the browser.
 * @param {Stack} stack
 * @param {URL | string} url
 * @param {string} [cookie]
 * @returns {Promise<Answer>}
 */
export function comeBack(stack, url, cookie) {
  const target = typeof url === "string" ? url : url.pathname + url.search;
  /** @type {Record<string, string>} */
  const headers = cookie === undefined ? {} : { cookie };
  return stack.call("GET", target, { as: null, headers });
}

/** The session's cookie out of an answer of the callback. @param {Answer} answer */
export function sessionCookie(answer) {
  const cookie = cookies(answer)
    .split("; ")
    .find((pair) => pair.startsWith("tillgate="));
  if (cookie === undefined) throw new Error(`no session: ${answer.status} ${answer.text}`);
  return cookie;
}

/** A copy of an address with parameters changed. @param {URL} url @param {Record<string, string>} parameters */
export function withParameters(url, parameters) {
  const copy = new URL(url);
  for (const [name, value] of Object.entries(parameters)) copy.searchParams.set(name, value);
  return copy;
}

/**
 * A login that has come as far as Clover's answer.
 * @param {Stack} stack
 * @param {{ app?: string, merchant?: string }} [options]
 * @returns {Promise<Visit & { back: URL }>}
 */
export async function almost(stack, { app = "till", merchant = "MERCHANT00001" } = {}) {
  const visit = await begin(stack, { app });
  return { ...visit, back: await consent(stack, visit, merchant) };
}

/**
 * That an answer is the page of a failed callback, with everything that such a page carries.
 * @param {Answer} answer
 * @param {string} code
 * @param {number} [status]
 */
export function assertPage(answer, code, status = 400) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get("tillgate-error"), code);
  assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.match(answer.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
  assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.ok(answer.text.includes(code), "the code is on the page");
  assert.ok(answer.text.includes(answer.headers.get("x-request-id") ?? "no id"));
  assert.equal(cookies(answer), "", "no cookie is set");
}
