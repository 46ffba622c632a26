// Callers with JWTs: whose tokens count, for whom, how long, for which accounts, and how they have to be signed. When the
// issuer's keys are fetched is tested in jwt-keys.test.js.

import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { startStack } from "./fixtures.js";
import { jwt, makeKey, segment, signature, startIssuer } from "./issuer.js";
import { assertProblem } from "./problems.js";

/** @import { Stack } from "./fixtures.js" */
/** @import { Algorithm, SigningKey } from "./issuer.js" */

const ISSUER = "https://id.example";
const PRODUCTS = "/api/cafe/openapitest.1/menu/products";
const started = Date.now();
const now = () => Math.floor(Date.now() / 1000);

const KEYS = {
  RS256: makeKey("RS256", "rsa-1"),
  ES256: makeKey("ES256", "ec-1"),
  EdDSA: makeKey("EdDSA", "ed-1"),
};
const ALGORITHMS = /** @type {Algorithm[]} */ (Object.keys(KEYS));

/** Claims that are good for the caller `shop-front`. @param {Record<string, unknown>} [others] `undefined` removes one */
const claims = (others = {}) => ({
  iss: ISSUER,
  aud: "tillgate",
  sub: "user-1",
  exp: now() + 600,
  merchant_ids: ["openapitest.1"],
  ...others,
});

describe("callers with JWTs", () => {
  /** @type {Stack} */
  let stack;
  /** @type {Awaited<ReturnType<typeof startIssuer>>} */
  let issuer;

  before(async () => {
    issuer = await startIssuer();
    issuer.publish(...Object.values(KEYS));
    stack = await startStack({
      configure(config) {
        /** @param {string} audience @param {object} others */
        const caller = (audience, others) => ({
          jwt: { issuer: ISSUER, jwks_url: issuer.jwksUrl, audience },
          apps: ["cafe"],
          accounts: { claim: "merchant_ids" },
          ...others,
        });
        config.callers["shop-front"] = caller("tillgate", {});
        config.callers["shop-back"] = caller("tillgate-back", { can: ["token", "admin"] });
        config.callers.everybody = caller("tillgate-all", { accounts: ["*"], apps: ["*"] });
      },
    });
  });
  after(async () => {
    await stack.stop();
    await issuer.close();
  });

  /**
   * Calls as whoever has this token; it may come out nowhere.
   * @param {string} token
   * @param {string} [target]
   * @param {string} [method]
   */
  function call(token, target = PRODUCTS, method = "GET") {
    const last = token.slice(token.lastIndexOf(".") + 1);
    // A forged signature may be a few characters again and again, which are no secret.
    const random = last.length >= 40 && new Set(last).size > 20;
    if (random) stack.leaks.add({ label: "a user's JWT", text: last });
    const headers = { authorization: `Bearer ${token}` };
    return stack.call(method, target, { as: null, headers });
  }

  /** @param {string} token */
  async function refused(token) {
    const before = stack.sims.clopos.control.counters().requests;
    const answer = await call(token);
    assertProblem(answer, "unauthenticated");
    assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    assert.equal(stack.sims.clopos.control.counters().requests, before);
    return answer;
  }

  for (const alg of ALGORITHMS) {
    test(`a token that is signed with ${alg} gets a call through`, async () => {
      const answer = await call(jwt(KEYS[alg], claims()));
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.headers.get("server-timing") ?? "", /^token;desc=/);
    });

    test(`a token whose signature of ${alg} was changed is refused`, async () => {
      const token = jwt(KEYS[alg], claims());
      const at = token.lastIndexOf(".") + 20;
      const other = token[at] === "A" ? "B" : "A";
      await refused(token.slice(0, at) + other + token.slice(at + 1));
    });

    test(`a token of ${alg} whose claims were changed is refused`, async () => {
      const [header, , last] = jwt(KEYS[alg], claims()).split(".");
      await refused(`${header}.${segment(claims({ merchant_ids: ["openapitest.2"] }))}.${last}`);
    });

    test(`a token of a foreign ${alg} key with the same name is refused`, async () => {
      await refused(jwt(makeKey(alg, KEYS[alg].kid), claims()));
    });
  }

  test("a token without the name of its key is checked with those that fit", async () => {
    for (const alg of ALGORITHMS)
      assert.equal((await call(jwt(KEYS[alg], claims(), { kid: undefined }))).status, 200);
  });

  /** Tokens that a good claim does not save. @type {[string, () => string][]} */
  const forged = [
    ["none, without a signature", () => `${segment({ alg: "none" })}.${segment(claims())}.`],
    ["none, with one", () => jwt(KEYS.RS256, claims(), { alg: "none" })],
    ["HS256 under the RSA key's modulus", () => hmac(String(KEYS.RS256.jwk.n))],
    ["HS256 under the RSA key as PEM", () => hmac(pem(KEYS.RS256))],
    ["HS256 under the RSA key as JWK", () => hmac(JSON.stringify(KEYS.RS256.jwk))],
    ["HS256 under nothing", () => hmac("")],
    ["RS384", () => rsa("RS384", "sha384")],
    ["RS512", () => rsa("RS512", "sha512")],
    ["RS256 over SHA-1", () => rsa("RS256", "sha1")],
    ["RS256 for a P-256 key", () => jwt(KEYS.ES256, claims(), { alg: "RS256" })],
    ["ES256 for an RSA key", () => jwt(KEYS.RS256, claims(), { alg: "ES256" })],
    ["ES256 in DER", () => der()],
    ["ES256 on P-384", () => curve("P-384")],
    ["ES256 on secp256k1", () => curve("secp256k1")],
    ["ES256 of r = s = 0", () => plain("ES256", Buffer.alloc(64))],
    ["EdDSA of nothing", () => plain("EdDSA", Buffer.alloc(64))],
    ["rs256 in lower case", () => jwt(KEYS.RS256, claims(), { alg: "rs256" })],
    ["an algorithm that is a list", () => jwt(KEYS.RS256, claims(), { alg: ["RS256"] })],
  ];
  for (const [what, token] of forged) {
    test(`${what} is refused`, async () => {
      await refused(token());
    });
  }

  /** @param {string} secret */
  function hmac(secret) {
    const signed = `${segment({ alg: "HS256", typ: "JWT", kid: "rsa-1" })}.${segment(claims())}`;
    return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  }

  /** @param {string} alg @param {string} hash */
  function rsa(alg, hash) {
    const signed = `${segment({ alg, kid: "rsa-1" })}.${segment(claims())}`;
    const bytes = sign(hash, Buffer.from(signed), KEYS.RS256.privateKey);
    return `${signed}.${bytes.toString("base64url")}`;
  }

  function der() {
    const signed = `${segment({ alg: "ES256", kid: "ec-1" })}.${segment(claims())}`;
    const bytes = sign("sha256", Buffer.from(signed), KEYS.ES256.privateKey);
    return `${signed}.${bytes.toString("base64url")}`;
  }

  /** @param {string} namedCurve */
  function curve(namedCurve) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve });
    return jwt({ ...KEYS.ES256, privateKey }, claims());
  }

  /** @param {Algorithm} alg @param {Buffer} bytes in the signature's place */
  const plain = (alg, bytes) =>
    `${segment({ alg, kid: KEYS[alg].kid })}.${segment(claims())}.${bytes.toString("base64url")}`;

  test("a key that a token brings along is not used", async () => {
    const own = makeKey("RS256", "own");
    const attacker = await startIssuer();
    attacker.publish(own);
    for (const header of [
      { jwk: own.jwk },
      { jwk: own.jwk, kid: "rsa-1" },
      { jku: attacker.jwksUrl },
      { jku: attacker.jwksUrl, kid: "rsa-1" },
      { x5u: attacker.jwksUrl, kid: attacker.jwksUrl },
      { kid: "../../../../dev/null" },
    ])
      await refused(jwt(own, claims(), header));
    assert.equal(attacker.fetches(), 0);
    await attacker.close();
  });

  /** @type {[string, Record<string, unknown>][]} */
  const headers = [
    ["an extension that has to be understood", { crit: ["exp"] }],
    ["an empty list of such extensions", { crit: [] }],
    ["an unencoded payload", { b64: false, crit: ["b64"] }],
    ["another type of token", { typ: "dpop+jwt" }],
    ["a type that is no text", { typ: 1 }],
    ["a key's name that is no text", { kid: 1 }],
  ];
  for (const [what, header] of headers) {
    test(`a token with ${what} is refused`, async () => {
      await refused(jwt(KEYS.ES256, claims(), header));
    });
  }

  for (const typ of [undefined, "jwt", "JWT", "at+jwt", "application/at+JWT", "application/jwt"]) {
    test(`a token of the type ${typ} is taken`, async () => {
      assert.equal((await call(jwt(KEYS.ES256, claims(), { typ }))).status, 200);
    });
  }

  /** @type {[string, Record<string, unknown>][]} */
  const unfit = [
    ["of another issuer", { iss: "https://evil.example" }],
    ["of an issuer with a slash more", { iss: `${ISSUER}/` }],
    ["of no issuer", { iss: undefined }],
    ["of a list of issuers", { iss: [ISSUER] }],
    ["for another audience", { aud: "somebody" }],
    ["for an audience in other case", { aud: "Tillgate" }],
    ["for no audience", { aud: undefined }],
    ["for an empty list of audiences", { aud: [] }],
    ["for an audience among what is no text", { aud: ["tillgate", 1] }],
    ["that ended 61 seconds ago", { exp: now() - 61 }],
    ["without an end", { exp: undefined }],
    ["whose end is a text", { exp: String(now() + 600) }],
    ["whose end is before 1970", { exp: -1 }],
    ["whose end is no time", { exp: 1e300 }],
    ["whose end is null", { exp: null }],
    ["that begins in two minutes", { nbf: now() + 120 }],
    ["whose begin is a text", { nbf: "0" }],
    ["that will be issued in two minutes", { iat: now() + 120 }],
    ["whose issue is null", { iat: null }],
  ];
  for (const [what, others] of unfit) {
    test(`a token ${what} is refused`, async () => {
      await refused(jwt(KEYS.ES256, claims(others)));
    });
  }

  /** @type {[string, Record<string, unknown>][]} */
  const fit = [
    ["for several audiences", { aud: ["somebody", "tillgate"] }],
    ["that ended 30 seconds ago, by a clock that may differ", { exp: now() - 30 }],
    ["with parts of seconds", { exp: now() + 600.5, nbf: now() - 0.5, iat: now() - 1.25 }],
    ["that begins in 30 seconds, by a clock that may differ", { nbf: now() + 30, iat: now() + 30 }],
    ["with an account that is a text", { merchant_ids: "openapitest.1" }],
  ];
  for (const [what, others] of fit) {
    test(`a token ${what} is taken`, async () => {
      const answer = await call(jwt(KEYS.ES256, claims(others)));
      assert.equal(answer.status, 200, answer.text);
    });
  }

  test("every refusal says the same", async () => {
    const told = new Set();
    for (const token of [
      jwt(KEYS.ES256, claims({ exp: now() - 600 })),
      jwt(KEYS.ES256, claims({ aud: "somebody" })),
      jwt(makeKey("ES256", "ec-1"), claims()),
      jwt(KEYS.ES256, claims(), { kid: "unknown" }),
      "a.b.c",
      "..",
      `${segment({ alg: "none" })}.${segment(claims())}.`,
    ]) {
      const { request_id, ...problem } = (await refused(token)).json;
      told.add(JSON.stringify(problem));
    }
    assert.equal(told.size, 1);
  });

  test("members that stand twice are refused, in the header and in the claims", async () => {
    const twice = (/** @type {unknown} */ value) =>
      JSON.stringify(value).replace("{", '{"aud":"somebody",');
    const header = JSON.stringify({ alg: "ES256", kid: "ec-1" });
    for (const signed of [
      `${segment(header)}.${segment(twice(claims()))}`,
      `${segment(header.replace("{", '{"alg":"none",'))}.${segment(claims())}`,
    ])
      await refused(`${signed}.${signature(KEYS.ES256, signed).toString("base64url")}`);
  });

  test("a token that is longer than 8 KiB is refused, and one that is shorter is not", async () => {
    const padded = (/** @type {number} */ bytes) =>
      jwt(KEYS.ES256, claims({ pad: "x".repeat(bytes) }));
    assert.equal((await call(padded(5000))).status, 200);
    await refused(padded(6000));
  });

  test("a bearer that is no JWT is a key", async () => {
    const answer = await call(stack.canaries.keys.office);
    assert.equal(answer.status, 200);
    for (const key of ["a.b", "a.b.c.d", `${stack.canaries.keys.office}.`])
      assertProblem(await call(key), "unauthenticated");
  });

  test("a JWT in the query or beside another scheme is none", async () => {
    const token = jwt(KEYS.ES256, claims());
    for (const authorization of [`JWT ${token}`, `DPoP ${token}`, token, `Bearer  ${token}`])
      assertProblem(
        await stack.call("GET", PRODUCTS, { as: null, headers: { authorization } }),
        "unauthenticated",
      );
  });

  test("an account that is not the user's looks as if it did not exist", async () => {
    const own = jwt(KEYS.ES256, claims());
    const told = new Set();
    for (const place of [
      "cafe/openapitest.2",
      "cafe/nobody",
      "missing/main",
      "bistro/openapitest.1",
    ]) {
      const answer = await call(own, `/api/${place}/menu/products`);
      assertProblem(answer, "not_found");
      told.add(answer.text.replace(answer.json.request_id, ""));
    }
    assert.equal(told.size, 1);
  });

  /** @type {[string, unknown][]} */
  const noAccounts = [
    ["absent", undefined],
    ["an empty list", []],
    ["null", null],
    ["an object", { "openapitest.1": true }],
    ["a star", "*"],
    ["a list of a star", ["*"]],
    ["a list with a number in it", ["openapitest.1", 1]],
    ["a list in a list", [["openapitest.1"]]],
    ["several in one text", "openapitest.1 openapitest.2"],
    ["in other case", "OPENAPITEST.1"],
  ];
  for (const [what, merchant_ids] of noAccounts) {
    test(`a claim of accounts that is ${what} is good for none`, async () => {
      assertProblem(await call(jwt(KEYS.ES256, claims({ merchant_ids }))), "not_found");
    });
  }

  test("a caller with JWTs may call /api and nothing else, unless more is granted", async () => {
    const front = jwt(KEYS.ES256, claims());
    const back = jwt(KEYS.ES256, claims({ aud: "tillgate-back" }));
    for (const [method, target, asFront, asBack] of /** @type {const} */ ([
      ["GET", PRODUCTS, 200, 403],
      ["POST", "/token/cafe/openapitest.1", 403, 200],
      ["GET", "/connections/cafe/openapitest.1", 403, 200],
      ["GET", "/connections", 403, 200],
      ["POST", "/refresh/cafe/openapitest.2", 403, 404],
    ])) {
      assert.equal((await call(front, target, method)).status, asFront, target);
      assert.equal((await call(back, target, method)).status, asBack, target);
    }
    const list = (await call(back, "/connections")).json;
    assert.deepEqual(
      list.map((/** @type {any} */ { app, account }) => `${app}/${account}`),
      ["cafe/openapitest.1"],
    );
  });

  test("a token for several callers is that of the first in the configuration", async () => {
    const aud = ["tillgate-all", "tillgate-back", "tillgate"];
    assert.equal((await call(jwt(KEYS.ES256, claims({ aud })))).status, 200);
    const later = aud.slice(0, 2);
    assertProblem(await call(jwt(KEYS.ES256, claims({ aud: later }))), "forbidden");
  });

  test("a caller whose accounts are listed needs no claim", async () => {
    const token = jwt(KEYS.ES256, claims({ aud: "tillgate-all", merchant_ids: undefined }));
    assert.equal((await call(token, "/api/bistro/openapitest.2/menu/products")).status, 200);
  });

  test("all of this took one fetch of the keys for each minute", () => {
    const minutes = Math.ceil((Date.now() - started) / 60_000);
    assert.ok(issuer.fetches() <= minutes, `${issuer.fetches()} in ${minutes}`);
  });
});

/** @param {SigningKey} key */
const pem = ({ privateKey }) => privateKey.export({ type: "pkcs8", format: "pem" }).toString();
