// Who may call, and that nothing mixes: keys, what a caller may know of, and connections that share an app, a platform or
// an account's name.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { keyHash } from "./configuration.js";
import { APPS, startStack, VENUES } from "./fixtures.js";
import { assertProblem } from "./problems.js";

/** @import { CallerName } from "./configuration.js" */
/** @import { Answer } from "./http.js" */
/** @import { Stack } from "./fixtures.js" */

/** Every route that names a connection. @type {((place: string) => [string, string])[]} */
const ROUTES = [
  (place) => ["GET", `/api/${place}/menu/products`],
  (place) => ["POST", `/api/${place}/orders`],
  (place) => ["POST", `/token/${place}`],
  (place) => ["POST", `/refresh/${place}`],
  (place) => ["GET", `/connections/${place}`],
  (place) => ["GET", `/connections/${place}/audit`],
  (place) => ["DELETE", `/token/${place}`],
];

/** What does not exist for a caller: because it does not exist, or because the caller may not know of it. @type {[CallerName, string][]} */
const INVISIBLE = [
  ["kitchen", "nothing/main"],
  ["kitchen", "bistro/openapitest.1"],
  ["kitchen", "loyalty/main"],
  ["kitchen", "till/MERCHANT00001"],
  ["kitchen", "cafe/openapitest.21"],
  ["counter", "cafe/openapitest.2"],
  ["counter", "cafe/openapitest.21"],
  ["counter", "bistro/openapitest.1"],
  ["counter", "CAFE/openapitest.1"],
];

describe("callers", () => {
  /** @type {Stack} */
  let stack;

  before(async () => {
    stack = await startStack();
    for (const place of ["cafe/openapitest.2", "bistro/openapitest.1", "loyalty/main"])
      await stack.call("POST", `/token/${place}`);
  });
  after(() => stack.stop());

  /** @param {Record<string, string | string[]>} headers */
  const connections = (headers) => stack.call("GET", "/connections", { as: null, headers });

  /** @type {[string, (key: string) => Record<string, string | string[]>][]} */
  const refused = [
    ["no key at all", () => ({})],
    ["an unknown key", () => ({ authorization: "Bearer unknown" })],
    ["an empty key", () => ({ authorization: "Bearer " })],
    ["a scheme without a key", () => ({ authorization: "Bearer" })],
    ["a key without a scheme", (key) => ({ authorization: key })],
    ["another scheme", (key) => ({ authorization: `Basic ${btoa(`office:${key}`)}` })],
    ["the scheme of another", (key) => ({ authorization: `Token ${key}` })],
    ["a part of a key", (key) => ({ authorization: `Bearer ${key.slice(0, -1)}` })],
    ["a key and more", (key) => ({ authorization: `Bearer ${key}x` })],
    ["a key in other case", (key) => ({ authorization: `Bearer ${key.toUpperCase()}` })],
    ["a key twice", (key) => ({ authorization: [`Bearer ${key}`, `Bearer ${key}`] })],
    [
      "a key in another header",
      (key) => ({ "x-api-key": key, "x-authorization": `Bearer ${key}` }),
    ],
    ["a key in a cookie", (key) => ({ cookie: `key=${key}; authorization=Bearer ${key}` })],
    ["the key's hash", (key) => ({ authorization: `Bearer ${keyHash(key)}` })],
    ["a caller's name", () => ({ authorization: "Bearer office" })],
  ];
  for (const [what, headers] of refused) {
    test(`${what} is no key`, async () => {
      const answer = await connections(headers(stack.canaries.keys.office));
      assertProblem(answer, "unauthenticated");
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    });
  }

  test("a key in the query is no key", async () => {
    const key = `not-${"a".repeat(20)}-key`;
    const query = `access_token=${key}&key=${key}`;
    assertProblem(
      await stack.call("GET", `/connections?${query}`, { as: null }),
      "unauthenticated",
    );
  });

  test("the scheme is written in any case", async () => {
    const answer = await connections({ authorization: `bEARER ${stack.canaries.keys.admin}` });
    assert.equal(answer.status, 200);
  });

  test("an unknown key is told nothing about what exists", async () => {
    const headers = { authorization: "Bearer unknown" };
    const places = ["cafe/openapitest.1", "nothing/main", "cafe/%zz"];
    for (const route of ROUTES) {
      const told = new Set();
      for (const place of places)
        told.add(sameWhoever(await stack.call(...route(place), { as: null, headers })));
      assert.equal(told.size, 1);
    }
  });

  for (const [as, place] of INVISIBLE) {
    test(`${place} looks to ${as} as if it did not exist`, async () => {
      for (const route of ROUTES) {
        const invisible = await stack.call(...route(place), { as });
        const missing = await stack.call(...route("missing/missing"), { as });
        assertProblem(invisible, "not_found");
        assert.equal(sameWhoever(invisible), sameWhoever(missing));
      }
    });
  }

  test("what a caller may not see is neither touched nor exchanged", async () => {
    const { control } = stack.sims.clopos;
    const before = control.counters().requests;
    for (const [as, place] of INVISIBLE)
      for (const route of ROUTES) await stack.call(...route(place), { as });
    assert.equal(control.counters().requests, before);
    assert.equal((await stack.call("GET", "/connections/cafe/openapitest.2")).json.state, "fresh");
  });

  test("a list of connections shows each caller its own", async () => {
    await stack.call("POST", "/token/cafe/openapitest.1");
    /** @param {CallerName} as */
    const places = async (as) => {
      const { json } = await stack.call("GET", "/connections", { as });
      return json.map((/** @type {any} */ { app, account }) => `${app}/${account}`);
    };
    assert.deepEqual(await places("counter"), ["cafe/openapitest.1"]);
    const kitchen = await places("kitchen");
    assert.ok(kitchen.includes("cafe/openapitest.1") && kitchen.includes("cafe/openapitest.2"));
    assert.ok(kitchen.every((/** @type {string} */ place) => place.startsWith("cafe/")));
    const admin = await places("admin");
    for (const place of [...kitchen, "bistro/openapitest.1", "loyalty/main"])
      assert.ok(admin.includes(place), place);
  });

  /** @type {[CallerName, number[]][]} statuses by the order of ROUTES; a POST of no order is the platform's 400 */
  const rights = [
    ["office", [200, 400, 200, 200, 200, 200, 204]],
    ["counter", [200, 400, 200, 200, 200, 200, 204]],
    ["api", [200, 400, 403, 403, 403, 403, 403]],
    ["token", [403, 403, 200, 403, 403, 403, 403]],
    ["admin", [403, 403, 403, 200, 200, 200, 204]],
  ];
  for (const [as, statuses] of rights) {
    test(`${as} can what its list says and nothing else`, async () => {
      const actual = [];
      for (const route of ROUTES)
        actual.push((await stack.call(...route("cafe/openapitest.1"), { as })).status);
      assert.deepEqual(actual, statuses);
    });
  }
});

describe("connections that have something in common", () => {
  /** @type {Stack} */
  let stack;

  before(async () => {
    stack = await startStack();
  });
  after(() => stack.stop());

  /** @param {string} place */
  const tokenOf = async (place) => (await stack.call("POST", `/token/${place}`)).json;

  test("twenty accounts on one app have twenty tokens, each its own", async () => {
    const { control } = stack.sims.clopos;
    const tokens = await Promise.all(VENUES.map((account) => tokenOf(`cafe/${account}`)));
    assert.equal(new Set(tokens.map(({ access_token }) => access_token)).size, VENUES.length);
    const issued = new Map(control.tokens.list().map(({ token, account }) => [token, account]));
    for (const [index, { access_token, headers }] of tokens.entries()) {
      assert.equal(issued.get(access_token), VENUES[index]);
      assert.equal(`${headers["x-brand"]}.${headers["x-venue"]}`, VENUES[index]);
    }
    const { by_account } = control.counters().token;
    for (const account of VENUES) assert.equal(by_account[account], 1, account);
  });

  test("the same account on two apps has two tokens from two registrations", async () => {
    const { control } = stack.sims.clopos;
    const [cafe, bistro] = [
      (await tokenOf("cafe/openapitest.1")).access_token,
      (await tokenOf("bistro/openapitest.1")).access_token,
    ];
    assert.notEqual(cafe, bistro);
    const clients = new Map(control.tokens.list().map(({ token, client }) => [token, client]));
    assert.equal(clients.get(cafe), APPS.cafe.client_id);
    assert.equal(clients.get(bistro), APPS.bistro.client_id);
  });

  test("two apps whose only account is called alike have two tokens", async () => {
    const tokens = await Promise.all(["loyalty/main", "loyalty-two/main"].map(tokenOf));
    assert.equal(new Set(tokens.map(({ access_token }) => access_token)).size, 2);
    const { by_client } = stack.sims.clearline.control.counters().token;
    assert.deepEqual({ ...by_client }, { "loyalty-pos": 1, "loyalty-two-pos": 1 });
  });

  test("a merchant who logged in to one app is not logged in to another", async () => {
    const { cookie } = await stack.login({ app: "till", merchant: "MERCHANT00001" });
    assertProblem(await stack.call("POST", "/token/till-two/MERCHANT00001"), "login_required");
    for (const place of [
      "till-two/me",
      "till-two/MERCHANT00001",
      "till/MERCHANT00002",
      "cafe/me",
    ]) {
      const answer = await stack.call("GET", `/api/${place}/v3/merchants/MERCHANT00001`, {
        cookie,
      });
      assertProblem(answer, "not_found");
    }
    await stack.login({ app: "till-two", merchant: "MERCHANT00001" });
    const tokens = await Promise.all(["till/MERCHANT00001", "till-two/MERCHANT00001"].map(tokenOf));
    assert.equal(new Set(tokens.map(({ access_token }) => access_token)).size, 2);
  });

  test("a session cannot reach another merchant through its own account", async () => {
    await stack.login({ merchant: "MERCHANT00002" });
    const { cookie } = await stack.login({ merchant: "MERCHANT00001" });
    const own = await stack.call("GET", "/api/till/me/v3/merchants/MERCHANT00001", { cookie });
    assert.equal(own.status, 200);
    for (const path of ["v3/merchants/MERCHANT00002", "v3/merchants/MERCHANT00002/orders"])
      assertProblem(
        await stack.call("GET", `/api/till/me/${path}`, { cookie }),
        "path_not_allowed",
      );
  });

  test("calls at once on many connections are each sent with their own token", async () => {
    const places = [
      ...VENUES.map((account) => `cafe/${account}`),
      "bistro/openapitest.1",
      "bistro/openapitest.2",
    ];
    const calls = places.flatMap((place) => Array.from({ length: 5 }, () => place));
    const answers = await Promise.all(
      calls.map((place) => stack.call("GET", `/api/${place}/__echo_redacted?place=${place}`)),
    );
    for (const [index, { json }] of answers.entries()) {
      const [, account = ""] = calls[index]?.split("/") ?? [];
      const sent = new Map(json.headers.map((/** @type {string[]} */ pair) => pair));
      assert.equal(`${sent.get("x-brand")}.${sent.get("x-venue")}`, account);
    }
    const { control } = stack.sims.clopos;
    for (const { target, client, account } of control.requests({ kind: "api" })) {
      const [app, wanted] =
        new URLSearchParams(target.split("?")[1]).get("place")?.split("/") ?? [];
      assert.equal(account, wanted);
      assert.equal(client, APPS[/** @type {"cafe" | "bistro"} */ (app)].client_id);
    }
  });

  test("forgetting one connection leaves its neighbours alone", async () => {
    const before = await tokenOf("bistro/openapitest.1");
    await tokenOf("cafe/openapitest.1");
    assert.equal((await stack.call("DELETE", "/token/cafe/openapitest.1")).status, 204);
    const { json } = await stack.call("GET", "/connections/cafe/openapitest.1");
    assert.equal(json.state, "empty");
    assert.equal((await tokenOf("bistro/openapitest.1")).access_token, before.access_token);
  });
});

/** What an answer says, without what is different each time. @param {Answer} answer */
function sameWhoever(answer) {
  const id = answer.headers.get("x-request-id") ?? "";
  const names = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  return `${answer.status}\n${names}\n${answer.text}`.replaceAll(id, "(id)");
}
