// A server of bytes in a platform's place, for what a simulator cannot show: requests that never become whole, and answers
// that no HTTP server would send. It reads and answers nothing unless told.

import { once } from "node:events";
import { createServer } from "node:net";
import { startStack } from "./fixtures.js";

/** @import { AppName } from "./configuration.js" */
/** @import { StackOptions } from "./fixtures.js" */

/** Bytes that do not arrive within this many milliseconds fail the test, not hang it. */
const LIMIT_MS = 30_000;

/** @typedef {Awaited<ReturnType<typeof startUpstream>>} Upstream */

/**
 * Starts a stack in which one app's API is such a server. The stack's `stop` closes both.
 * @param {AppName} app
 * @param {StackOptions["configure"]} [configure]
 */
export async function startStackWithUpstream(app, configure) {
  const upstream = await startUpstream();
  const stack = await startStack({
    documented: false,
    configure(config, ...more) {
      config.apps[app].endpoints.api = upstream.url;
      return configure?.(config, ...more);
    },
  });
  const { stop } = stack;
  const both = Object.assign(stack, {
    async stop() {
      await stop();
      await upstream.close();
    },
  });
  return { stack: both, upstream };
}

/** Starts one on a free port of loopback. */
async function startUpstream() {
  const server = createServer();
  /** @type {import("node:net").Socket[]} */
  const sockets = [];
  let received = "";
  server.on("connection", (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.setEncoding("latin1").on("data", (text) => {
      received += text;
      server.emit("change");
    });
    socket.on("close", () => server.emit("change"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    /** Everything that arrived, as Latin-1. */
    received: () => received,
    /** How many connections are open. */
    open: () => sockets.filter(({ closed }) => !closed).length,
    /** @param {(string | Uint8Array)[]} texts to every open connection */
    say(...texts) {
      for (const socket of sockets.filter(({ closed }) => !closed))
        for (const text of texts) socket.write(text);
    },
    /** @param {string | Uint8Array} text to every open connection, which ends with it */
    answer(text) {
      for (const socket of sockets) if (!socket.closed) socket.end(text);
    },
    /** @param {() => boolean} condition asked now and whenever something arrives or closes */
    async until(condition) {
      const signal = AbortSignal.timeout(LIMIT_MS);
      while (!condition()) await once(server, "change", { signal });
    },
    /**
     * Sends a call and waits until its head has arrived: now the platform may answer. The promise is in an object, so that
     * only the call is awaited.
     * @template T
     * @param {() => Promise<T>} send
     */
    async arrived(send) {
      const before = received.length;
      const answer = send();
      await this.until(() => received.includes("\r\n\r\n", before));
      return { answer };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
