// Hostile request lines over plain sockets, where no client normalises them. Whatever is sent is refused, or forwarded to
// exactly what was judged: the simulator's record is compared with the bytes that were sent.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { startStack } from "./fixtures.js";
import { assertProblem } from "./problems.js";

/** @import { Answer } from "./http.js" */
/** @import { Stack } from "./fixtures.js" */

const PLACE = "/api/cafe/openapitest.1";
/** What the rules of the test allow, written as a second opinion on them. */
const ALLOWED = /^\/(menu(\/(?!\.+(\/|$))[^/]+)*|stations\/(?!\.+\/)[^/]+\/status)$/;
const RULES = ["GET /menu/**", "GET /stations/*/status"];

/** @type {{ path: string, why: string }[]} */
const HOSTILE = JSON.parse(
  readFileSync(new URL("../vectors/hostile-paths.json", import.meta.url), "utf8"),
).paths;

/** Targets that are no path below an account at all. */
const TARGETS = [
  "//evil.example/",
  `//evil.example${PLACE}/menu`,
  `/\\evil.example${PLACE}/menu`,
  `\\\\evil.example${PLACE}/menu`,
  "*",
  "?x",
  "#",
  "evil.example:443",
  "http:",
  "http://",
  `http://${PLACE}/menu`,
  `http:/${PLACE}/menu`,
  "http:///",
  "javascript:alert(1)",
  `/.${PLACE}/menu`,
  `/..${PLACE}/menu`,
  `/%2e${PLACE}/menu`,
  `/x/..${PLACE}/menu`,
  `/health/..${PLACE}/menu`,
  "/api/cafe/../cafe/openapitest.1/menu",
  "/api/./cafe/openapitest.1/menu",
  "/api/cafe/openapitest.1/../../cafe/openapitest.1/menu",
  "/api/cafe/openapitest%2e1/menu",
  "/api/%63afe/openapitest.1/menu",
  "/%61pi/cafe/openapitest.1/menu",
  "/api/cafe/openapitest.1%2fmenu",
  "/api/cafe%2fopenapitest.1/menu",
  "/api/cafe/openapitest.1;x/menu",
  "/api/cafe/openapitest.1\\menu",
  "/api/cafe/openapitest.1?/menu",
  "/api/cafe/openapitest.1#/menu",
  "/api/cafe/ openapitest.1/menu",
  "/api/cafe/openapitest.1\0/menu",
  "/api/cafe/OPENAPITEST.1/menu",
  "/API/cafe/openapitest.1/menu",
  "/api//cafe/openapitest.1/menu",
  "/api/cafe//openapitest.1/menu",
  "/api/cafe/me/menu",
  "/api/cafe/*/menu",
  "/api/cafe/{account}/menu",
  "/api/*/openapitest.1/menu",
  `${PLACE}/menu/${"a".repeat(2048)}`,
  `${PLACE}/${"a/".repeat(1500)}a`,
  `/${"a".repeat(20_000)}`,
  `/${"a".repeat(70_000)}`,
];

/** Absolute forms name a host that decides nothing: the rest is judged as any other path. @type {[string, string][]} */
const ABSOLUTE = [
  ["http://evil.example", "/menu/products"],
  ["https://evil.example:8443", "/menu/products"],
  ["http://user:password@evil.example", "/menu/products"],
];

/** @type {[string, string][]} */
const HOSTS = [
  ["none", ""],
  ["an empty one", "Host: "],
  ["two", "Host: gate.example\r\nHost: evil.example"],
  ["two of the same", "Host: gate.example\r\nHost: gate.example"],
  ["one with a space", "Host: gate.example evil.example"],
  ["one with a path", "Host: gate.example/health"],
  ["one with a query", "Host: gate.example?x"],
  ["one with a fragment", "Host: gate.example#x"],
  ["one with a user", "Host: user@gate.example"],
  ["one with an escape", "Host: gate.example%2f"],
  ["one beyond ASCII", "Host: g\u00e4te.example"],
  ["one that is folded", "Host: gate.example\r\n evil.example"],
  ["one with a space before its colon", "Host : gate.example"],
];

const BROKEN = [
  "garbage\r\n\r\n",
  "GET /health\r\n\r\n",
  "GET /health HTTP/0.9\r\n\r\n",
  "GET /health HTTP/2.0\r\nHost: gate.example\r\n\r\n",
  "GET  /health HTTP/1.1\r\nHost: gate.example\r\n\r\n",
  "GET /health /health HTTP/1.1\r\nHost: gate.example\r\n\r\n",
  "GE\0T /health HTTP/1.1\r\nHost: gate.example\r\n\r\n",
  `${"X".repeat(100_000)} /health HTTP/1.1\r\nHost: gate.example\r\n\r\n`,
  "GET /health HTTP/1.1\r\nHost: gate.example\r\nNo colon\r\n\r\n",
  "GET /health HTTP/1.1\r\nHost: gate.example\r\nA: b\r\n c: folded\r\n\r\n",
  "GET /health HTTP/1.1\r\nHost: gate.example\r\nA\0: b\r\n\r\n",
  `GET /health HTTP/1.1\r\nHost: gate.example\r\nA: ${"b".repeat(2_000_000)}\r\n\r\n`,
];

describe("hostile request lines", () => {
  /** @type {Stack} */
  let stack;

  before(async () => {
    stack = await startStack({
      documented: false,
      configure({ apps }) {
        apps.cafe.allow = RULES;
      },
    });
    await stack.call("POST", "/token/cafe/openapitest.1");
  });
  after(() => stack.stop());

  /** @param {string} target @param {string} [host] lines */
  const request = (target, host = "Host: gate.example") =>
    Buffer.from(
      `GET ${target} HTTP/1.1\r\n${host === "" ? "" : `${host}\r\n`}Connection: close\r\nAuthorization: Bearer ${stack.canaries.keys.office}\r\n\r\n`,
      "utf8",
    );

  const forwarded = () =>
    stack.sims.clopos.control.requests({ kind: "api" }).map(({ target }) => target);

  /** @param {string} target @param {string} [host] @returns {Promise<{ answer: Answer, arrived: string[] }>} */
  async function probe(target, host) {
    const before = forwarded().length;
    const answer = await stack.raw(request(target, host));
    return { answer, arrived: forwarded().slice(before) };
  }

  test("a harmless path is forwarded", async () => {
    for (const path of [
      "/menu",
      "/menu/products",
      "/menu/a:b@c/d;e=f,g",
      "/stations/%C3%A9/status",
    ]) {
      const { arrived } = await probe(`${PLACE}${path}`);
      assert.deepEqual(arrived, [`/open-api${path}`]);
    }
  });

  for (const { path, why } of HOSTILE) {
    test(`${JSON.stringify(path.slice(0, 80))}: ${why}`, async () => {
      const { answer, arrived } = await probe(`${PLACE}${path}`);
      // A query or fragment is none of the path: what stands before it is judged, and sent if it may.
      const [judged = ""] = path.split(/[?#]/);
      if (/[?#]/.test(path) && ALLOWED.test(judged)) {
        assertSent(arrived, judged);
      } else {
        assert.deepEqual(arrived, []);
        assertRefused(answer);
      }
    });
  }

  for (const target of TARGETS) {
    test(`${JSON.stringify(target.slice(0, 80))} is refused`, async () => {
      const { answer, arrived } = await probe(target);
      assert.deepEqual(arrived, []);
      assertRefused(answer);
    });
  }

  for (const [origin, path] of ABSOLUTE) {
    test(`a request to ${origin} is judged by its path and goes to the platform`, async () => {
      const { arrived } = await probe(`${origin}${PLACE}${path}`);
      assertSent(arrived, path);
      const refused = await probe(`${origin}${PLACE}/orders`);
      assert.deepEqual(refused.arrived, []);
      assertRefused(refused.answer);
    });
  }

  for (const [what, host] of HOSTS) {
    test(`a Host header that is ${what} is refused or changes nothing`, async () => {
      const { answer, arrived } = await probe(`${PLACE}/menu`, host);
      if (arrived.length === 0) assertRefused(answer);
      else assertSent(arrived, "/menu");
      const refused = await probe(`${PLACE}/orders`, host);
      assert.deepEqual(refused.arrived, []);
    });
  }

  for (const bytes of BROKEN) {
    test(`${JSON.stringify(bytes.slice(0, 60))} harms nobody`, async () => {
      const answer = await stack.raw(bytes);
      assert.ok(answer.status < 500 || answer.status === 501, `${answer.status}`);
      assert.equal((await stack.call("GET", "/health")).status, 200);
    });
  }

  test("in a thousand paths made of structure nothing arrives but what was sent and allowed", async () => {
    const next = generator(20_261_121);
    for (let count = 0; count < 1000; count += 1) {
      const path = madeUp(next);
      const { answer, arrived } = await probe(`${PLACE}${path}`);
      const note = `${count}: ${JSON.stringify(path)}`;
      const [judged = ""] = path.split(/[?#]/);
      if (arrived.length > 0) {
        assert.equal(arrived.length, 1, note);
        assert.match(judged, ALLOWED, note);
        assertSent(arrived, judged);
      } else {
        assertRefused(answer, note);
      }
    }
  });
});

/** A path went out as it came in, and nothing else did. @param {string[]} arrived @param {string} path */
function assertSent(arrived, path) {
  const [target = "", ...more] = arrived;
  assert.deepEqual(more, []);
  assert.equal(target.split("?")[0], `/open-api${path}`);
}

/** By the worker with a problem, or by the runtime before it. @param {Answer} answer @param {string} [note] */
function assertRefused(answer, note) {
  assert.ok([0, 400, 403, 404, 414, 431].includes(answer.status), note ?? `${answer.status}`);
  if (answer.headers.get("content-type") !== "application/problem+json") return;
  const { code } = answer.json;
  assert.ok(["bad_request", "not_found", "path_not_allowed"].includes(code), code);
  assertProblem(answer, code);
}

const PIECES = [
  ..."/////..;:@?#%\\&=+ ~*",
  ...[
    "menu",
    "stations",
    "status",
    "a",
    "%2e",
    "%2E",
    "%2f",
    "%5c",
    "%00",
    "%25",
    "%c0%ae",
    "%EF%BC%8E",
    "é",
    "\t",
  ],
];

/** @param {() => number} next */
function madeUp(next) {
  const start = next() < 0.5 ? "/menu" : "";
  const length = 1 + Math.floor(next() * 8);
  const pieces = Array.from({ length }, () => PIECES[Math.floor(next() * PIECES.length)]);
  return `${start}${pieces.join("")}`;
}

/** Pseudo-random numbers that are the same in each run (mulberry32). @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
