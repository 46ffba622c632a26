// Every route with every status it has of its own, in one table with the exact headers of each answer; wrong methods,
// unknown routes, a base path, and the document that describes it all. What depends on a token's life is elsewhere.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startStack } from "./fixtures.js";
import { assertProblem, assertUncached, CODES } from "./problems.js";

/** @import { Answer } from "./http.js" */
/** @import { Call, Stack } from "./fixtures.js" */

const REQUEST_ID = "x-request-id";
/** On every answer of the worker's. */
const COMMON = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
const JSON_ANSWER = { ...COMMON, "content-type": "application/json", vary: "Origin" };
const EMPTY = { ...COMMON, vary: "Origin" };
const PROBLEM = { ...COMMON, "content-type": "application/problem+json", vary: "Origin" };
const CHALLENGE = { ...PROBLEM, "www-authenticate": "Bearer" };
/** Routes that a browser navigates to have nothing to do with CORS. */
const NAVIGATION_PROBLEM = { ...COMMON, "content-type": "application/problem+json" };
const TIMING = { "server-timing": /^token;desc="(memory|vault|exchange)"$/ };
const FORWARDED = {
  ...JSON_ANSWER,
  ...TIMING,
  "content-security-policy": "default-src 'none'; sandbox",
};
const PAGE = {
  ...COMMON,
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  "referrer-policy": "no-referrer",
};
const STATE_COOKIE =
  /^tillgate-login-[\w-]{12}=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/;
const NO_COOKIE = "tillgate=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";
/** What frames a message says nothing about its meaning. */
const FRAMING = ["content-length", "transfer-encoding", "connection", "keep-alive", "date"];

/** @typedef {Record<string, string | RegExp>} ExpectedHeaders */
/** @typedef {Call & { session?: boolean }} TableCall `session`: with the cookie of a session */

/** @type {[string, TableCall, number, ExpectedHeaders, string?][]} request, how, status, headers, the problem's code */
const TABLE = [
  ["GET /health", { as: null }, 200, JSON_ANSWER],
  ["HEAD /health", { as: null }, 200, JSON_ANSWER],
  ["GET /health", { as: null, headers: { origin: "null" } }, 200, JSON_ANSWER],
  ["GET /health", { as: null, headers: { origin: "https://other.example" } }, 200, JSON_ANSWER],
  ["GET /openapi.json", { as: null, headers: { origin: "null" } }, 200, JSON_ANSWER],
  ["POST /health", { headers: { origin: "null" } }, 405, { ...PROBLEM, allow: "GET, HEAD" }],
  ["GET /connections", { headers: { origin: "null" } }, 403, PROBLEM, "origin_not_allowed"],
  ["GET /nothing", { as: null }, 404, PROBLEM, "not_found"],
  ["GET /openapi.json", { as: null }, 200, JSON_ANSWER],
  ["HEAD /openapi.json", { as: null }, 200, JSON_ANSWER],

  ["GET /api/cafe/openapitest.1/menu/products", {}, 200, FORWARDED],
  ["GET /api/loyalty/main/pos/1/status", { as: "api" }, 200, FORWARDED],
  ["GET /api/till/me/v3/merchants/MERCHANT00001/orders", { session: true }, 200, FORWARDED],
  ["GET /api/cafe/openapitest.1/no/such", {}, 404, FORWARDED],
  ["GET /api/cafe/openapitest.1/../x", {}, 400, PROBLEM, "bad_request"],
  ["GET /api/cafe/openapitest.1/menu/products", { as: null }, 401, CHALLENGE, "unauthenticated"],
  ["GET /api/till/MERCHANT00002/v3/merchants/MERCHANT00002", {}, 401, CHALLENGE, "login_required"],
  ["GET /api/cafe/openapitest.1/menu/products", { as: "token" }, 403, PROBLEM, "forbidden"],
  ["GET /api/loyalty-two/main/pos/1/other", {}, 403, PROBLEM, "path_not_allowed"],
  ["GET /api/nothing/main/x", {}, 404, PROBLEM, "not_found"],
  ["GET /api/loyalty/other/x", {}, 404, PROBLEM, "not_found"],
  [
    "TRACE /api/loyalty/main/x",
    {},
    405,
    { ...PROBLEM, allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
    "method_not_allowed",
  ],
  [
    "POST /api/loyalty/main/pos/1/status",
    { body: Buffer.alloc(1024 * 1024 + 1) },
    413,
    PROBLEM,
    "body_too_large",
  ],

  ["POST /token/cafe/openapitest.1", { as: "token" }, 200, { ...JSON_ANSWER, ...TIMING }],
  ["POST /token/cafe/openapitest.1", { as: null }, 401, CHALLENGE, "unauthenticated"],
  ["POST /token/till/MERCHANT00002", {}, 401, CHALLENGE, "login_required"],
  ["POST /token/cafe/openapitest.1", { as: "api" }, 403, PROBLEM, "forbidden"],
  ["POST /token/till/MERCHANT00001", { session: true }, 403, PROBLEM, "forbidden"],
  ["POST /token/cafe/openapitest.21", {}, 404, PROBLEM, "not_found"],
  [
    "GET /token/cafe/openapitest.1",
    {},
    405,
    { ...PROBLEM, allow: "POST, DELETE" },
    "method_not_allowed",
  ],
  ["DELETE /token/cafe/openapitest.1", { as: "admin" }, 204, EMPTY],
  ["DELETE /token/cafe/openapitest.1", { as: null }, 401, CHALLENGE, "unauthenticated"],
  ["DELETE /token/cafe/openapitest.1", { as: "token" }, 403, PROBLEM, "forbidden"],
  ["DELETE /token/cafe/nobody.1", {}, 404, PROBLEM, "not_found"],

  ["POST /refresh/cafe/openapitest.1", { as: "admin" }, 200, JSON_ANSWER],
  ["POST /refresh/cafe/openapitest.1", { as: null }, 401, CHALLENGE, "unauthenticated"],
  ["POST /refresh/till/MERCHANT00002", {}, 401, CHALLENGE, "login_required"],
  ["POST /refresh/cafe/openapitest.1", { as: "token" }, 403, PROBLEM, "forbidden"],
  ["POST /refresh/nothing/main", {}, 404, PROBLEM, "not_found"],
  ["GET /refresh/cafe/openapitest.1", {}, 405, { ...PROBLEM, allow: "POST" }, "method_not_allowed"],

  ["GET /connections", { as: "admin" }, 200, JSON_ANSWER],
  ["GET /connections", { as: null }, 401, CHALLENGE, "unauthenticated"],
  ["GET /connections", { as: "api" }, 403, PROBLEM, "forbidden"],
  ["GET /connections", { session: true }, 403, PROBLEM, "forbidden"],
  ["POST /connections", {}, 405, { ...PROBLEM, allow: "GET" }, "method_not_allowed"],
  ["GET /connections/cafe/openapitest.1", { as: "admin" }, 200, JSON_ANSWER],
  ["GET /connections/cafe/openapitest.1", { as: null }, 401, CHALLENGE, "unauthenticated"],
  ["GET /connections/cafe/openapitest.1", { as: "api" }, 403, PROBLEM, "forbidden"],
  ["GET /connections/cafe/openapitest.99", {}, 404, PROBLEM, "not_found"],
  ["GET /connections/cafe/openapitest.1/audit", { as: "admin" }, 200, JSON_ANSWER],
  ["GET /connections/cafe/openapitest.1/audit?before=x", {}, 400, PROBLEM, "bad_request"],
  ["GET /connections/cafe/openapitest.1/audit", { as: null }, 401, CHALLENGE, "unauthenticated"],
  ["GET /connections/cafe/openapitest.1/audit", { as: "token" }, 403, PROBLEM, "forbidden"],
  ["GET /connections/till/MERCHANT00001/audit", { session: true }, 403, PROBLEM, "forbidden"],
  ["GET /connections/cafe/openapitest.99/audit", {}, 404, PROBLEM, "not_found"],
  [
    "DELETE /connections/cafe/openapitest.1/audit",
    {},
    405,
    { ...PROBLEM, allow: "GET" },
    "method_not_allowed",
  ],
  [
    "PUT /connections/cafe/openapitest.1",
    {},
    405,
    { ...PROBLEM, allow: "GET" },
    "method_not_allowed",
  ],

  [
    "GET /login/till?return_to=/x",
    { as: null },
    302,
    {
      ...COMMON,
      location: /^http:\/\/127\.0\.0\.1:\d+\/oauth\/authorize\?/,
      "referrer-policy": "no-referrer",
      "set-cookie": STATE_COOKIE,
    },
  ],
  [
    "GET /login/till?return_to=//evil.example",
    { as: null },
    400,
    NAVIGATION_PROBLEM,
    "bad_request",
  ],
  ["GET /login/cafe", { as: null }, 404, NAVIGATION_PROBLEM, "not_found"],
  [
    "POST /login/till",
    { as: null },
    405,
    { ...NAVIGATION_PROBLEM, allow: "GET" },
    "method_not_allowed",
  ],
  [
    "GET /callback/till?state=x&code=y&merchant_id=MERCHANT00001&client_id=TILLAPP000001",
    { as: null },
    400,
    { ...PAGE, "tillgate-error": "state_invalid" },
  ],
  ["GET /callback/cafe?state=x", { as: null }, 404, { ...PAGE, "tillgate-error": "not_found" }],
  [
    "POST /callback/till",
    { as: null },
    405,
    { ...NAVIGATION_PROBLEM, allow: "GET" },
    "method_not_allowed",
  ],

  ["GET /session", { session: true }, 200, JSON_ANSWER],
  ["GET /session", { as: null }, 401, CHALLENGE, "unauthenticated"],
  ["GET /session", { session: true, headers: { "x-tillgate": "0" } }, 403, PROBLEM, "forbidden"],
  ["DELETE /session", { session: true }, 405, { ...PROBLEM, allow: "GET" }, "method_not_allowed"],
  ["POST /logout", { as: null }, 401, CHALLENGE, "unauthenticated"],
  ["POST /logout", { session: true, headers: { "x-tillgate": "0" } }, 403, PROBLEM, "forbidden"],
  ["GET /logout", { session: true }, 405, { ...PROBLEM, allow: "POST" }, "method_not_allowed"],
  ["POST /logout", { session: true }, 204, { ...EMPTY, "set-cookie": NO_COOKIE }],
];

/** What is almost a route. */
const UNKNOWN = [
  "/",
  "//",
  "//health",
  "/health/",
  "/HEALTH",
  "/health%20",
  "/%68ealth",
  "/api",
  "/api/",
  "/api/cafe",
  "/api//openapitest.1/x",
  "/api/cafe//x",
  "/token/cafe",
  "/token/cafe/openapitest.1/more",
  "/token/cafe/openapitest.1/",
  "/refresh/cafe",
  "/connections/",
  "/connections/cafe",
  "/connections/cafe/openapitest.1/x",
  "/connections/cafe/openapitest.1/audit/",
  "/connections/cafe/openapitest.1/audit/1",
  "/login",
  "/login/",
  "/login/till/x",
  "/callback",
  "/callback/till/x",
  "/session/",
  "/logout/",
  "/openapi.yaml",
  "/favicon.ico",
  "/.env",
  "/pos/health",
];

/** The routes as the document writes them, and what each answers by itself when all is well. @type {[string, string, number][]} */
const DOCUMENTED = [
  ["get", "/health", 200],
  ["get", "/openapi.json", 200],
  ["post", "/token/{app}/{account}", 200],
  ["delete", "/token/{app}/{account}", 204],
  ["post", "/refresh/{app}/{account}", 200],
  ["get", "/connections", 200],
  ["get", "/connections/{app}/{account}", 200],
  ["get", "/connections/{app}/{account}/audit", 200],
  ["get", "/login/{app}", 302],
  ["get", "/callback/{app}", 303],
  ["get", "/session", 200],
  ["post", "/logout", 204],
];

describe("routes", () => {
  /** @type {Stack} */
  let stack;
  /** @type {string} */
  let cookie;

  before(async () => {
    stack = await startStack();
    ({ cookie } = await stack.login());
  });
  after(() => stack.stop());

  /** @param {string} request @param {TableCall} how */
  function ask(request, { session, ...how }) {
    const [method = "", target = ""] = request.split(/ (.*)/);
    return stack.call(method, target, session ? { cookie, ...how } : how);
  }

  for (const [request, how, status, headers, code] of TABLE) {
    const who = how.session ? "a session" : how.as === null ? "nobody" : (how.as ?? "office");
    test(`${request} by ${who} is answered with ${code ?? status}`, async () => {
      const answer = await ask(request, how);
      assert.equal(answer.status, status, answer.text);
      if (code !== undefined) assertProblem(answer, code);
      assertUncached(answer);
      assertHeaders(answer, headers);
    });
  }

  test("every answer has an id of its own", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => stack.call("GET", "/health")),
    );
    assert.equal(new Set(answers.map(({ headers }) => headers.get(REQUEST_ID))).size, 20);
  });

  test("an id that a caller brings along is not taken over", async () => {
    const answer = await stack.call("GET", "/health", { headers: { [REQUEST_ID]: "mine" } });
    assert.notEqual(answer.headers.get(REQUEST_ID), "mine");
  });

  for (const target of UNKNOWN) {
    test(`there is no route ${target}`, async () => {
      for (const method of ["GET", "POST"])
        assertProblem(await stack.call(method, target), "not_found");
    });
  }

  test("methods are case-sensitive", async () => {
    const bytes = `get /health HTTP/1.1\r\nHost: gate.example\r\nConnection: close\r\n\r\n`;
    const { status } = await stack.raw(bytes);
    assert.ok(status === 405 || status === 501, `${status}`);
  });

  test("the health of the worker names its version and its state", async () => {
    const { json } = await stack.call("GET", "/health", { as: null });
    assert.deepEqual(Object.keys(json).sort(), ["status", "version"]);
    assert.equal(json.status, "ok");
    assert.match(json.version, /^\d+\.\d+\.\d+$/);
  });

  test("a token is answered with what a back-end needs, and a connection's state without it", async () => {
    const token = (await stack.call("POST", "/token/cafe/openapitest.2")).json;
    assert.deepEqual(token, {
      access_token: token.access_token,
      token_type: "Bearer",
      expires_in: token.expires_in,
      expires_at: token.expires_at,
      headers: { "x-token": token.access_token, "x-brand": "openapitest", "x-venue": "2" },
      base_url: `${stack.sims.clopos.url}/open-api`,
    });
    const connection = (await stack.call("GET", "/connections/cafe/openapitest.2")).json;
    assert.deepEqual(connection, {
      app: "cafe",
      account: "openapitest.2",
      platform: "clopos",
      state: "fresh",
      expires_at: token.expires_at,
      refreshed_at: connection.refreshed_at,
      exchanges: 1,
      last_error: null,
    });
    const all = (await stack.call("GET", "/connections")).json;
    assert.deepEqual(all.filter(isSame(connection)), [connection]);
  });

  test("the session tells who is logged in", async () => {
    const { cookie } = await stack.login({ merchant: "MERCHANT00002" });
    const { json } = await stack.call("GET", "/session", { cookie });
    assert.deepEqual(json, {
      app: "till",
      account: "MERCHANT00002",
      employee_id: "EMPLOYEE00002",
      expires_at: json.expires_at,
    });
  });

  describe("the OpenAPI document", () => {
    /** @type {any} */
    let document;

    before(async () => {
      document = (await stack.call("GET", "/openapi.json", { as: null })).json;
    });

    test("is of version 3.1 and describes every route and no other", () => {
      assert.match(document.openapi, /^3\.1\.\d+$/);
      const paths = new Set(DOCUMENTED.map(([, path]) => path));
      const api = Object.keys(document.paths).filter((path) => path.startsWith("/api/"));
      assert.equal(api.length, 1);
      assert.deepEqual(new Set(Object.keys(document.paths)), new Set([...paths, ...api]));
      const methods = Object.keys(document.paths[api[0] ?? ""]);
      for (const method of ["get", "head", "post", "put", "patch", "delete", "options"])
        assert.ok(methods.includes(method), method);
    });

    for (const [method, path, status] of DOCUMENTED) {
      test(`declares what ${method.toUpperCase()} ${path} answers`, () => {
        const { responses } = document.paths[path][method];
        assert.ok(responses[status] !== undefined, `${status}`);
        assert.ok(contents(document, responses.default).includes("application/problem+json"));
      });
    }

    test("lists every code with its status", () => {
      const { enum: codes, description } = document.components.schemas.Code;
      assert.deepEqual(new Set(codes), new Set(Object.keys(CODES)));
      for (const [code, status] of Object.entries(CODES))
        assert.match(description, new RegExp(`${status} [a-z_, ]*\\b${code}\\b`));
    });

    test("has no reference that leads nowhere", () => {
      const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)];
      assert.ok(references.length > 0);
      for (const [, reference] of references) resolve(document, { $ref: reference });
    });
  });
});

describe("a worker under a base path", () => {
  /** @type {Stack} */
  let stack;

  before(async () => {
    stack = await startStack({
      configure(config) {
        config.base_path = "/pos";
        for (const app of ["till", "till-two"])
          config.apps[app].redirect_uri = config.apps[app].redirect_uri.replace(
            "/callback",
            "/pos/callback",
          );
      },
    });
  });
  after(() => stack.stop());

  test("has its routes below it", async () => {
    assert.equal((await stack.call("GET", "/pos/health")).status, 200);
    assert.equal((await stack.call("POST", "/pos/token/cafe/openapitest.1")).status, 200);
    const forwarded = await stack.call("GET", "/pos/api/cafe/openapitest.1/menu/products");
    assert.equal(forwarded.status, 200);
    const [request] = stack.sims.clopos.control.requests({ kind: "api" });
    assert.equal(request?.target, "/open-api/menu/products");
  });

  test("has no routes beside it", async () => {
    for (const target of [
      "/health",
      "/",
      "/posx/health",
      "/pos",
      "/pos/",
      "/POS/health",
      "//pos/health",
    ])
      assertProblem(await stack.call("GET", target), "not_found");
  });

  test("names itself below it where a merchant has to log in", async () => {
    const answer = await stack.call("POST", "/pos/token/till/MERCHANT00001");
    const { login_url: url } = assertProblem(answer, "login_required");
    assert.equal(url, `${stack.url}/pos/login/till?merchant_id=MERCHANT00001`);
    const { pathname, search } = new URL(url);
    const login = await stack.call("GET", pathname + search, { as: null });
    assert.equal(login.status, 302);
    const redirect = new URL(login.headers.get("location") ?? "").searchParams.get("redirect_uri");
    assert.equal(redirect, `${stack.url}/pos/callback/till`);
  });
});

/** @param {Answer} answer @param {ExpectedHeaders} expected */
function assertHeaders(answer, expected) {
  const names = new Set([...answer.headers.keys()].filter((name) => !FRAMING.includes(name)));
  assert.deepEqual([...names].sort(), [...Object.keys(expected), REQUEST_ID].sort());
  for (const [name, value] of Object.entries(expected)) {
    const actual = answer.headers.get(name) ?? "";
    if (typeof value === "string") assert.equal(actual, value, name);
    else assert.match(actual, value, name);
  }
}

/** @param {{ app: string, account: string }} one */
const isSame = (one) => (/** @type {{ app: string, account: string }} */ other) =>
  one.app === other.app && one.account === other.account;

/** Follows references. @param {any} document @param {any} node @returns {any} */
function resolve(document, node) {
  if (node?.$ref === undefined) return node;
  /** @type {any} */
  let target = document;
  for (const key of node.$ref.replace(/^#\//, "").split("/")) target = target?.[key];
  assert.ok(target !== undefined, node.$ref);
  return resolve(document, target);
}

/** The media types of a response. @param {any} document @param {any} response @returns {string[]} */
const contents = (document, response) => Object.keys(resolve(document, response)?.content ?? {});
