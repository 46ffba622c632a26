// When an issuer's keys are fetched, and what happens while they cannot be had: rotation, storms of unknown keys, issuers
// that are down, slow or answer nonsense. The worker's clock is moved where time passes.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { alteredWorker, clockHeader } from "./altered.js";
import { startStack } from "./fixtures.js";
import { jwt, makeKey, startIssuer } from "./issuer.js";
import { assertProblem } from "./problems.js";
import { until } from "./until.js";

/** @import { Stack, Call } from "./fixtures.js" */
/** @import { Answer } from "./http.js" */
/** @import { SigningKey } from "./issuer.js" */
/** @typedef {Awaited<ReturnType<typeof startIssuer>>} Issuer */

const MINUTE = 60;
const HOUR = 3600;
/** After so many seconds an issuer without keys is asked again. */
const RETRY = 15;
/** A route that needs no platform. */
const STATE = "/connections/cafe/openapitest.1";
/** One issuer for each test, so that no test spends the fetches of another. */
const NAMES = /** @type {const} */ ([
  ...["cold", "hot", "rotating", "withdrawing", "replacing", "storm", "down", "never", "nonsense"],
  ...["redirecting", "left", "hanging", "mixed", "emptied", "flooding", "slow", "failing"],
]);

/** @type {Stack} */
let stack;
/** @type {Record<string, Issuer>} */
let issuers;
/** Seconds that the worker's clock is ahead. */
let ahead = 0;

before(async () => {
  const started = await Promise.all(NAMES.map(async (name) => [name, await startIssuer()]));
  issuers = Object.fromEntries(started);
  stack = await startStack({
    worker: { worker: alteredWorker() },
    configure(config) {
      for (const name of NAMES)
        config.callers[name] = {
          jwt: { issuer: name, jwks_url: issuers[name]?.jwksUrl, audience: "tillgate" },
          apps: ["cafe"],
          accounts: ["*"],
          can: ["admin"],
        };
    },
  });
});

after(async () => {
  await stack.stop();
  await Promise.all(Object.values(issuers).map((issuer) => issuer.close()));
});

/** @param {(typeof NAMES)[number]} name @returns {Issuer} */
const at = (name) => /** @type {Issuer} */ (issuers[name]);

/** Moves the worker's clock. @param {number} seconds */
async function pass(seconds) {
  ahead += seconds;
  await stack.call("GET", "/health", { as: null, headers: clockHeader(ahead) });
}

/** Calls with a token of this issuer and key. @param {string} iss @param {SigningKey} key @param {Call} [call] */
function call(iss, key, call = {}) {
  const exp = Math.floor(Date.now() / 1000) + ahead + 600;
  const authorization = `Bearer ${jwt(key, { iss, aud: "tillgate", exp })}`;
  return stack.call("GET", STATE, { ...call, as: null, headers: { authorization } });
}

/** @param {number} count @param {() => Promise<Answer>} call */
const atOnce = async (count, call) => {
  const answers = await Promise.all(Array.from({ length: count }, call));
  return [...new Set(answers.map(({ status }) => status))];
};

describe("the keys of an issuer", () => {
  test("200 callers at once in an isolate without keys have them fetched once", async () => {
    const key = makeKey("ES256", "1");
    at("cold").publish(key);
    assert.deepEqual(await atOnce(200, () => call("cold", key)), [200]);
    assert.equal(at("cold").fetches(), 1);
  });

  test("a key that was added is known at once, and the old one stays good", async () => {
    const [first, second] = [makeKey("RS256", "1"), makeKey("EdDSA", "2")];
    at("rotating").publish(first);
    assert.equal((await call("rotating", first)).status, 200);
    at("rotating").publish(first, second);
    await pass(MINUTE);
    assert.deepEqual(await atOnce(50, () => call("rotating", second)), [200]);
    assert.equal((await call("rotating", first)).status, 200);
    assert.equal(at("rotating").fetches(), 2);
  });

  test("a key that was withdrawn is good for ten minutes more, and no caller waits for that", async () => {
    const key = makeKey("ES256", "1");
    at("withdrawing").publish(key);
    assert.equal((await call("withdrawing", key)).status, 200);
    at("withdrawing").publish(makeKey("ES256", "2"));
    await pass(10 * MINUTE - 5);
    assert.equal((await call("withdrawing", key)).status, 200);
    assert.equal(at("withdrawing").fetches(), 1);
    await pass(10);
    const held = held200(at("withdrawing"), () => call("withdrawing", key));
    assert.equal((await held).status, 200);
    await until(
      async () => (await call("withdrawing", key)).status === 401,
      "the withdrawn key's end",
    );
    assert.equal(at("withdrawing").fetches(), 2);
  });

  /** Calls while the issuer holds its answer back. @param {Issuer} issuer @param {() => Promise<Answer>} call */
  async function held200(issuer, call) {
    /** @type {(() => void)[]} */
    const waiting = [];
    issuer.answerWith((_, response) => waiting.push(() => response.end('{"keys":[]}')));
    const answer = await call();
    await until(() => waiting.length > 0, "the refresh");
    issuer.answerWith();
    for (const release of waiting) release();
    return answer;
  }

  test("a key that was replaced under its own name is noticed", async () => {
    const [old, young] = [makeKey("RS256", "1"), makeKey("RS256", "1")];
    at("replacing").publish(old);
    assert.equal((await call("replacing", old)).status, 200);
    at("replacing").publish(young);
    await pass(MINUTE);
    assert.deepEqual(await atOnce(20, () => call("replacing", young)), [200]);
    assertProblem(await call("replacing", old), "unauthenticated");
    assert.equal(at("replacing").fetches(), 2);
  });

  test("an issuer that withdraws all its keys is believed", async () => {
    const key = makeKey("ES256", "1");
    at("emptied").publish(key);
    assert.equal((await call("emptied", key)).status, 200);
    at("emptied").publish();
    await pass(MINUTE);
    assertProblem(await call("emptied", makeKey("ES256", "2")), "unauthenticated");
    assertProblem(await call("emptied", key), "unauthenticated");
  });

  test("tokens that name unknown keys cost one fetch a minute, cold and hot", async () => {
    const [key, unknown] = [makeKey("ES256", "1"), makeKey("ES256", "2")];
    at("storm").publish(key);
    assert.equal((await call("storm", key)).status, 200);
    for (let minute = 1; minute <= 60; minute += 1) {
      await pass(MINUTE);
      assert.deepEqual(await atOnce(20, () => call("storm", unknown)), [401]);
      assert.equal(at("storm").fetches(), 1 + minute);
    }
    await pass(MINUTE);
    assert.deepEqual(await atOnce(500, () => call("storm", unknown)), [401]);
    assert.deepEqual(await atOnce(50, () => call("storm", key)), [200]);
    assert.equal(at("storm").fetches(), 62);
  });

  test("callers who hang up do not keep the keys from the others", async () => {
    const key = makeKey("ES256", "1");
    /** @type {(() => void)[]} */
    const waiting = [];
    at("left").publish(key);
    at("left").answerWith((_, response) =>
      waiting.push(() => response.end(JSON.stringify({ keys: [key.jwk] }))),
    );
    const leaving = new AbortController();
    const leader = call("left", key, { signal: leaving.signal });
    await until(() => waiting.length === 1, "the fetch");
    const followers = atOnce(20, () => call("left", key));
    leaving.abort();
    await assert.rejects(leader, { name: "AbortError" });
    // The others are under way for certain once one that was sent after them has been answered.
    await stack.call("GET", "/health", { as: null });
    for (const release of waiting) release();
    assert.deepEqual(await followers, [200]);
    assert.equal(at("left").fetches(), 1);
  });

  test("who comes while a slow fetch is under way waits for it", async () => {
    const key = makeKey("ES256", "1");
    /** @type {(() => void)[]} */
    const waiting = [];
    at("slow").answerWith((_, response) =>
      waiting.push(() => response.end(JSON.stringify({ keys: [key.jwk] }))),
    );
    const leader = call("slow", key);
    await at("slow").asked(1);
    const follower = call("slow", key);
    await pass(9);
    const later = call("slow", key);
    await stack.call("GET", "/health", { as: null });
    for (const release of waiting) release();
    for (const answer of await Promise.all([leader, follower, later]))
      assert.equal(answer.status, 200, answer.text);
    assert.equal(at("slow").fetches(), 1);
  });

  test("keys of other kinds and purposes beside a good one are passed over", async () => {
    const [good, encrypting, signing] = [1, 2, 3].map((kid) => makeKey("ES256", `${kid}`));
    assert.ok(good && encrypting && signing);
    encrypting.jwk.use = "enc";
    signing.jwk.key_ops = ["sign"];
    const published = makeKey("EdDSA", "4");
    const members = [null, 7, { kty: "oct", k: "c2VjcmV0", kid: "7", alg: "HS256" }];
    published.jwk = { ...published.privateKey.export({ format: "jwk" }), kid: "4" };
    const other = makeKey("RS256", "5");
    other.jwk.alg = "RS512";
    const beside = makeKey("ES256", "6");
    beside.jwk.y = beside.jwk.x;
    const others = [encrypting, signing, published, other, beside, good].map(({ jwk }) => jwk);
    at("mixed").publishText({ keys: [...members, ...others] });
    assert.equal((await call("mixed", good)).status, 200);
    for (const key of [encrypting, signing, published, other, beside])
      assertProblem(await call("mixed", key), "unauthenticated");
  });
});

describe("an issuer that fails", () => {
  test("its keys stay good for a day, and are fetched again as soon as it is back", async () => {
    const key = makeKey("RS256", "1");
    const issuer = at("down");
    issuer.publish(key);
    assert.equal((await call("down", key)).status, 200);
    issuer.answerWith((request) => request.socket.destroy());
    for (const seconds of [11 * MINUTE, HOUR, 22 * HOUR, 48 * MINUTE]) {
      await pass(seconds);
      assert.equal((await call("down", key)).status, 200);
    }
    await pass(2 * MINUTE);
    const problem = assertProblem(await call("down", key), "platform_unavailable");
    assert.ok(problem.retry_after >= 1 && problem.retry_after <= RETRY);
    issuer.answerWith();
    await pass(problem.retry_after);
    assert.equal((await call("down", key)).status, 200);
  });

  test("without keys every caller is told to come back, and few fetches are tried", async () => {
    const key = makeKey("ES256", "1");
    const issuer = at("never");
    issuer.answerWith((request) => request.socket.destroy());
    assert.deepEqual(await atOnce(50, () => call("never", key)), [503]);
    assert.equal(issuer.fetches(), 1);
    await pass(RETRY);
    assert.deepEqual(await atOnce(50, () => call("never", key)), [503]);
    assert.equal(issuer.fetches(), 2);
    const problem = assertProblem(await call("never", key), "platform_unavailable");
    assert.ok(problem.retry_after >= 1 && problem.retry_after <= RETRY);
  });

  test("who waits for a fetch that fails is told to come back", async () => {
    const key = makeKey("ES256", "1");
    /** @type {(() => void)[]} */
    const waiting = [];
    at("failing").answerWith((_, response) => waiting.push(() => response.socket?.destroy()));
    const leader = call("failing", key);
    await at("failing").asked(1);
    const follower = call("failing", key);
    await pass(9);
    for (const fail of waiting) fail();
    for (const answer of await Promise.all([leader, follower]))
      assertProblem(answer, "platform_unavailable");
    assert.equal(at("failing").fetches(), 1);
  });

  test("who is not of this issuer or audience costs it nothing", async () => {
    const before = NAMES.map((name) => at(name).fetches());
    const key = makeKey("ES256", "1");
    await pass(MINUTE);
    assertProblem(await call("nobody", key), "unauthenticated");
    const exp = Math.floor(Date.now() / 1000) + ahead;
    for (const claims of [
      { iss: "never", aud: "another", exp: exp + 600 },
      { iss: "never", aud: "tillgate", exp: exp - 600 },
    ]) {
      const headers = { authorization: `Bearer ${jwt(key, claims)}` };
      assertProblem(await stack.call("GET", STATE, { as: null, headers }), "unauthenticated");
    }
    assert.deepEqual(
      NAMES.map((name) => at(name).fetches()),
      before,
    );
  });

  test("an answer that is no set of keys counts as none", async () => {
    const key = makeKey("ES256", "1");
    const good = JSON.stringify({ keys: [key.jwk] });
    const issuer = at("nonsense");
    /** @type {[number, string][]} */
    const answers = [
      [500, good],
      [404, good],
      [201, good],
      [200, ""],
      [200, "<html>"],
      [200, "null"],
      [200, "[]"],
      [200, "{}"],
      [200, '{"keys":{}}'],
      [200, `${good}x`],
      [200, good.replace("{", '{"keys":[],')],
      [200, good.replace('"kty"', '"kty":"oct","kty"')],
      [200, good.replace("]", `${" ".repeat(65_536)}]`)],
    ];
    for (const [status, text] of answers) {
      issuer.answerWith((_, response) => response.writeHead(status).end(text));
      const before = issuer.fetches();
      assertProblem(await call("nonsense", key), "platform_unavailable");
      assert.equal(issuer.fetches(), before + 1);
      await pass(RETRY);
    }
    issuer.answerWith((_, response) => response.end(good));
    assert.equal((await call("nonsense", key)).status, 200);
  });

  test("a redirect is not followed", async () => {
    let followed = 0;
    const key = makeKey("ES256", "1");
    const other = createServer((_, response) => {
      followed += 1;
      response.end(JSON.stringify({ keys: [key.jwk] }));
    }).listen(0, "127.0.0.1");
    await until(() => other.listening, "the other server");
    const { port } = /** @type {import("node:net").AddressInfo} */ (other.address());
    for (const status of [301, 302, 303, 307, 308]) {
      at("redirecting").answerWith((_, response) =>
        response.writeHead(status, { location: `http://127.0.0.1:${port}/` }).end(),
      );
      assertProblem(await call("redirecting", key), "platform_unavailable");
      await pass(RETRY);
    }
    assert.equal(followed, 0);
    other.close();
  });

  test("one that sends without end is cut off", async () => {
    let ended = false;
    at("flooding").answerWith((_, response) => {
      const more = () => response.write("[".repeat(10_000));
      const again = setInterval(more, 1);
      response.on("close", () => {
        clearInterval(again);
        ended = true;
      });
    });
    assertProblem(await call("flooding", makeKey("ES256", "1")), "platform_unavailable");
    await until(() => ended, "the end of the flood");
  });

  test("one that never answers makes nobody wait for ever, and only the first for long", async () => {
    const key = makeKey("ES256", "1");
    at("hanging").answerWith(() => {});
    assertProblem(await call("hanging", key), "platform_unavailable");
    await pass(RETRY);
    const leader = call("hanging", key);
    await at("hanging").asked(2);
    let leaderDone = false;
    leader.then(() => {
      leaderDone = true;
    });
    assertProblem(await call("hanging", key), "platform_unavailable");
    assert.equal(leaderDone, false);
    assertProblem(await leader, "platform_unavailable");
  });
});
