// The ports of a development run: where they come from and whether they are free.

import { createServer } from "node:net";
import { StepError } from "./steps.js";

/** @typedef {{ worker: number, demo: number, clopos: number, clearline: number, clover: number }} Ports */

/** Each port with its default, its flag and its environment variable. */
export const PORTS = /** @type {const} */ ([
  { key: "worker", port: 8787, flag: "port", variable: "TILLGATE_PORT" },
  { key: "demo", port: 8080, flag: "demo-port", variable: "TILLGATE_DEMO_PORT" },
  { key: "clopos", port: 9101, flag: "clopos-port", variable: "TILLGATE_CLOPOS_PORT" },
  { key: "clearline", port: 9102, flag: "clearline-port", variable: "TILLGATE_CLEARLINE_PORT" },
  { key: "clover", port: 9103, flag: "clover-port", variable: "TILLGATE_CLOVER_PORT" },
]);

/**
 * A port as someone wrote it.
 * @param {string} text
 * @param {string} name where it was written
 */
function parsePort(text, name) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new StepError(`${name} is ${text}, which is no port: it must be a number from 1 to 65535`);
}

/**
 * The ports to use: flags before environment variables before defaults.
 * @param {Record<string, string | undefined>} flags
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Ports}
 * @throws {StepError} one of them is no port, or is given twice
 */
export function choosePorts(flags, environment) {
  const chosen = PORTS.map(({ key, port, flag, variable }) => {
    const given = flags[flag];
    if (given !== undefined) return [key, parsePort(given, `--${flag}`)];
    const variableText = environment[variable];
    return [key, variableText ? parsePort(variableText, variable) : port];
  });
  if (new Set(chosen.map(([, port]) => port)).size < chosen.length) {
    throw new StepError(
      `two of the ports are the same: ${chosen.map(([, port]) => port).join(", ")}`,
    );
  }
  return Object.fromEntries(chosen);
}

/** @param {number} port @param {string} host @returns {Promise<boolean>} */
function isFree(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 has no ::1 to be busy.
    server.once("error", (/** @type {NodeJS.ErrnoException} */ { code }) =>
      resolve(code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT"),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Makes sure that all ports can be listened on.
 * @param {Ports} ports
 * @throws {StepError} it names each busy port and how to choose another
 */
export async function requireFreePorts(ports) {
  /** @type {string[]} */
  const busy = [];
  for (const { key, flag, variable } of PORTS) {
    const port = ports[key];
    const free = (await isFree(port, "127.0.0.1")) && (await isFree(port, "::1"));
    if (!free) busy.push(`port ${port} (${key}): choose another with ${variable}=… or --${flag} …`);
  }
  if (busy.length === 0) return;
  throw new StepError("another program listens there already", {
    detail: busy.join("\n"),
    advice: `end it, or choose other ports: npm start -- --${PORTS[0].flag} 8788`,
  });
}
