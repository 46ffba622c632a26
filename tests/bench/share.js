// `npm run bench:share`: what the module's part of a cached token and of a forwarded call takes, without workerd: the
// decision alone, called in Node from the released wasm module as worker/index.js calls it. The time includes handing
// texts in and out, so it is more than Rust's own share. Medians over many short runs, hot.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { inRoot } from "../../scripts/lib/paths.js";
import * as wasm from "../../worker/dist/tillgate_worker.js";
import { median } from "./lib/rounds.js";

const KEY = "key-of-the-benchmark-0123456789abcdefghijklm";
const CALLS = 2000;
const RUNS = 200;

const app = {
  platform: "clearline",
  environment: "test",
  client_id: "pos-bench",
  allow: ["GET,POST /pos/*/transaction"],
};
const caller = {
  key_sha256: createHash("sha256").update(KEY).digest("hex"),
  apps: ["*"],
  can: ["api", "token"],
};
const configuration = { apps: { loyalty: app }, callers: { bench: caller } };
const secrets = {
  LOYALTY_CLIENT_SECRET: "s3cr3t-of-the-benchmark",
  TILLGATE_SEAL_KEYS: `k1:${createHash("sha256").update("bench").digest("base64url")}`,
};
const headers = new Headers({ "content-length": "1000", accept: "application/json" });
const requestId = crypto.randomUUID();

/** @param {string} path @param {string} [event] @returns {any[]} */
function decide(path, event) {
  const url = `http://127.0.0.1:8787${path}`;
  const authorization = `Bearer ${KEY}`;
  // biome-ignore format: as worker/index.js writes it
  return wasm.handle("POST", url, headers, authorization, null, "1000", null, NOW, requestId, event, undefined);
}

/** @param {() => unknown} call @returns {number} microseconds for a call */
function measured(call) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const begun = process.hrtime.bigint();
    for (let index = 0; index < CALLS; index += 1) call();
    runs.push(Number(process.hrtime.bigint() - begun) / CALLS / 1000);
  }
  return median(runs.slice(RUNS / 2));
}

const NOW = Date.now();

wasm.initSync({ module: readFileSync(inRoot("worker", "dist", "tillgate_worker_bg.wasm")) });
const mistakes = wasm.configure(
  ["TILLGATE", JSON.stringify(configuration)],
  Object.entries(secrets).flat(),
);
if (mistakes.length > 0) throw new Error(mistakes.join("\n"));

const seconds = Math.floor(NOW / 1000);
const reply = {
  reply: "token",
  app: "loyalty",
  account: "main",
  access_token: "t".repeat(900),
  obtained_at: seconds,
  expires_at: seconds + 3600,
  refresh_at: seconds + 3000,
  ticket: "1",
  exchanged: true,
};
decide("/token/loyalty/main", JSON.stringify({ replies: [reply] }));

for (const [what, path, kind] of /** @type {const} */ ([
  ["a cached token", "/token/loyalty/main", 0],
  ["a forwarded call", "/api/loyalty/main/pos/1000/transaction", 2],
])) {
  const [step] = decide(path);
  if (step !== kind) throw new Error(`${what} is step ${step}`);
  console.log(`${what}: ${measured(() => decide(path)).toFixed(2)} µs to decide`);
}
console.log(`a call that decides nothing: ${measured(() => wasm.isConfigured()).toFixed(2)} µs`);
