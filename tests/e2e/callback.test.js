// Callbacks that should not count: replayed, forged, mixed up, smuggled. In each case Clover is asked for
// nothing, nothing is stored, and a person gets a page that says what to do.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { bytesOf, run } from "../bench/lib/client.js";
import { SHOP, startStack } from "./fixtures.js";
import { almost, assertPage, begin, comeBack, consent, withParameters } from "./merchant.js";

/** @import { Stack } from "./fixtures.js" */

const ONE = "MERCHANT00001";
const TWO = "MERCHANT00002";
const FORGED = 3000;
/** The promise is 100,000, which takes a minute: FORGED=100000 in the environment. */
const FORGED_AT_LENGTH = Number(process.env.FORGED ?? 20_000);

/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({
    configure(config) {
      // The same registration in another region: another authorization endpoint.
      const { endpoints } = config.apps.till;
      const authorize = endpoints.authorize.replace("127.0.0.1", "localhost");
      config.apps["till-eu"] = {
        ...config.apps.till,
        region: "eu",
        redirect_uri: config.apps.till.redirect_uri.replace(/till$/, "till-eu"),
        endpoints: { ...endpoints, authorize },
      };
      config.apps.picky = {
        ...config.apps.till,
        accounts: [TWO],
        redirect_uri: config.apps.till.redirect_uri.replace(/till$/, "picky"),
      };
    },
    secrets: (secrets, canaries) => ({
      ...secrets,
      TILL_EU_CLIENT_SECRET: canaries.secrets.till,
      PICKY_CLIENT_SECRET: canaries.secrets.till,
    }),
  });
});

after(() => stack.stop());

const clover = () => stack.sims.clover.control;
/** Everything that Clover was asked for besides the login itself. */
const asked = () => clover().counters().token.received + clover().counters().proof.received;
/** @param {string} merchant */
const state = async (merchant, app = "till") =>
  (await stack.call("GET", `/connections/${app}/${merchant}`)).json.state;
const stored = () => readdirSync(stack.worker.storage, { recursive: true }).length;

describe("replayed", () => {
  test("a callback sent 50 times at once succeeds once and costs one exchange", async () => {
    const { cookie, back } = await almost(stack);
    const before = clover().counters().token.received;
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => comeBack(stack, back, cookie)),
    );
    const successes = answers.filter(({ status }) => status === 303);
    assert.equal(successes.length, 1);
    for (const answer of answers.filter(({ status }) => status !== 303))
      assertPage(answer, "state_invalid");
    assert.equal(clover().counters().token.received - before, 1);
  });

  test("a callback does not count again later, not even with a fresh code", async () => {
    const first = await almost(stack);
    await comeBack(stack, first.back, first.cookie);
    const second = await almost(stack);
    const code = second.back.searchParams.get("code") ?? "";
    const before = asked();
    for (const url of [first.back, withParameters(first.back, { code })])
      assertPage(await comeBack(stack, url, first.cookie), "state_invalid");
    assert.equal(asked(), before);
  });

  test("a login whose exchange failed is used up, and a new one works", async () => {
    const { cookie, back } = await almost(stack);
    clover().faults.add({ match: "token", action: { type: "answer", status: 503, body: "down" } });
    assertPage(await comeBack(stack, back, cookie), "platform_unavailable", 503);
    assertPage(await comeBack(stack, back, cookie), "state_invalid");
    const again = await almost(stack);
    assert.equal((await comeBack(stack, again.back, again.cookie)).status, 303);
  });
});

describe("forged", () => {
  test(`${FORGED} forged states ask Clover for nothing and leave nothing behind`, async () => {
    const { cookie, back } = await almost(stack);
    const [before, files] = [asked(), stored()];
    const prefix = cookie.slice("tillgate-login-".length, cookie.indexOf("="));
    for (let round = 0; round < FORGED; round += 100) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) => {
          const random = randomBytes(32).toString("base64url");
          // Every second one fits the name of the cookie that the browser holds.
          const state = index % 2 === 0 ? random : prefix + random.slice(prefix.length);
          return comeBack(stack, withParameters(back, { state }), cookie);
        }),
      );
      for (const { headers } of answers)
        assert.equal(headers.get("tillgate-error"), "state_invalid");
    }
    assert.equal(asked(), before);
    assert.equal(stored(), files);
    assert.equal((await comeBack(stack, back, cookie)).status, 303, "the true one still counts");
  });

  test(`${FORGED_AT_LENGTH} forged states of one browser, as fast as it can send them, leave nothing behind either`, async () => {
    const visit = await begin(stack);
    const { cookie } = visit;
    const [before, files] = [asked(), stored()];
    const prefix = cookie.slice("tillgate-login-".length, cookie.indexOf("="));
    await run({
      port: stack.worker.port,
      connections: 32,
      requests: FORGED_AT_LENGTH,
      status: 400,
      request() {
        const state = prefix + randomBytes(32).toString("base64url").slice(prefix.length);
        const query = `merchant_id=${ONE}&client_id=TILLGATEDEMO1&state=${state}&code=x`;
        return bytesOf("GET", `/callback/till?${query}`, { headers: { cookie } });
      },
    });
    assert.equal(asked(), before);
    // Objects that went to sleep meanwhile leave fewer files.
    assert.ok(stored() <= files, `${stored()} files, ${files} before`);
    const back = await consent(stack, visit, ONE);
    assert.equal((await comeBack(stack, back, cookie)).status, 303, "the true one still counts");
  });

  test("a login's cookie does not count when it was changed, or for a state of another login", async () => {
    const { cookie, back, state } = await almost(stack);
    const other = await almost(stack);
    const [name = "", value = ""] = cookie.split("=");
    const [, otherValue = ""] = other.cookie.split("=");
    const middle = Math.floor(value.length / 2);
    const changed = value[middle] === "A" ? "B" : "A";
    const before = asked();
    for (const bad of [
      undefined,
      `${name}=`,
      `${name}=${otherValue}`,
      `${name}=${value.slice(0, middle)}${changed}${value.slice(middle + 1)}`,
      `${name}=${value.slice(0, -1)}`,
      `${name}=${state}`,
      other.cookie,
    ])
      assertPage(await comeBack(stack, back, bad), "state_invalid");
    assert.equal(asked(), before);
    assert.equal((await comeBack(stack, back, cookie)).status, 303);
  });

  test("a session's cookie is no login's, and the other way round", async () => {
    const { cookie: session } = await stack.login();
    const { cookie, back } = await almost(stack);
    const [name = "", value = ""] = cookie.split("=");
    const before = asked();
    assertPage(
      await comeBack(stack, back, `${name}=${session.slice("tillgate=".length)}`),
      "state_invalid",
    );
    const posing = await stack.call("GET", "/session", { cookie: `tillgate=${value}` });
    assert.equal(posing.status, 401);
    assert.equal(asked(), before);
  });
});

describe("mixed up", () => {
  test("a login of one app does not count at the callback of another, nor in another region", async () => {
    const { cookie, back } = await almost(stack);
    const before = asked();
    for (const app of ["till-two", "till-eu", "picky"]) {
      const url = new URL(back);
      url.pathname = `/callback/${app}`;
      assertPage(await comeBack(stack, url, cookie), "state_invalid");
      const posing = withParameters(url, { client_id: "TILLAPP000002" });
      assertPage(await comeBack(stack, posing, cookie), "state_invalid");
    }
    assert.equal(asked(), before);
    assert.equal((await comeBack(stack, back, cookie)).status, 303);
  });

  test("somebody else's merchant id beside one's own code stores nothing for either", async () => {
    await stack.call("DELETE", `/token/till/${ONE}`);
    await stack.call("DELETE", `/token/till/${TWO}`);
    const { cookie, back } = await almost(stack, { merchant: ONE });
    const answer = await comeBack(stack, withParameters(back, { merchant_id: TWO }), cookie);
    assertPage(answer, "merchant_not_proved");
    assert.equal(await state(ONE), "empty");
    assert.equal(await state(TWO), "empty");
  });

  test("somebody else's merchant id leaves the token of that merchant as it was", async () => {
    await stack.login({ merchant: TWO });
    const { cookie, back } = await almost(stack, { merchant: ONE });
    assertPage(
      await comeBack(stack, withParameters(back, { merchant_id: TWO }), cookie),
      "merchant_not_proved",
    );
    assert.equal(await state(TWO), "fresh");
    const orders = await stack.call("GET", `/api/till/${TWO}/v3/merchants/${TWO}/orders`);
    assert.equal(orders.status, 200);
  });

  test("a merchant whom the app does not work for gets nothing", async () => {
    const { cookie, back } = await almost(stack, { app: "picky", merchant: ONE });
    const before = asked();
    assertPage(await comeBack(stack, back, cookie), "callback_invalid");
    assert.equal(asked(), before);
  });

  test("a code that somebody else redeemed before is refused as Clover refuses it", async () => {
    const { cookie, back } = await almost(stack);
    clover().clock.advance(3600);
    assertPage(await comeBack(stack, back, cookie), "callback_invalid");
    clover().clock.setOffset(0);
  });
});

describe("smuggled", () => {
  /** What is appended to a good callback's query, or replaces something in it. @type {[string, (query: string) => string][]} */
  const QUERIES = [
    ["a second state", (query) => `${query}&state=${"A".repeat(43)}`],
    ["a second, equal state", (query) => `${query}&${/state=[^&]*/.exec(query)?.[0]}`],
    ["a second code", (query) => `${query}&code=another`],
    ["a second merchant", (query) => `${query}&merchant_id=${TWO}`],
    ["a second client", (query) => `${query}&client_id=TILLAPP000002`],
    ["a second parameter whose name is escaped", (query) => `${query}&%63ode=another`],
    ["an empty code", (query) => query.replace(/code=[^&]*/, "code=")],
    ["a code with a line break", (query) => query.replace(/code=[^&]*/, "code=a%0d%0ab")],
    [
      "a code with a parameter inside",
      (query) => query.replace(/code=([^&]*)/, "code=$1%26x=%3d%20"),
    ],
    [
      "a code of 5,000 characters",
      (query) => query.replace(/code=[^&]*/, `code=${"a".repeat(5000)}`),
    ],
    ["no code", (query) => query.replace(/&?code=[^&]*/, "")],
    ["no merchant", (query) => query.replace(/merchant_id=[^&]*&?/, "")],
    [
      "a merchant with a path in it",
      (query) => query.replace(/merchant_id=[^&]*/, "merchant_id=..%2fapps"),
    ],
    [
      "a merchant with a query in it",
      (query) => query.replace(/merchant_id=[^&]*/, `merchant_id=${ONE}%3fx`),
    ],
    ["no client", (query) => query.replace(/client_id=[^&]*&?/, "")],
    ["another client", (query) => query.replace(/client_id=[^&]*/, "client_id=TILLAPP000002")],
    ["an error beside the code", (query) => `${query}&error=access_denied`],
    [
      "an employee that is markup",
      (query) => query.replace(/employee_id=[^&]*/, "employee_id=%3cb%3e"),
    ],
  ];
  for (const [what, change] of QUERIES) {
    test(`a callback with ${what} asks Clover for nothing`, async () => {
      const { cookie, back } = await almost(stack);
      const before = asked();
      const url = `${back.pathname}?${change(back.search.slice(1))}`;
      assertPage(await comeBack(stack, url, cookie), "callback_invalid");
      assert.equal(asked(), before);
    });
  }

  test("parameters that are not Clover's are passed over", async () => {
    const { cookie, back } = await almost(stack);
    const url = `${back.pathname}?&utm=x&return_to=//evil.example${back.search.replace("?", "&")}&&`;
    const answer = await comeBack(stack, url, cookie);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get("location"), `${SHOP}/`);
  });
});
