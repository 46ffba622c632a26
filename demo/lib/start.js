// The demo shop's HTTP server on loopback: who may ask, which part answers, and writing the answer out.

import { once } from "node:events";
import { createServer } from "node:http";
import { COMMON_HEADERS, problem } from "./answer.js";
import { document, file, publicFiles } from "./files.js";
import { shop } from "./shop.js";
import { whatIf } from "./what-if.js";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { AddressInfo } from "node:net" */
/** @import { Answer } from "./answer.js" */
/** @import { Files } from "./files.js" */
/** @import { Settings } from "./settings.js" */

/** @typedef {{ url: string, close: () => Promise<void> }} Demo */

/**
 * Starts the shop and waits until it listens.
 * @param {Settings} settings
 * @returns {Promise<Demo>}
 * @throws {Error} the port is taken, or the package cannot be read
 */
export async function startDemo(settings) {
  const files = publicFiles(settings.tarball);
  const server = createServer(async (request, response) => {
    const origin = originOf(/** @type {AddressInfo} */ (server.address()).port);
    write(response, await answer(settings, files, origin, request));
  });
  server.listen(settings.port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: originOf(/** @type {AddressInfo} */ (server.address()).port),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** The one origin that the worker knows this shop by. @param {number} port */
const originOf = (port) => `http://localhost:${port}`;

/**
 * @param {Settings} settings
 * @param {Files} files
 * @param {string} origin
 * @param {IncomingMessage} request
 * @returns {Promise<Answer>}
 */
async function answer(settings, files, origin, { method = "GET", url = "/", headers }) {
  const path = url.split("?", 1)[0] ?? "/";
  const turnedAway = turnAway(origin, method, headers);
  if (turnedAway !== undefined) return turnedAway;
  const route = `${method === "HEAD" ? "GET" : method} ${path}`;
  if (route === "GET /") return document(settings);
  const found = shop(settings, route) ?? whatIf(settings, route);
  if (found !== undefined) return found;
  const asset = route.startsWith("GET ") ? file(files, path) : undefined;
  return asset ?? problem(404, "Not found", "The shop has no such page.");
}

/**
 * The back-end spends an API key for whoever asks, so it listens to its own page only: no other name that leads to
 * loopback (DNS rebinding), no other site's form.
 * @param {string} origin
 * @param {string} method
 * @param {IncomingMessage["headers"]} headers
 * @returns {Answer | undefined}
 */
function turnAway(origin, method, headers) {
  const { host, port } = new URL(origin);
  if (headers.host === `127.0.0.1:${port}`) {
    return { status: 307, headers: { location: `${origin}/` }, body: "" };
  }
  if (headers.host !== host) {
    return problem(421, "This shop has another address", `Open ${origin} instead.`);
  }
  const isForeign = headers.origin !== undefined && headers.origin !== origin;
  if (method === "GET" || method === "HEAD" || !isForeign) return undefined;
  return problem(403, "Only for the shop's own page", "Another site's page may not do this.");
}

/** @param {ServerResponse} response @param {Answer} answer */
function write(response, { status, headers, body }) {
  response.writeHead(status, { ...COMMON_HEADERS, ...headers });
  response.end(body);
}
