// Small clients for the simulators' own tests: requests in the documented form, so that each test
// changes one thing. Not for tests of tillgate, which makes its own requests.

import { once } from "node:events";
import { connect } from "node:net";
import { CLEARLINE_DEFAULT_APP, CLOPOS_DEFAULT_APP, CLOVER_DEFAULT_APP } from "../index.js";

/** @import { Simulators } from "../index.js" */

export const CLOPOS_V1_BODY = { ...CLOPOS_DEFAULT_APP, brand: "openapitest", venue_id: "1" };
export const CLOPOS_V2_BODY = {
  ...CLOPOS_DEFAULT_APP,
  brand: "openapitest",
  integrator_id: "test_jKsU96rq333b6PotTZfkgw",
};
export const CLEARLINE_BODY = "grant_type=client_credentials&scope=pos_integration";

/**
 * @param {Simulators} simulators
 * @param {Record<string, unknown> | string} [body]
 * @param {{version?: 1 | 2, headers?: Record<string, string>}} [options]
 */
export function cloposAuth({ clopos }, body, { version = 1, headers = {} } = {}) {
  const documented = version === 1 ? CLOPOS_V1_BODY : CLOPOS_V2_BODY;
  return fetch(`${clopos.url}/open-api/${version === 1 ? "" : "v2/"}auth`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body ?? documented),
  });
}

/**
 * @param {Simulators} simulators
 * @param {{id?: string, secret?: string, body?: string, headers?: Record<string, string>}} [change]
 */
export function clearlineToken({ clearline }, change = {}) {
  const id = change.id ?? CLEARLINE_DEFAULT_APP.client_id;
  const secret = change.secret ?? CLEARLINE_DEFAULT_APP.client_secret;
  return fetch(`${clearline.url}/connect/token`, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
      ...change.headers,
    },
    body: change.body ?? CLEARLINE_BODY,
  });
}

/**
 * Goes through a login without a person and returns where Clover sends the browser.
 * @param {Simulators} simulators
 * @param {Record<string, string>} [parameters]
 * @returns {Promise<URL>}
 */
export async function cloverLogin({ clover }, parameters = {}) {
  clover.control.set({ consent: "allow" });
  const query = new URLSearchParams({
    client_id: CLOVER_DEFAULT_APP.client_id,
    redirect_uri: "http://localhost:8787/callback/till",
    response_type: "code",
    ...parameters,
  });
  const answer = await fetch(`${clover.url}/oauth/authorize?${query}`, { redirect: "manual" });
  return new URL(answer.headers.get("location") ?? "", clover.url);
}

/**
 * @param {Simulators} simulators
 * @param {Record<string, string>} parameters
 */
export function cloverToken({ clover }, parameters) {
  const query = new URLSearchParams({
    client_id: CLOVER_DEFAULT_APP.client_id,
    client_secret: CLOVER_DEFAULT_APP.client_secret,
    ...parameters,
  });
  return fetch(`${clover.url}/oauth/token?${query}`);
}

/**
 * @param {Simulators} simulators
 * @param {Record<string, string>} [parameters]
 * @returns {Promise<string>} An access token.
 */
export async function cloverAccess(simulators, parameters) {
  const back = await cloverLogin(simulators, parameters);
  const code = back.searchParams.get("code") ?? "";
  const { access_token } = await (await cloverToken(simulators, { code })).json();
  return access_token;
}

/**
 * Sends bytes and reads what comes until the connection ends.
 * @param {number} port
 * @param {string} bytes
 * @returns {Promise<{received: string, error: string | undefined}>}
 */
export async function sendRaw(port, bytes) {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  /** @type {string | undefined} */
  let error;
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.on("error", (/** @type {NodeJS.ErrnoException} */ reason) => {
    error = reason.code;
  });
  socket.write(bytes);
  await once(socket, "close").catch(() => {});
  if (!socket.closed) await once(socket, "close").catch(() => {});
  return { received, error };
}
