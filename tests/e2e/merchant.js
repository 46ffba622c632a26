// A merchant's way through Clover without a browser, step by step, so that each step can be bent.

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
