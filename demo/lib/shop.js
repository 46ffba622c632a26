// The shop's back-end: what it asks the worker for on behalf of the page, with the API key that the page never sees.

import { problem } from "./answer.js";

/** @import { Answer } from "./answer.js" */
/** @import { Settings } from "./settings.js" */

/** The worker gives up on a platform after 30 s and says so; whoever waits longer hears it. */
const PATIENCE_MS = 35_000;

/** Headers of the worker that the page is shown. */
const PASSED_ON = ["content-type", "retry-after", "server-timing", "x-request-id"];

/** @typedef {{ method: "GET" | "POST", path: string, body?: () => unknown }} Call below the worker's `/api/` */

/** What the café rings up when a guest shows the stamp card. The platform's fields for it are its own business. */
const purchase = () => ({ item: "Flat white", amount: 3.6, at: new Date().toISOString() });

/**
 * What the page may ask for. Apps and accounts are those of the development configuration.
 * @type {Record<string, Call>}
 */
const CALLS = {
  "GET /shop/menu/v1/products": { method: "GET", path: "cafe/openapitest.1/menu/products" },
  "GET /shop/menu/v1/categories": { method: "GET", path: "cafe/openapitest.1/menu/categories" },
  "GET /shop/menu/v2/products": { method: "GET", path: "cafe2/openapitest/menu/products" },
  "GET /shop/menu/v2/categories": { method: "GET", path: "cafe2/openapitest/menu/categories" },
  "GET /shop/loyalty/till": { method: "GET", path: "loyalty/main/pos/cafe-tilde/status" },
  "POST /shop/loyalty/stamp": {
    method: "POST",
    path: "loyalty/main/pos/cafe-tilde/transaction",
    body: purchase,
  },
};

/**
 * @param {Settings} settings
 * @param {string} route method and path
 * @returns {Promise<Answer> | undefined} undefined: not one of the shop's
 */
export function shop(settings, route) {
  const call = CALLS[route];
  return call && callWorker(settings, call);
}

/**
 * @param {Settings} settings
 * @param {Call} call
 * @returns {Promise<Answer>}
 */
async function callWorker({ workerUrl, apiKey }, { method, path, body }) {
  const headers = { authorization: `Bearer ${apiKey}`, accept: "application/json" };
  const since = performance.now();
  try {
    const response = await fetch(`${workerUrl}/api/${path}`, {
      method,
      headers: body ? { ...headers, "content-type": "application/json" } : headers,
      ...(body && { body: JSON.stringify(body()) }),
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const content = new Uint8Array(await response.arrayBuffer());
    return passOn(response, content, performance.now() - since);
  } catch {
    return problem(502, "tillgate does not answer", `The shop asked ${workerUrl}. Is it running?`);
  }
}

/**
 * @param {Response} response
 * @param {Uint8Array} body
 * @param {number} ms how long the worker took, seen from here
 * @returns {Answer}
 */
function passOn({ status, headers }, body, ms) {
  /** @type {Record<string, string>} */
  const passed = {};
  for (const name of PASSED_ON) {
    const value = headers.get(name);
    if (value !== null) passed[name] = value;
  }
  const measured = `worker;dur=${ms.toFixed(1)}`;
  passed["server-timing"] = [passed["server-timing"], measured].filter(Boolean).join(", ");
  return { status, headers: passed, body };
}
