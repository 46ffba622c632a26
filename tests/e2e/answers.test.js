// `/api` on the way back: what of a platform's answer reaches a caller, what does not, and what a platform that fails is
// answered with. What failing token requests mean for a connection is tested with a token's life.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { startStack } from "./fixtures.js";
import { assertProblem, assertUncached } from "./problems.js";
import { startStackWithUpstream } from "./upstream.js";

/** @import { FaultAction } from "../simulators/lib/rules.js" */
/** @import { Stack } from "./fixtures.js" */
/** @import { Upstream } from "./upstream.js" */

const MEBIBYTE = 1024 * 1024;
const BASE = "/api/cafe/openapitest.1";
const ORDER = JSON.stringify({ type: "DINE_IN", items: [{ product_id: 101, quantity: 1 }] });

/** Headers that a caller may have. */
const PASSING = {
  "accept-ranges": "bytes",
  allow: "GET, POST",
  "content-language": "az",
  etag: 'W/"abc"',
  "last-modified": "Sat, 21 Nov 2026 10:00:00 GMT",
  "ratelimit-limit": "60",
  "ratelimit-remaining": "59",
  "ratelimit-reset": "30",
  "retry-after": "7",
  "x-ratelimit-limit": "100",
  "x-ratelimit-remaining": "99",
};

/** Headers that would act in our name, or that are the platform's own business. */
const HELD_BACK = {
  "set-cookie": "tillgate=evil; Path=/",
  location: "https://evil.example/",
  refresh: "0; url=https://evil.example/",
  link: "<https://evil.example/x.js>; rel=preload",
  "clear-site-data": '"*"',
  "access-control-allow-origin": "*",
  "access-control-allow-credentials": "true",
  "access-control-expose-headers": "*",
  "service-worker-allowed": "/",
  "strict-transport-security": "max-age=0",
  "content-security-policy-report-only": "default-src *",
  "x-frame-options": "ALLOWALL",
  "www-authenticate": "Basic realm=evil",
  "proxy-authenticate": "Basic realm=evil",
  server: "evil/1.0",
  via: "1.1 evil",
  "x-powered-by": "evil",
  "x-token": "evil",
  "x-custom": "evil",
  "tillgate-error": "evil",
  "alt-svc": 'h3="evil.example:443"',
  "report-to": "{}",
  nel: "{}",
  sourcemap: "/evil.map",
  "x-accel-redirect": "/evil",
  expires: "Sat, 21 Nov 2099 10:00:00 GMT",
  age: "100",
};

/** Headers that are ours, whatever the platform says. */
const OURS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff",
  vary: "Origin",
};

describe("answers of a platform", () => {
  /** @type {Stack} */
  let stack;

  before(async () => {
    stack = await startStack({ documented: false });
    await stack.call("POST", "/token/cafe/openapitest.1");
  });
  after(() => stack.stop());

  /** @param {Record<string, string | number>} wanted @param {Record<string, string>} [headers] */
  function asked(wanted, headers = {}) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(wanted)) query.set(name, String(value));
    for (const [name, value] of Object.entries(headers))
      query.append("header", `${name}: ${value}`);
    return stack.call("GET", `${BASE}/__answer?${query}`);
  }

  test("each header on the list passes", async () => {
    const { headers } = await asked({}, PASSING);
    for (const [name, value] of Object.entries(PASSING))
      assert.equal(headers.get(name), value, name);
  });

  test("no other header passes", async () => {
    const { headers } = await asked({}, HELD_BACK);
    for (const name of Object.keys(HELD_BACK)) assert.equal(headers.get(name), null, name);
  });

  test("no answer has a header of the one before", async () => {
    await asked({ type: "html" }, PASSING);
    const { headers } = await asked({});
    for (const name of [...Object.keys(PASSING), "content-disposition"])
      assert.equal(headers.get(name), null, name);
  });

  test("what is ours stays ours", async () => {
    const evil = Object.fromEntries(Object.keys(OURS).map((name) => [name, "evil"]));
    const answer = await asked({}, { ...evil, "server-timing": "evil", "x-request-id": "evil" });
    for (const [name, value] of Object.entries(OURS)) assert.equal(answer.headers.get(name), value);
    assert.match(answer.headers.get("server-timing") ?? "", /^token;desc="\w+"$/);
    assertUncached(answer);
  });

  for (const status of [
    200, 201, 202, 203, 204, 205, 206, 207, 226, 299, 304, 400, 402, 403, 404, 405, 406, 407, 408,
    409, 410, 411, 412, 413, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451,
    499, 500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 599,
  ]) {
    test(`the platform's ${status} is an answer and passes with its body`, async () => {
      const answer = await asked({ status, body: `{"n":${status}}` });
      assert.equal(answer.status, status);
      assert.equal(answer.text, [204, 205, 304].includes(status) ? "" : `{"n":${status}}`);
      assertUncached(answer);
    });
  }

  for (const status of [300, 301, 302, 303, 305, 306, 307, 308, 310, 399]) {
    test(`a redirect with ${status} is refused and not followed`, async () => {
      const { clearline } = stack.sims;
      const before = clearline.control.counters().requests;
      const location = `${clearline.url}/pos/1/status`;
      const answer = await asked({ status, location });
      assertProblem(answer, "platform_answer_invalid", { app: "cafe", account: "openapitest.1" });
      assert.ok(!answer.text.includes(location));
      assert.equal(clearline.control.counters().requests, before);
    });
  }

  test("a POST that is answered with a redirect is sent once", async () => {
    const { control } = stack.sims.clopos;
    control.faults.add({
      match: "api",
      action: { type: "redirect", location: `${stack.sims.clover.url}/`, status: 307 },
    });
    const before = control.counters().api.received;
    const answer = await stack.call("POST", `${BASE}/orders`, { body: ORDER });
    assertProblem(answer, "platform_answer_invalid");
    assert.equal(control.counters().api.received, before + 1);
    assert.equal(stack.sims.clover.control.counters().requests, 0);
  });

  for (const [type, download] of /** @type {const} */ ([
    ["application/json", false],
    ["application/problem+json", false],
    ["text/plain; charset=utf-8", false],
    ["text/csv", false],
    ["image/png", false],
    ["application/octet-stream", false],
    ["text/html", true],
    ["TEXT/HTML; charset=utf-8", true],
    ["image/svg+xml", true],
    ["application/xhtml+xml", true],
    ["text/xml", true],
    ["application/javascript", true],
    ["text/css", true],
    ["application/pdf", true],
    ["multipart/x-mixed-replace", true],
    ["text/plain, text/html", true],
    ["text/plain;,text/html", true],
    ["nonsense", true],
    ["", true],
  ])) {
    test(`${JSON.stringify(type)} is ${download ? "a download" : "shown as it is"}`, async () => {
      const answer = await asked({ type, body: "<script>alert(1)</script>" });
      const disposition = answer.headers.get("content-disposition");
      assert.equal(disposition, download ? "attachment" : null);
      assert.equal(answer.headers.get("content-security-policy"), OURS["content-security-policy"]);
      assert.equal(answer.text, "<script>alert(1)</script>");
    });
  }

  test("a platform cannot have its HTML shown inline", async () => {
    const answer = await asked({ type: "html" }, { "content-disposition": "inline" });
    assert.equal(answer.headers.get("content-disposition"), "attachment");
  });

  test("HTML beside a 401 that is passed on is a download like any other", async () => {
    const place = "cafe/openapitest.2";
    await stack.call("POST", `/token/${place}`);
    const answer = await stack.call("POST", `/api/${place}/__answer?status=401&type=html`);
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("content-disposition"), "attachment");
    assert.equal((await stack.call("GET", `/connections/${place}`)).json.exchanges, 2);
  });

  for (const accept of ["gzip", "identity", "br", ""]) {
    test(`a compressed answer arrives whole where the caller accepts ${accept || "nothing"}`, async () => {
      const body = "compressed ".repeat(1000);
      const target = `${BASE}/__answer?gzip=1&type=text&body=${body.replaceAll(" ", "+").slice(0, 7000)}`;
      const headers = { "accept-encoding": accept };
      const answer = await stack.call("GET", target, { headers });
      assert.equal(answer.text, body.slice(0, 7000));
    });
  }

  test("a large answer arrives whole", async () => {
    const answer = await asked({ size: 3 * MEBIBYTE });
    assert.equal(answer.status, 200);
    assert.equal(answer.bytes.length, 3 * MEBIBYTE);
  });

  for (const name of ["etag", "content-language", "retry-after", "content-type"]) {
    test(`an answer whose ${name} repeats the token is held back`, async () => {
      const [{ token = "" } = {}] = stack.sims.clopos.control.tokens
        .list()
        .filter(({ account, state }) => account === "openapitest.1" && state === "live");
      for (const value of [token, `a ${token} b`, `Bearer ${token}`]) {
        // The platform repeats it by itself: in a query it would be the caller's own doing.
        stack.sims.clopos.control.faults.add({
          match: "api",
          action: { type: "patch", headers: [[name, value]] },
        });
        const answer = await stack.call("GET", `${BASE}/menu/products`);
        assertProblem(answer, "platform_answer_invalid", { app: "cafe" });
      }
    });
  }

  test("the body of an answer to HEAD stays away, and its headers come", async () => {
    const answer = await stack.call("HEAD", `${BASE}/__answer?header=etag:%20x`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("etag"), "x");
    assert.equal(answer.bytes.length, 0);
  });
});

describe("a platform's API that fails", () => {
  /** @type {Stack} */
  let stack;
  /** The API of `bistro`. @type {Upstream} */
  let upstream;

  before(async () => {
    ({ stack, upstream } = await startStackWithUpstream("bistro"));
    for (const app of ["cafe", "bistro"]) await stack.call("POST", `/token/${app}/openapitest.1`);
  });
  beforeEach(() => stack.sims.clopos.control.faults.clear());
  after(() => stack.stop());

  /** @type {[string, FaultAction, string][]} */
  const unanswered = [
    ["closes the connection", { type: "reset", when: "before_headers" }, "platform_unavailable"],
    ["speaks no HTTP", { type: "garbage", where: "head" }, "platform_unavailable"],
  ];
  for (const [what, action, code] of unanswered) {
    for (const method of ["GET", "POST"]) {
      test(`one that ${what} is ${code} to ${method}`, async () => {
        const { control } = stack.sims.clopos;
        control.faults.add({ match: "api", action, times: null });
        const before = control.counters().api.received;
        const sent = method === "POST" ? { body: ORDER } : {};
        const answer = await stack.call(method, `${BASE}/orders`, sent);
        assertProblem(answer, code, { app: "cafe", account: "openapitest.1" });
        // The runtime may send a GET again by itself; a POST is never repeated.
        const times = control.counters().api.received - before;
        assert.ok(times === 1 || (times === 2 && method === "GET"), `${times}`);
      });
    }
  }

  test("one that cannot be reached is platform_unavailable, and is there again at once when it is back", async () => {
    const { control } = stack.sims.clopos;
    await control.refuse();
    const answer = await stack.call("GET", `${BASE}/menu/products`);
    const { retry_after: wait } = assertProblem(answer, "platform_unavailable");
    assert.ok(wait >= 1);
    await control.accept();
    assert.equal((await stack.call("GET", `${BASE}/menu/products`)).status, 200);
  });

  /** @type {[string, FaultAction][]} */
  const broken = [
    ["breaks off its answer", { type: "reset", when: "mid_body" }],
    ["ends its answer early", { type: "truncate" }],
    ["breaks off after the head", { type: "reset", when: "after_headers" }],
  ];
  for (const [what, action] of broken) {
    test(`one that ${what}, a short one, is platform_unavailable`, async () => {
      stack.sims.clopos.control.faults.add({ match: "api", action });
      const answer = await stack.call("POST", `${BASE}/orders`, { body: ORDER });
      assertProblem(answer, "platform_unavailable", { app: "cafe", account: "openapitest.1" });
    });
  }

  /** @type {[string, string, FaultAction][]} */
  const brokenOnItsWay = [
    ["breaks off", `__answer?size=${MEBIBYTE}`, { type: "reset", when: "mid_body" }],
    ["sends broken chunks", "menu/products", { type: "garbage", where: "chunks" }],
  ];
  for (const [what, path, action] of brokenOnItsWay) {
    test(`an answer in chunks of one that ${what} is not passed off as whole`, async () => {
      stack.sims.clopos.control.faults.add({ match: "api", action });
      await assert.rejects(
        stack.call("GET", `${BASE}/${path}`),
        /aborted|ECONNRESET|socket hang up/,
      );
      assert.equal((await stack.call("GET", "/health")).status, 200);
    });
  }

  /** @type {[string, string][]} */
  const nonsense = [
    ["101 Switching Protocols", "Upgrade: websocket\r\nConnection: Upgrade"],
    ["199 Early", "Content-Length: 0"],
    ["600 Beyond", "Content-Length: 0"],
    ["999 Beyond", "Content-Length: 0"],
    ["1000 Beyond", "Content-Length: 0"],
    ["0 None", "Content-Length: 0"],
    ["200 OK", "Content-Length: 1\r\nContent-Length: 2"],
    ["200 OK", "ETag: a\0b\r\nContent-Length: 0"],
    ["200 OK", `ETag: ${"a".repeat(1_000_000)}\r\nContent-Length: 0`],
  ];
  const target = "/api/bistro/openapitest.1/menu/products";
  for (const [status, headers] of nonsense) {
    test(`an answer that begins with ${status} and ${JSON.stringify(headers.slice(0, 40))} is a problem of the platform's`, async () => {
      const { answer } = await upstream.arrived(() => stack.call("GET", target));
      upstream.answer(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n`);
      const { code } = (await answer).json;
      assert.ok(["platform_answer_invalid", "platform_unavailable"].includes(code), code);
      assertProblem(await answer, code, { app: "bistro" });
    });
  }

  for (const [length, body] of [
    ["Content-Length: 4\r\nContent-Length: 4", "four"],
    ["Content-Length: 4, 4", "four"],
    ...["some", "0", "3", "100000"].map((length) => [
      `Content-Length: ${length}\r\nTransfer-Encoding: chunked`,
      "4\r\nfour\r\n0\r\n\r\n",
    ]),
  ]) {
    test(`an answer whose length is written as ${JSON.stringify(length)} arrives whole`, async () => {
      const { answer } = await upstream.arrived(() => stack.call("GET", target));
      upstream.answer(`HTTP/1.1 200 OK\r\n${length}\r\n\r\n${body}`);
      assert.equal((await answer).text, "four");
    });
  }

  test("an answer that is said to be longer than can be counted is not passed off as whole", async () => {
    const { answer } = await upstream.arrived(() => stack.call("GET", target));
    upstream.answer("HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\nfour");
    await assert.rejects(answer, /aborted|ECONNRESET|socket hang up/);
  });

  for (const coding of ["gzip", "br", "deflate"]) {
    test(`an empty answer that is said to be ${coding} arrives`, async () => {
      const { answer } = await upstream.arrived(() => stack.call("POST", target));
      const head = `HTTP/1.1 201 Created\r\nContent-Encoding: ${coding}\r\nContent-Length: 0`;
      upstream.answer(`${head}\r\n\r\n`);
      assert.equal((await answer).status, 201);
      assert.equal((await answer).bytes.length, 0);
    });
  }

  test("an answer that drips arrives whole", async () => {
    stack.sims.clopos.control.faults.add({
      match: "api",
      action: { type: "drip", part: "body", bytes: 100, ms: 1 },
    });
    const answer = await stack.call("GET", `${BASE}/menu/products`);
    assert.equal(answer.status, 200);
    assert.ok(answer.json.success);
  });

  test("a caller who goes away leaves the worker as it was", async () => {
    const { control } = stack.sims.clopos;
    const gate = control.faults.hold({ match: "api" });
    const leaving = new AbortController();
    const gone = stack.call("GET", `${BASE}/menu/products`, { signal: leaving.signal });
    await gate.arrived(1);
    leaving.abort();
    await assert.rejects(gone);
    gate.release();
    await control.waitFor(({ in_flight }) => in_flight === 0);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => stack.call("GET", `${BASE}/menu/products`)),
    );
    assert.ok(answers.every(({ status }) => status === 200));
  });

  test("a failing token request is a problem of `/api` too, with the platform's text in none", async () => {
    const { control } = stack.sims.clopos;
    const text = "The platform's very own words";
    for (const [status, code] of /** @type {const} */ ([
      [400, "credentials_rejected"],
      [403, "access_denied"],
      [500, "platform_unavailable"],
      [200, "platform_answer_invalid"],
    ])) {
      const account = `openapitest.${status % 100 || status / 100}`;
      control.faults.add({
        match: "token",
        where: { account },
        action: {
          type: "answer",
          status,
          headers: [["content-type", "application/json"]],
          body: JSON.stringify({ error: text, message: text }),
        },
        times: null,
      });
      const answer = await stack.call("GET", `/api/cafe/${account}/menu/products`);
      assertProblem(answer, code, { app: "cafe", account });
      assert.ok(!answer.text.includes("very own"));
      control.faults.clear();
    }
    assert.ok(!stack.worker.logs().includes("very own"));
  });
});
