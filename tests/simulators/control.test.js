// Seeing and changing a simulator: over HTTP, in the process, and as a program.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startSimulators } from "./index.js";
import { clearlineToken, cloposAuth, cloverAccess, sendRaw } from "./lib/testing.js";

/** @import { AddressInfo } from "node:net" */
/** @import { Simulators } from "./index.js" */

/** @type {Simulators} */
let simulators;

before(async () => {
  simulators = await startSimulators();
});
beforeEach(() => simulators.reset());
after(() => simulators.close());

/**
 * @param {string} path
 * @param {unknown} [body]
 * @param {string} [method]
 */
async function control(path, body, method = body === undefined ? "GET" : "POST") {
  const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(`${simulators.clearline.url}/__sim/${path}`, init);
  return { status: answer.status, body: await answer.json() };
}

async function clearlineStatus() {
  const { access_token } = await (await clearlineToken(simulators)).json();
  const headers = { authorization: `Bearer ${access_token}` };
  return async () => (await fetch(`${simulators.clearline.url}/pos/P1/status`, { headers })).status;
}

test("counters, requests and tokens can be read over HTTP and do not count themselves", async () => {
  await clearlineToken(simulators);
  const { body: counters } = await control("counters");
  assert.deepEqual([counters.requests, counters.token.succeeded], [1, 1]);
  assert.deepEqual(counters.token.by_client, { "pos-demo": 1 });
  const { body: requests } = await control("requests?kind=token");
  assert.equal(requests[0].behaviour, "clearline.token");
  assert.equal(requests[0].body, "grant_type=client_credentials&scope=pos_integration");
  assert.equal((await control("tokens")).body.length, 1);
  assert.deepEqual((await control("undocumented")).body, []);
});

test("faults are planned, listed, removed and released over HTTP", async () => {
  const { body } = await control("faults", { match: "token", action: { type: "gate", name: "g" } });
  assert.deepEqual(
    (await control("faults")).body.map((/** @type {{id: string}} */ rule) => rule.id),
    body.ids,
  );
  assert.deepEqual((await control("faults?id=nothing", undefined, "DELETE")).body, {
    removed: false,
  });
  const answer = clearlineToken(simulators);
  await simulators.clearline.control.waitFor(({ held }) => held === 1);
  assert.deepEqual((await control("release", { name: "g" })).body, { released: 1 });
  assert.equal((await answer).status, 200);
});

test("a mistake in a control request is told", async () => {
  const wrong = await control("faults", { action: { type: "nothing" } });
  assert.equal(wrong.status, 400);
  assert.match(wrong.body.error, /rule\.action\.type/);
  assert.match((await control("settings", { basic: "maybe" })).body.error, /decoded, raw/);
  assert.match((await control("settings", { colour: "red" })).body.error, /known are basic/);
  assert.equal((await control("nowhere")).status, 404);
});

test("a page in a browser has no control", async () => {
  const headers = { origin: "https://evil.example" };
  const url = `${simulators.clearline.url}/__sim/reset`;
  assert.equal((await fetch(url, { method: "POST", headers })).status, 403);
});

test("tokens expire, are revoked and outlive nothing when the clock moves", async () => {
  const first = await clearlineStatus();
  assert.equal(await first(), 200);
  assert.deepEqual((await control("expire", {})).body, { expired: 1 });
  assert.equal(await first(), 401);
  const second = await clearlineStatus();
  assert.equal((await control("revoke", { client: "pos-demo" })).body.revoked, 2);
  assert.equal(await second(), 401);
  const third = await clearlineStatus();
  assert.equal((await control("clock", { advance: 3599 })).body.offset, 3599);
  assert.equal(await third(), 200);
  await control("clock", { advance: 1 });
  assert.equal(await third(), 401);
});

test("the lifetime of the next tokens can be set", async () => {
  await control("clock", { token_lifetime: 61 });
  assert.equal((await (await clearlineToken(simulators)).json()).expires_in, 61);
});

test("waiting over HTTP ends when enough requests have arrived", async () => {
  const waiting = control("wait?kind=token&count=2");
  await clearlineToken(simulators);
  await clearlineToken(simulators);
  assert.equal((await waiting).body.token.received, 2);
  assert.equal((await control("wait?kind=token&count=9&timeout_ms=1")).status, 400);
});

test("a simulator that refuses over HTTP comes back by itself", async () => {
  const { port } = simulators.clearline;
  const { body } = await control("refuse", { ms: 400 });
  assert.equal(body.refusing_ms, 400);
  const ask = "GET /__sim/clock HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  const seen = new Set();
  while (!(seen.has("ECONNREFUSED") && seen.has("ok"))) {
    const { received, error } = await sendRaw(port, ask);
    if (error === "ECONNREFUSED") seen.add(error);
    else if (seen.has("ECONNREFUSED") && received.startsWith("HTTP/1.1 200")) seen.add("ok");
  }
});

test("reset brings back everything that was changed", async () => {
  const { control: clearline } = simulators.clearline;
  await clearlineToken(simulators);
  clearline.apps.patch("pos-demo", { client_secret: "changed" });
  clearline.set({ basic: "raw" });
  clearline.faults.add({ action: { type: "hang" }, times: null });
  await control("reset", {});
  assert.deepEqual(clearline.settings, { basic: "decoded", errors: "400" });
  assert.deepEqual([clearline.tokens.list(), clearline.requests()], [[], []]);
  assert.equal((await clearlineToken(simulators)).status, 200);
});

test("the echo returns the request as it arrived, behind the token", async () => {
  const { token } = await (await cloposAuth(simulators)).json();
  const request = [
    "PUT /open-api/__echo/a%2Fb//c?x=1&x=%20 HTTP/1.1",
    "host: h",
    `X-Token: ${token}`,
    "x-brand: openapitest",
    "x-venue: 1",
    "x-twice: a",
    "X-Twice: b",
    "content-length: 2",
    "connection: close",
  ].join("\r\n");
  const { received } = await sendRaw(simulators.clopos.port, `${request}\r\n\r\nhi`);
  const echoed = JSON.parse(received.slice(received.indexOf("\r\n\r\n") + 4));
  assert.equal(echoed.target, "/open-api/__echo/a%2Fb//c?x=1&x=%20");
  assert.deepEqual(echoed.headers.slice(4, 6), [
    ["x-twice", "a"],
    ["X-Twice", "b"],
  ]);
  assert.equal(echoed.body, "hi");
  const anonymous = await fetch(`${simulators.clopos.url}/open-api/__echo/`);
  assert.equal(anonymous.status, 401);
});

test("the redacted echo holds no token", async () => {
  const token = await cloverAccess(simulators);
  const url = `${simulators.clover.url}/v3/merchants/MERCHANT00001/__echo_redacted/x`;
  const text = await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).text();
  assert.match(text, /Bearer \(redacted\)/);
  assert.equal(text.includes(token), false);
});

test("the answer resource answers what it is asked for", async () => {
  const { access_token } = await (await clearlineToken(simulators)).json();
  const ask = (/** @type {string} */ query) =>
    fetch(`${simulators.clearline.url}/pos/P1/__answer?${query}`, {
      headers: { authorization: `Bearer ${access_token}` },
      redirect: "manual",
    });
  const svg = await ask("type=svg&status=418&header=set-cookie:%20a=b");
  assert.deepEqual(
    [svg.status, svg.headers.get("content-type"), svg.headers.get("set-cookie")],
    [418, "image/svg+xml", "a=b"],
  );
  const away = await ask("location=https://evil.example/");
  assert.deepEqual([away.status, away.headers.get("location")], [302, "https://evil.example/"]);
  assert.equal(await (await ask("gzip=1&type=text&body=zipped")).text(), "zipped");
  assert.equal((await (await ask("size=1000000")).arrayBuffer()).byteLength, 1_000_000);
  assert.equal((await ask("status=204")).status, 204);
});

test("the program prints a line for each simulator and ends on SIGTERM", async () => {
  const program = run("--clopos", "0", "--clearline", "0", "--clover", "0");
  let printed = "";
  for await (const chunk of program.stdout) {
    printed += chunk;
    if (printed.split("\n").length > 3) break;
  }
  const lines = printed.trim().split("\n");
  assert.equal(lines.length, 3);
  for (const line of lines) assert.match(line, /^\w+ simulator: http:\/\/127\.0\.0\.1:\d+$/);
  program.kill("SIGTERM");
  assert.deepEqual(await once(program, "exit"), [0, null]);
});

test("the program says which port is taken and leaves nothing running", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = /** @type {AddressInfo} */ (holder.address());
  const program = run("--clopos", "0", "--clearline", String(port), "--clover", "0");
  let complaint = "";
  program.stderr.on("data", (chunk) => {
    complaint += chunk;
  });
  const [code] = await once(program, "close");
  holder.close();
  assert.equal(code, 1);
  assert.match(complaint, new RegExp(`EADDRINUSE.*${port}`));
});

/** @param {string[]} parameters */
function run(...parameters) {
  const main = fileURLToPath(new URL("main.js", import.meta.url));
  return spawn(process.execPath, [main, ...parameters]);
}
