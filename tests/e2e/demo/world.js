// What the demo shop's tests need: the worker as `npm start` configures it, the simulators, the shop and Chromium.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { startDemo } from "../../../demo/lib/start.js";
import { developmentEnvironment } from "../../../scripts/lib/development.js";
import { packBrowser } from "../../../scripts/lib/pack.js";
import { BROWSER_TARBALL } from "../../../scripts/lib/paths.js";
import { startSimulators } from "../../simulators/index.js";
import { startChromium } from "../harness/chromium.js";
import { startWorker } from "../harness/worker.js";

/** @import { Simulators } from "../../simulators/index.js" */

/** @typedef {Awaited<ReturnType<typeof startWorld>>} World */

/** @param {string} url */
const portOf = (url) => Number(new URL(url).port);

/** A port for the worker, whose address the shop has to know before the worker can know the shop's. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/**
 * The variables that `npm start` writes for the worker.
 * @param {string} text NAME='value' lines
 * @returns {Record<string, string>}
 */
function readEnvironment(text) {
  const lines = text.matchAll(/^(\w+)='(.*)'$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

/** @param {Simulators} simulators @param {number} workerPort @param {string} apiKey */
const startShop = ({ clopos, clearline, clover }, workerPort, apiKey) =>
  startDemo({
    port: 0,
    workerUrl: `http://localhost:${workerPort}`,
    tarball: BROWSER_TARBALL,
    apiKey,
    clientId: "TILLGATEDEMO1",
    authorizeUrl: `http://localhost:${portOf(clover.url)}/oauth/authorize`,
    simulators: { clopos: clopos.url, clearline: clearline.url, clover: clover.url },
  });

export async function startWorld() {
  const apiKey = `dev-${randomBytes(32).toString("base64url")}`;
  const sealKey = `dev:${randomBytes(32).toString("base64url")}`;
  const [simulators, workerPort] = await Promise.all([
    startSimulators(),
    freePort(),
    packBrowser(),
  ]);
  const demo = await startShop(simulators, workerPort, apiKey);
  const { clopos, clearline, clover } = simulators;
  const ports = {
    worker: workerPort,
    demo: portOf(demo.url),
    clopos: portOf(clopos.url),
    clearline: portOf(clearline.url),
    clover: portOf(clover.url),
  };
  const secrets = readEnvironment(developmentEnvironment(ports, { apiKey, sealKey }));
  const [worker, browser] = await Promise.all([
    startWorker({ port: workerPort, secrets }),
    startChromium(),
  ]);
  return {
    apiKey,
    secrets,
    simulators,
    browser,
    shopUrl: demo.url,
    workerUrl: `http://localhost:${workerPort}`,
    /** The token that Clover issued last. */
    lastToken: () => clover.control.tokens.list().at(-1)?.token ?? "",
    async close() {
      await browser.close();
      await demo.close();
      await Promise.all([worker.stop(), simulators.close()]);
    },
  };
}
