// Which pages may call: exact origins, preflights, and the rule that keeps other sites from using a merchant's session
// (CSRF). What Chromium makes of it is tested with the demo shop.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SHOP, startStack } from "./fixtures.js";
import { assertProblem } from "./problems.js";

/** @import { Stack } from "./fixtures.js" */

const PRODUCTS = "/api/cafe/openapitest.1/menu/products";
const OWN_ORDERS = "/api/till/me/v3/merchants/MERCHANT00001/orders";
const CORS = ["allow-origin", "allow-credentials", "expose-headers"];

/** Origins that are not the shop, however much they look like it. */
const OTHERS = [
  "null",
  "https://evil.example",
  "http://shop.example",
  "https://shop.example:8443",
  "https://shop.example:443",
  "https://shop.example/",
  "https://shop.example.evil.example",
  "https://evilshop.example",
  "https://www.shop.example",
  "https://shop.example, https://evil.example",
  "HTTPS://SHOP.EXAMPLE",
  "*",
  "shop.example",
];

describe("pages", () => {
  /** @type {Stack} */
  let stack;
  /** @type {string} */
  let cookie;

  before(async () => {
    stack = await startStack();
    ({ cookie } = await stack.login());
  });
  after(() => stack.stop());

  const exchanged = () => stack.sims.clopos.control.counters().requests;

  test("a configured page can read answers, errors among them", async () => {
    for (const [target, status] of /** @type {const} */ ([
      [PRODUCTS, 200],
      ["/connections/cafe/openapitest.1", 200],
      ["/api/cafe/openapitest.1/no/such", 404],
      ["/api/cafe/nobody/x", 404],
      ["/api/cafe/openapitest.1/..", 400],
      ["/nothing", 404],
    ])) {
      const answer = await stack.call("GET", target, { headers: { origin: SHOP } });
      assert.equal(answer.status, status, target);
      assert.equal(answer.headers.get("access-control-allow-origin"), SHOP);
      assert.equal(answer.headers.get("access-control-allow-credentials"), "true");
      assert.match(answer.headers.get("access-control-expose-headers") ?? "", /x-request-id/);
      assert.equal(answer.headers.get("vary"), "Origin");
    }
  });

  test("a page may read what an answer says about limits, timing and its id", async () => {
    const { headers } = await stack.call("GET", PRODUCTS, { headers: { origin: SHOP } });
    const exposed = (headers.get("access-control-expose-headers") ?? "").split(/, */);
    for (const name of ["x-request-id", "server-timing", "retry-after", "etag"])
      assert.ok(exposed.includes(name), name);
    assert.ok(!exposed.includes("*"));
  });

  for (const origin of OTHERS) {
    test(`a page of ${JSON.stringify(origin)} may not call`, async () => {
      const before = exchanged();
      for (const [method, target] of /** @type {const} */ ([
        ["GET", PRODUCTS],
        ["POST", "/token/cafe/openapitest.1"],
        ["DELETE", "/token/cafe/openapitest.1"],
      ])) {
        const answer = await stack.call(method, target, { headers: { origin } });
        assertProblem(answer, "origin_not_allowed");
        assertNoCors(answer.headers);
      }
      assert.equal(exchanged(), before);
    });

    test(`a page of ${JSON.stringify(origin)} may not even ask`, async () => {
      const answer = await stack.call("OPTIONS", PRODUCTS, {
        as: null,
        headers: { origin, "access-control-request-method": "GET" },
      });
      assert.equal(answer.status, 403);
      assertNoCors(answer.headers);
    });
  }

  test("the worker's own pages may call and need no CORS", async () => {
    const answer = await stack.call("GET", PRODUCTS, { headers: { origin: stack.url } });
    assert.equal(answer.status, 200);
    assertNoCors(answer.headers);
  });

  test("who is no page may call and gets no CORS headers", async () => {
    const answer = await stack.call("GET", PRODUCTS);
    assert.equal(answer.status, 200);
    assertNoCors(answer.headers);
    assert.equal(answer.headers.get("vary"), "Origin");
  });

  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
    test(`a preflight for ${method} is answered without a key and without the platform`, async () => {
      const before = exchanged();
      const answer = await stack.call("OPTIONS", PRODUCTS, {
        as: null,
        headers: {
          origin: SHOP,
          "access-control-request-method": method,
          "access-control-request-headers": "authorization,content-type,x-tillgate",
        },
      });
      assert.equal(answer.status, 204);
      assert.equal(answer.headers.get("access-control-allow-origin"), SHOP);
      assert.equal(answer.headers.get("access-control-allow-credentials"), "true");
      assert.equal(answer.headers.get("vary"), "Origin");
      const methods = (answer.headers.get("access-control-allow-methods") ?? "").split(/, */);
      assert.ok(methods.includes(method));
      const allowed = (answer.headers.get("access-control-allow-headers") ?? "").split(/, */);
      for (const name of ["authorization", "content-type", "x-tillgate", "idempotency-key"])
        assert.ok(allowed.includes(name), name);
      for (const name of ["*", "cookie", "x-token", "x-brand", "x-venue"])
        assert.ok(!allowed.includes(name), name);
      assert.equal(answer.text, "");
      assert.equal(exchanged(), before);
    });
  }

  test("a preflight is answered alike for what exists and what does not", async () => {
    const headers = { origin: SHOP, "access-control-request-method": "POST" };
    for (const target of [
      "/token/nothing/main",
      "/token/cafe/openapitest.1",
      "/api/x/y/z",
      "/nothing",
    ])
      assert.equal((await stack.call("OPTIONS", target, { as: null, headers })).status, 204);
  });

  test("a session's call from the worker's own page or a configured one is forwarded", async () => {
    /** @type {Record<string, string>[]} */
    const kinds = [{}, { origin: stack.url }, { origin: SHOP }];
    for (const headers of kinds) {
      const answer = await stack.call("GET", OWN_ORDERS, { cookie, headers });
      assert.equal(answer.status, 200);
    }
  });

  /** @type {[string, Record<string, string | string[]>, string][]} */
  const forged = [
    ["without X-Tillgate", { "x-tillgate": "" }, "forbidden"],
    ["with another X-Tillgate", { "x-tillgate": "true" }, "forbidden"],
    ["with X-Tillgate twice", { "x-tillgate": ["1", "1"] }, "forbidden"],
    ["of another site", { origin: "https://evil.example" }, "origin_not_allowed"],
    ["of a sandboxed page", { origin: "null" }, "origin_not_allowed"],
    ["that Fetch Metadata calls cross-site", { "sec-fetch-site": "cross-site" }, "forbidden"],
  ];
  for (const [what, headers, code] of forged) {
    test(`a session's call ${what} is refused`, async () => {
      const before = stack.sims.clover.control.counters().requests;
      for (const [method, target] of /** @type {const} */ ([
        ["GET", OWN_ORDERS],
        ["POST", OWN_ORDERS],
        ["GET", "/session"],
        ["POST", "/logout"],
      ]))
        assertProblem(await stack.call(method, target, { cookie, headers }), code);
      assert.equal(stack.sims.clover.control.counters().requests, before);
      assert.equal((await stack.call("GET", "/session", { cookie })).status, 200);
    });
  }

  test("a session does not get a token, an administrator's view or another's routes", async () => {
    for (const [method, target] of /** @type {const} */ ([
      ["POST", "/token/till/MERCHANT00001"],
      ["POST", "/token/till/me"],
      ["DELETE", "/token/till/MERCHANT00001"],
      ["POST", "/refresh/till/MERCHANT00001"],
      ["GET", "/connections"],
      ["GET", "/connections/till/MERCHANT00001"],
    ]))
      assertProblem(await stack.call(method, target, { cookie }), "forbidden");
  });

  test("a cookie that was changed, cut, doubled or renamed is no session", async () => {
    const value = cookie.slice("tillgate=".length);
    const flipped = value.slice(0, 30) + (value[30] === "A" ? "B" : "A") + value.slice(31);
    for (const other of [
      `tillgate=${flipped}`,
      `tillgate=${value.slice(0, -4)}`,
      `tillgate=${value}AAAA`,
      `tillgate=; x=${value}`,
      `${cookie}; ${cookie}`,
      `${cookie}; tillgate=tossed`,
      `tillgate=tossed; ${cookie}`,
      `__Host-tillgate=${value}`,
      `Tillgate=${value}`,
      `"tillgate"=${value}`,
      "tillgate=",
      "tillgate",
    ])
      assertProblem(await stack.call("GET", "/session", { cookie: other }), "unauthenticated");
  });

  test("a key wins over a cookie, and a wrong key does not fall back to it", async () => {
    const wrong = { authorization: "Bearer unknown" };
    assertProblem(
      await stack.call("GET", OWN_ORDERS, { cookie, headers: wrong }),
      "unauthenticated",
    );
  });

  test("pages and headers keep browsers from framing, sniffing or keeping answers", async () => {
    const page = await stack.call("GET", "/callback/till?state=x&code=y", { as: null });
    assert.match(page.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
    assert.equal(page.headers.get("referrer-policy"), "no-referrer");
    assert.equal(page.headers.get("cache-control"), "no-store");
    assert.ok(!/<script/i.test(page.text));
  });

  test("behind https the cookies carry the prefix __Host- and Secure", async () => {
    const bytes = (/** @type {string} */ host) =>
      `GET /login/till HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const cookieOf = async (/** @type {string} */ host) =>
      (await stack.raw(bytes(host))).headers.getSetCookie()[0] ?? "";
    assert.match(await cookieOf(`127.0.0.1:${stack.port}`), /^tillgate-login-[^;]+; (?!.*Secure)/);
    assert.match(
      await cookieOf("gate.example"),
      /^__Host-tillgate-login-.*; HttpOnly; Secure; SameSite=Lax$/,
    );
  });
});

/** @param {Headers} headers */
function assertNoCors(headers) {
  for (const name of [...CORS, "allow-methods", "allow-headers"])
    assert.equal(headers.get(`access-control-${name}`), null, name);
}
