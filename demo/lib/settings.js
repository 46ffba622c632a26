// What the demo shop has to know, read from its environment and checked. Nothing is read from anywhere else.

import { BROWSER_TARBALL } from "../../scripts/lib/paths.js";

/**
 * @typedef {object} Settings
 * @property {number} port 0: any free one
 * @property {string} workerUrl the worker's origin, as the browser and this back-end reach it
 * @property {string} tarball of the npm package `tillgate`, whose files the page gets
 * @property {string} apiKey the key with which this back-end calls the worker; it never leaves for the page
 * @property {string} clientId the app at Clover that the implicit flow logs in to
 * @property {string} authorizeUrl where Clover asks the merchant
 * @property {Partial<Record<Platform, string>>} simulators origins; those that are missing cannot be made to fail
 */

/** @typedef {"clopos" | "clearline" | "clover"} Platform */

/**
 * - `TILLGATE_API_KEY`: the shop's key at the worker, without a default
 * - `TILLGATE_URL`: http://localhost:8787
 * - `TILLGATE_TARBALL`: target/packed/tillgate.tgz, as `npm start` packs it; any that `npm pack` made will do
 * - `CLOVER_URL`: http://localhost:9103, whose `/oauth/authorize` the implicit flow goes to
 * - `CLOVER_CLIENT_ID`: TILLGATEDEMO1
 * - `CLOPOS_SIMULATOR`, `CLEARLINE_SIMULATOR`, `CLOVER_SIMULATOR`: none; with them the page offers its "what if" buttons
 * @param {Record<string, string | undefined>} environment
 * @param {string} port
 * @returns {Settings}
 * @throws {Error} a variable is missing or wrong; the message names it
 */
export function readSettings(environment, port) {
  const apiKey = environment.TILLGATE_API_KEY;
  if (!apiKey) throw new Error("TILLGATE_API_KEY must hold a key that the worker knows");
  const clover = origin(environment, "CLOVER_URL") ?? "http://localhost:9103";
  return {
    port: parsePort(port),
    workerUrl: origin(environment, "TILLGATE_URL") ?? "http://localhost:8787",
    tarball: environment.TILLGATE_TARBALL || BROWSER_TARBALL,
    apiKey,
    clientId: environment.CLOVER_CLIENT_ID || "TILLGATEDEMO1",
    authorizeUrl: `${clover}/oauth/authorize`,
    simulators: {
      clopos: origin(environment, "CLOPOS_SIMULATOR"),
      clearline: origin(environment, "CLEARLINE_SIMULATOR"),
      clover: origin(environment, "CLOVER_SIMULATOR"),
    },
  };
}

/** @param {Record<string, string | undefined>} environment @param {string} name */
function origin(environment, name) {
  const text = environment[name];
  if (!text) return undefined;
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text).origin;
  throw new Error(`${name} must be an origin such as http://localhost:8787, not ${text}`);
}

/** @param {string} text */
function parsePort(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`--port takes a number from 0 (any free one) to 65535, not ${text}`);
}
