// That a decision is given again and not made again, in the very module that is deployed: instructions are counted, not timed.
// That it is the right one is in same-second.test.js and in worker/src/decisions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyHash } from "./configuration.js";
import { deployed } from "./instructions.js";

const KEY = "key-of-somebody-who-calls-often";
const SECOND = 1_800_000_000;
/** Known again by a hash of method, URL and headers, which takes a fraction of deciding: here at most so much of it. */
const FRACTION = 1 / 3;

const app = {
  platform: "clearline",
  environment: "test",
  client_id: "pos",
  allow: ["GET /pos/*/status"],
};
const caller = { key_sha256: keyHash(KEY), apps: ["*"], can: ["api", "token"] };
const secrets = {
  TILL_CLIENT_SECRET: "wvP2zkQ9t4",
  TILLGATE_SEAL_KEYS: "k1:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA",
};
/** What a vault answers. */
const reply = {
  reply: "token",
  app: "till",
  account: "main",
  access_token: "t0k3n",
  obtained_at: SECOND,
  expires_at: SECOND + 3600,
  refresh_at: SECOND + 3000,
  ticket: "1",
  exchanged: true,
};

/** Counts what deciding about a request executes. */
async function worker() {
  const { glue, counter } = await deployed();
  const configuration = JSON.stringify({ apps: { till: app }, callers: { office: caller } });
  assert.deepEqual(glue.configure(["TILLGATE", configuration], Object.entries(secrets).flat()), []);
  /** @param {string} method @param {string} path @param {number} step what to do next @param {object} [event] */
  return (method, path, step, event) => {
    const [url, id] = [`https://gate.example${path}`, "9186319d-9859-42aa-ae5f-2e9e71340964"];
    const told = event && JSON.stringify(event);
    const key = `Bearer ${KEY}`;
    const { count } = counter.during(() => {
      // biome-ignore format: as worker/index.js writes it
      const decided = glue.handle(method, url, new Headers(), key, null, null, null, SECOND * 1000, id, told, undefined);
      assert.equal(decided[0], step);
    });
    return count;
  };
}

test("a call and a token that were decided in this second are not decided again", async () => {
  const decide = await worker();
  decide("POST", "/token/till/main", 0, { replies: [reply] });
  // What is made once for all requests is made by others than those that are counted.
  for (const query of ["?1", "?2"]) decide("GET", `/api/till/main/pos/7/status${query}`, 2);
  for (const [method, path, step] of /** @type {const} */ ([
    ["GET", "/api/till/main/pos/7/status", 2],
    ["POST", "/token/till/main", 0],
  ])) {
    const made = decide(method, path, step);
    const given = decide(method, path, step);
    assert.ok(given < made * FRACTION, `${given} of ${made} instructions, ${path}`);
  }
});
