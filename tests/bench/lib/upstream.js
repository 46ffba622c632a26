// The platform of the benchmark: a token endpoint and an API behind it, as lean as Node has them. It runs as a process of
// its own, so that its time is nobody else's. `startUpstream` starts it; run by itself this file is the server.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

/** Tokens live longer than any run, so that nothing is refreshed by itself meanwhile. */
const LIFETIME = 86_400;
/** As long as the tokens of the platforms that issue JWTs. */
const TOKEN_BYTES = 900;
/** Beyond every pause of a run: a connection that closes just as it is used again would be counted as a failure. */
const KEEP_ALIVE_MS = 600_000;

/** @param {number} bytes */
const bodyOf = (bytes) => Buffer.from(`{"data":"${"x".repeat(bytes - 11)}"}`);

const ANSWERS = new Map(
  [1000, 1_000_000].map((bytes) => [`/pos/${bytes}/transaction`, bodyOf(bytes)]),
);
const ACCESS_TOKEN = "t0k3n-".padEnd(TOKEN_BYTES, "abcdefghijklmnopqrstuvwxyz0123456789");
const TOKEN = Buffer.from(
  JSON.stringify({
    access_token: ACCESS_TOKEN,
    token_type: "Bearer",
    expires_in: LIFETIME,
  }),
);

/** The same in the words of Clopos, whose apps have any number of accounts. */
const CLOPOS_TOKEN = Buffer.from(
  JSON.stringify({ success: true, token: ACCESS_TOKEN, expires_in: LIFETIME, message: "ok" }),
);

/** How often each path was asked for. @type {Record<string, number>} */
const counts = {};

/** @param {string} path */
function answerTo(path) {
  if (path === "/connect/token") return TOKEN;
  if (path === "/open-api/auth") return CLOPOS_TOKEN;
  if (path === "/counts") return Buffer.from(JSON.stringify(counts));
  return ANSWERS.get(path);
}

function serve() {
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    counts[path] = (counts[path] ?? 0) + 1;
    request.resume();
    request.once("end", () => {
      const body = answerTo(path);
      response.writeHead(body === undefined ? 404 : 200, {
        "content-type": "application/json",
        "content-length": body?.length ?? 0,
      });
      response.end(body);
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object" && address !== null) console.log(address.port);
  });
}

/**
 * @typedef {object} Upstream
 * @property {string} url
 * @property {() => Promise<number>} exchanges how often the token endpoint was asked
 * @property {() => void} stop
 */

/** @returns {Promise<Upstream>} */
export async function startUpstream() {
  const child = spawn(process.execPath, [import.meta.filename], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.on("exit", () => child.kill());
  const [port] = await once(child.stdout, "data");
  const url = `http://127.0.0.1:${Number(String(port))}`;
  return {
    url,
    async exchanges() {
      /** @type {Record<string, number>} */
      const seen = await (await fetch(`${url}/counts`)).json();
      return seen["/connect/token"] ?? 0;
    },
    stop: () => child.kill(),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) serve();
