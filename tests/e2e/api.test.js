// `/api` on the way to a platform: which headers and bodies pass, and that nothing else does. The way back is
// answers.test.js, paths are paths.test.js.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { startStack } from "./fixtures.js";
import { assertProblem } from "./problems.js";
import { startStackWithUpstream } from "./upstream.js";

/** @import { RecordedRequest } from "../simulators/lib/recorder.js" */
/** @import { PlatformName } from "./configuration.js" */
/** @import { Call, Stack } from "./fixtures.js" */
/** @import { Upstream } from "./upstream.js" */

const MEBIBYTE = 1024 * 1024;
const ECHO = "/api/cafe/openapitest.1/__echo_redacted";
/** What frames a message, and what the runtime adds because nothing may be cached. */
const RUNTIME = ["host", "content-length", "transfer-encoding", "cache-control", "pragma"];

/** What each platform documents, and nothing else. @type {[string, PlatformName, Record<string, RegExp>][]} */
const DOCUMENTED = [
  [
    "/api/cafe/openapitest.7/menu/products",
    "clopos",
    { "x-token": /^oauth_\w+$/, "x-brand": /^openapitest$/, "x-venue": /^7$/ },
  ],
  ["/api/cafe2/openapitest/menu/products", "clopos", { "x-token": /^ey[\w.-]+$/ }],
  [
    "/api/cafe2/openapitest.3/menu/products",
    "clopos",
    { "x-token": /^ey[\w.-]+$/, "x-venue": /^3$/ },
  ],
  ["/api/loyalty/main/pos/1/status", "clearline", { authorization: /^Bearer ey[\w.-]+$/ }],
  [
    "/api/till/MERCHANT00001/v3/merchants/MERCHANT00001/orders",
    "clover",
    { authorization: /^Bearer [\w-]+$/ },
  ],
];

/** Headers that pass, with a value each. */
const PASSING = {
  accept: "application/json;q=0.9, */*",
  "accept-language": "az, en;q=0.5",
  "content-type": "application/vnd.example+json",
  "content-language": "az",
  "idempotency-key": "8e03978e-40d5-43dd-bc93-6894a57f9324",
  "if-match": '"abc"',
  "if-none-match": 'W/"abc"',
  prefer: "return=minimal",
  range: "bytes=0-99",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=value",
  "x-clover-device-id": "device",
  "x-pos-id": "pos",
};

/** Headers that must not pass, whoever sends them. @type {Record<string, string | string[]>} */
const FORGED = {
  "x-token": "forged",
  X_Token: "forged",
  x_token: "forged",
  "x-brand": "forged",
  x_brand: "forged",
  "x-venue": "2",
  x_venue: "2",
  "x-stage": "forged",
  x_authorization: "Bearer forged",
  "proxy-authorization": "Bearer forged",
  cookie: "tillgate=forged; a=b",
  "x-tillgate": "1",
  "x-forwarded-for": "203.0.113.9",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "https",
  "x-forwarded-prefix": "/evil",
  forwarded: "for=203.0.113.9;host=evil.example",
  "x-real-ip": "203.0.113.9",
  "cf-connecting-ip": "203.0.113.9",
  "true-client-ip": "203.0.113.9",
  via: "1.1 evil.example",
  referer: "https://evil.example/",
  "user-agent": "forged",
  "x-original-url": "/admin",
  "x-rewrite-url": "/admin",
  "x-http-method-override": "DELETE",
  "x-method-override": "DELETE",
  te: "trailers",
  "keep-alive": "timeout=5",
  "proxy-connection": "keep-alive",
  "accept-encoding": "br, zstd",
  "x-request-id": "forged",
  "x-custom": ["one", "two"],
};

describe("what reaches a platform's API", () => {
  /** @type {Stack} */
  let stack;

  before(async () => {
    stack = await startStack();
    await stack.login();
  });
  // Ends with `assertDocumented`: no platform was sent anything that it does not document.
  after(() => stack.stop());

  /** @param {PlatformName} platform @returns {RecordedRequest} */
  function last(platform) {
    const request = stack.sims[platform].control.requests({ kind: "api" }).at(-1);
    assert.ok(request);
    return request;
  }

  for (const [target, platform, expected] of DOCUMENTED) {
    test(`${target} carries the documented headers and no other`, async () => {
      const headers = { ...FORGED };
      const answer = await stack.call("GET", target, { headers });
      assert.equal(answer.status, 200, answer.text);
      const request = last(platform);
      assert.deepEqual(request.problems, []);
      assertHeaders(request, expected);
    });
  }

  test("each header on the list passes as it is, and ours are set once", async () => {
    const answer = await stack.call("POST", ECHO, { headers: PASSING, body: "{}" });
    assert.equal(answer.status, 200);
    const sent = Object.fromEntries(
      Object.entries(PASSING).map(([name, value]) => [name, exactly(value)]),
    );
    assertHeaders(last("clopos"), { ...sent, ...DOCUMENTED[0]?.[2], "x-venue": /^1$/ });
  });

  test("a key in Authorization does not become the platform's Authorization", async () => {
    const before = stack.sims.clearline.control.tokens.list().length;
    await stack.call("GET", "/api/loyalty/main/pos/1/status");
    const { headers } = last("clearline");
    const values = headers.filter(([name]) => name.toLowerCase() === "authorization");
    assert.equal(values.length, 1);
    const issued = stack.sims.clearline.control.tokens.list();
    assert.ok(issued.length >= before);
    assert.equal(values[0]?.[1], `Bearer ${issued.at(-1)?.token}`);
  });

  for (const name of ["x-token", "x-brand", "authorization"]) {
    test(`what Connection lists, ${name}, is sent all the same`, async () => {
      const target = name === "authorization" ? "/api/loyalty/main/pos/1/status" : ECHO;
      const answer = await stack.call("GET", target, { headers: { connection: `close, ${name}` } });
      assert.equal(answer.status, 200);
    });
  }

  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    test(`${method} is forwarded as ${method}`, async () => {
      const answer = await stack.call(method, `${ECHO}/${method}`);
      assert.equal(answer.status, 200);
      assert.equal(last("clopos").method, method);
      if (method !== "HEAD") assert.equal(answer.json.method, method);
    });
  }

  /** @type {[string, string][]} query as it is sent, and as it arrives */
  const queries = [
    ["a=1&b=2", "a=1&b=2"],
    ["a=1&a=2&&=&x", "a=1&a=2&&=&x"],
    ["q=%C3%A9%2F%2e%2E%00", "q=%C3%A9%2F%2e%2E%00"],
    ["url=https://evil.example/?x=/../y", "url=https://evil.example/?x=/../y"],
    ["q=100%&r=%zz", "q=100%&r=%zz"],
    ["q='x'", "q=%27x%27"],
    ["a[]=1&b={c}|d^e`f\\g", "a[]=1&b={c}|d^e`f\\g"],
    ["?", "?"],
  ];
  for (const [query, arriving] of queries) {
    test(`the query ${query} arrives as it was sent`, async () => {
      const answer = await stack.call("GET", `${ECHO}?${query}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.json.query, arriving);
      assert.equal(answer.json.path, "/open-api/__echo_redacted");
    });
  }

  test("a query that is too long is refused", async () => {
    assert.equal((await stack.call("GET", `${ECHO}?${"q".repeat(8192)}`)).status, 200);
    const detail = "Below the account, the query is longer than 8192 bytes.";
    assertProblem(await stack.call("GET", `${ECHO}?${"q".repeat(8193)}`), "bad_request", {
      detail,
    });
  });

  test("a path that cannot be sent is refused with what would be right", async () => {
    const detail =
      "Below the account, the path cannot be forwarded: a segment is empty; write single slashes, and none at the end.";
    assertProblem(await stack.call("GET", `${ECHO}/`), "bad_request", { detail });
  });

  test("a base URL's path stays in front of every call", async () => {
    await stack.call("GET", "/api/cafe2/openapitest/__echo_redacted/a/b");
    assert.equal(last("clopos").target, "/open-api/v2/__echo_redacted/a/b");
  });
});

describe("bodies on their way to a platform", () => {
  /** @type {Stack} */
  let stack;
  /** The API of `cafe2`. @type {Upstream} */
  let upstream;

  before(async () => {
    ({ stack, upstream } = await startStackWithUpstream("cafe2", ({ apps }) => {
      apps.bistro.max_body_bytes = 1000;
    }));
    for (const place of ["cafe/openapitest.1", "bistro/openapitest.1"])
      await stack.call("POST", `/token/${place}`);
  });
  after(() => stack.stop());

  const received = () => stack.sims.clopos.control.counters().api.received;

  /** @type {[string, () => Call["body"]][]} */
  const largest = [
    ["of known length", () => Buffer.alloc(MEBIBYTE, "x")],
    ["in chunks", () => chunks(MEBIBYTE)],
  ];
  for (const [how, body] of largest) {
    test(`a body of one MiB ${how} arrives whole`, async () => {
      const answer = await stack.call("POST", ECHO, { body: body() });
      assert.equal(answer.status, 200);
      assert.equal(answer.json.body.length, MEBIBYTE);
    });
  }

  test("any bytes arrive as they were sent", async () => {
    const body = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    const answer = await stack.call("PUT", ECHO, { body });
    assert.deepEqual(Buffer.from(answer.json.body_base64, "base64"), body);
  });

  /** @type {[string, (bytes: number) => Call["body"]][]} */
  const kinds = [
    ["of known length", (bytes) => Buffer.alloc(bytes)],
    ["in chunks", (bytes) => chunks(bytes)],
  ];
  for (const [how, body] of kinds) {
    for (const [place, limit] of /** @type {const} */ ([
      ["cafe/openapitest.1", MEBIBYTE],
      ["bistro/openapitest.1", 1000],
    ])) {
      for (const over of [1, 64 * 1024, 4 * MEBIBYTE]) {
        test(`a body ${how} that is ${over} over the limit of ${place} never becomes a request`, async () => {
          const before = received();
          const target = `/api/${place}/orders`;
          const answer = await stack.call("POST", target, { body: body(limit + over) });
          const problem = assertProblem(answer, "body_too_large");
          assert.match(problem.detail, new RegExp(`\\b${limit}\\b`));
          await idle(stack);
          assert.equal(received(), before);
        });
      }
    }
  }

  for (const order of ["Content-Length first", "Transfer-Encoding first"]) {
    test(`two ways of framing do not get around the limit, ${order}`, async () => {
      const before = received();
      const framing = ["Content-Length: 5", "Transfer-Encoding: chunked"];
      if (order.startsWith("Transfer")) framing.reverse();
      const body = "x".repeat(2 * MEBIBYTE);
      const { status } = await stack.raw(
        [
          `POST ${ECHO} HTTP/1.1`,
          "Host: gate.example",
          "Connection: close",
          `Authorization: Bearer ${stack.canaries.keys.office}`,
          ...framing,
          "",
          body.length.toString(16),
          body,
          "0\r\n\r\n",
        ].join("\r\n"),
      );
      assert.ok([400, 413, 0].includes(status), `${status}`);
      await idle(stack);
      assert.equal(received(), before);
    });
  }

  for (const [how, framing, part] of /** @type {const} */ ([
    ["of known length", "Content-Length: 100", '{"total":'],
    ["in chunks", "Transfer-Encoding: chunked", '9\r\n{"total":\r\n'],
  ])) {
    test(`a body ${how} whose sender goes away never becomes a request`, async () => {
      const before = upstream.received().length;
      const socket = connect(stack.port, "127.0.0.1");
      socket.write(
        `POST /api/cafe2/openapitest/orders HTTP/1.1\r\nHost: gate.example\r\nAuthorization: Bearer ${stack.canaries.keys.office}\r\n${framing}\r\n\r\n${part}`,
      );
      await upstream.until(() => upstream.received().includes('{"total":', before));
      socket.destroy();
      await upstream.until(() => upstream.open() === 0);
      const [, body = ""] = upstream.received().slice(before).split("\r\n\r\n");
      assert.ok(!body.includes("0\r\n"), "the last chunk was written");
      assert.ok(body.length < 100);
    });
  }

  test("a body streams: the platform has its beginning before its end is written", async () => {
    const before = upstream.received().length;
    /** @type {() => void} */
    let finish = () => {};
    const finished = new Promise((resolve) => {
      finish = () => resolve(undefined);
    });
    async function* slowly() {
      yield Buffer.from("beginning, ");
      await finished;
      yield Buffer.from("end");
    }
    const answer = stack.call("POST", "/api/cafe2/openapitest/orders", { body: slowly() });
    await upstream.until(() => upstream.received().includes("beginning, ", before));
    finish();
    await upstream.until(() => upstream.received().includes("end\r\n0\r\n\r\n", before));
    upstream.answer("HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert.equal((await answer).status, 201);
  });

  test("a GET or HEAD with a body is refused", async () => {
    const before = received();
    for (const body of ["{}", chunks(10)])
      assertProblem(await stack.call("GET", ECHO, { body }), "bad_request");
    assert.equal((await stack.call("HEAD", ECHO, { body: "{}" })).status, 400);
    assert.equal(received(), before);
    const empty = await stack.call("GET", ECHO, { headers: { "content-length": "0" } });
    assert.equal(empty.status, 200);
  });

  test("a length that is no number is refused", async () => {
    for (const length of ["-1", "abc", "1, 2", "0x5", "+5", "18446744073709551616"]) {
      const { status } = await stack.raw(
        `POST ${ECHO} HTTP/1.1\r\nHost: gate.example\r\nConnection: close\r\nAuthorization: Bearer ${stack.canaries.keys.office}\r\nContent-Length: ${length}\r\n\r\nabcde`,
      );
      assert.ok([400, 413, 0].includes(status), `${length}: ${status}`);
    }
  });

  test("a call with a body is not repeated when its token is rejected", async () => {
    for (const body of [Buffer.from("once"), chunks(1000)]) {
      stack.sims.clopos.control.revoke({ account: "openapitest.1" });
      const before = received();
      const answer = await stack.call("OPTIONS", ECHO, { body });
      assert.equal(answer.status, 401);
      assert.equal(received(), before + 1);
      const next = await stack.call("OPTIONS", ECHO, { body: "again" });
      assert.equal(next.status, 200);
    }
  });
});

/** @param {number} bytes */
async function* chunks(bytes) {
  for (let left = bytes; left > 0; left -= 50_000) yield Buffer.alloc(Math.min(left, 50_000), "x");
}

/** Resolves when no platform has a request under way. @param {Stack} stack */
const idle = (stack) => stack.sims.clopos.control.waitFor(({ in_flight }) => in_flight === 0);

/** @param {RecordedRequest} request @param {Record<string, RegExp>} expected */
function assertHeaders({ headers }, expected) {
  const sent = headers.filter(([name]) => !RUNTIME.includes(name.toLowerCase()));
  const names = sent.map(([name]) => name.toLowerCase()).sort();
  assert.deepEqual(names, Object.keys(expected).sort());
  for (const [name, value] of sent) {
    const pattern = expected[name.toLowerCase()];
    assert.ok(pattern?.test(value), `${name} is not what it should be`);
  }
}

/** @param {string} text */
const exactly = (text) => new RegExp(`^${RegExp.escape(text)}$`);
