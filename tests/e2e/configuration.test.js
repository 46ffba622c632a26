// Configuration through the real worker: where it may stand, how its mistakes are reported and to whom, and that no
// secret is repeated. What each key may hold is tested where it is read, in the worker's own tests.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startStack } from "./fixtures.js";
import { assertProblem } from "./problems.js";
import { until } from "./until.js";

/** @import { Stack, StackOptions } from "./fixtures.js" */

const TOKEN = "/token/cafe/openapitest.1";

/** @param {StackOptions} options @param {(stack: Stack) => Promise<void>} run */
async function withStack(options, run) {
  const stack = await startStack(options);
  try {
    await run(stack);
  } finally {
    await stack.stop();
  }
}

/** An answer may be there before a line that was written earlier. @param {Stack} stack @param {(log: string) => boolean} test */
const logged = ({ worker }, test) => until(() => test(worker.logs()), "a line in the log");

/** @param {Stack} stack @returns {Promise<{ path: string, message: string }[]>} what an admin is told */
async function mistakes(stack) {
  const answer = await stack.call("GET", "/connections", { as: "admin" });
  return assertProblem(answer, "config_invalid").errors;
}

test("two mistakes give two messages, seen by an admin and in the log alone", () =>
  withStack(
    {
      configure(config) {
        config.origins = ["https://shop.example/path"];
        config.apps.cafe.accounts = ["openapitest"];
      },
    },
    async (stack) => {
      const found = await mistakes(stack);
      assert.deepEqual(
        found.map(({ path }) => path),
        ["apps.cafe.accounts[0]", "origins[0]"],
      );
      for (const { path, message } of found) {
        await logged(stack, (log) => log.includes(`${path}: ${message}`));
        assert.equal(stack.worker.logs().split(path).length, 2, "each is logged once");
      }
      for (const as of /** @type {const} */ ([null, "api", "token"])) {
        const answer = await stack.call("POST", TOKEN, { as });
        assert.equal(assertProblem(answer, "config_invalid").errors, undefined);
      }
      const wrong = { authorization: "Bearer nobody's" };
      const answer = await stack.call("POST", TOKEN, { as: null, headers: wrong });
      assert.equal(assertProblem(answer, "config_invalid").errors, undefined);
    },
  ));

test("with a mistake every route but the health is answered with config_invalid", () =>
  withStack(
    {
      configure(config) {
        config.apps.cafe.platfrom = "clopos";
      },
    },
    async (stack) => {
      for (const [method, target] of /** @type {const} */ ([
        ["GET", "/"],
        ["GET", "/openapi.json"],
        ["GET", "/api/loyalty/main/pos/1/status"],
        ["POST", "/token/loyalty/main"],
        ["DELETE", "/token/loyalty/main"],
        ["POST", "/refresh/loyalty/main"],
        ["GET", "/connections"],
        ["GET", "/login/till"],
        ["GET", "/callback/till?code=x"],
        ["GET", "/session"],
        ["POST", "/logout"],
      ])) {
        assertProblem(await stack.call(method, target, { as: null }), "config_invalid");
      }
      const health = await stack.call("GET", "/health", { as: null });
      assert.equal(health.status, 200);
      assert.equal(health.json.status, "config_invalid");
      assert.match((await mistakes(stack))[0]?.message ?? "", /did you mean `platform`/);
      for (const platform of /** @type {const} */ (["clopos", "clearline", "clover"]))
        assert.equal(stack.sims[platform].control.counters().requests, 0);
    },
  ));

/** @type {[string, (config: { [key: string]: any }) => unknown, RegExp, RegExp][]} what, how, path, message */
const MISTAKES = [
  ["an unknown key", (config) => ({ ...config, orgins: [] }), /^orgins$/, /`origins`/],
  [
    "http to a host that is not loopback",
    ({ apps }) => {
      apps.cafe.endpoints.api = "http://platform.example/";
    },
    /^apps\.cafe\.endpoints\.api$/,
    /https/,
  ],
  [
    "an allow rule without a path",
    ({ apps }) => {
      apps.cafe.allow = ["GET"];
    },
    /^apps\.cafe\.allow\[0\]$/,
    /GET \/menu/,
  ],
  [
    "an id that is left empty",
    ({ apps }) => {
      apps.cafe.client_id = "";
    },
    /^apps\.cafe\.client_id$/,
    /write/,
  ],
  [
    "a caller's app that does not exist",
    ({ callers }) => {
      callers.kitchen.apps = ["caffe"];
    },
    /^callers\.kitchen\.apps\[0\]$/,
    /`cafe`/,
  ],
  [
    "a word that no caller can",
    ({ callers }) => {
      callers.kitchen.can = ["tokens"];
    },
    /^callers\.kitchen\.can\[0\]$/,
    /`"?token"?`/,
  ],
  [
    "a caller's own key in place of its hash",
    ({ callers }) => {
      callers.kitchen.key_sha256 = "kitchen-key";
    },
    /^callers\.kitchen\.key_sha256$/,
    /sha256sum/,
  ],
];

for (const [what, configure, path, message] of MISTAKES) {
  test(`${what} is named with its path and what would be right`, () =>
    withStack({ configure }, async (stack) => {
      const found = await mistakes(stack);
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.match(found[0]?.path ?? "", path);
      assert.match(found[0]?.message ?? "", message);
    }));
}

test("text that is no JSON is a mistake that names the place", () =>
  withStack({ configure: () => '{"origins": [],\n "apps": {]}' }, async (stack) => {
    const health = await stack.call("GET", "/health");
    assert.equal(health.json.status, "config_invalid");
    await logged(stack, (log) => /TILLGATE: .*line 2/.test(log));
    assertProblem(await stack.call("POST", TOKEN), "config_invalid");
  }));

test("a worker without any configuration says so", () =>
  withStack({ worker: { config: undefined }, secrets: () => ({}) }, async (stack) => {
    const health = await stack.call("GET", "/health");
    assert.equal(health.json.status, "config_invalid");
    await logged(stack, (log) => /TILLGATE: .*missing/.test(log));
  }));

test("the variable may be a string", () =>
  withStack({ configure: (config) => JSON.stringify(config) }, async (stack) => {
    assert.equal((await stack.call("POST", TOKEN)).status, 200);
  }));

test("each app may stand in a variable of its own, as JSON or as a string", async () => {
  /** @type {Record<string, unknown>} */
  const vars = {};
  await withStack(
    {
      vars,
      configure(config) {
        vars.TILLGATE_APP_CAFE = config.apps.cafe;
        vars.TILLGATE_APP_LOYALTY_TWO = JSON.stringify(config.apps["loyalty-two"]);
        delete config.apps.cafe;
        delete config.apps["loyalty-two"];
      },
    },
    async (stack) => {
      for (const target of [TOKEN, "/token/loyalty-two/main", "/token/bistro/openapitest.1"])
        assert.equal((await stack.call("POST", target)).status, 200, target);
    },
  );
});

test("an app that stands in two places is a mistake", async () => {
  /** @type {Record<string, unknown>} */
  const vars = {};
  await withStack(
    {
      vars,
      configure(config) {
        vars.TILLGATE_APP_CAFE = config.apps.cafe;
      },
    },
    async (stack) => {
      const [mistake, ...more] = await mistakes(stack);
      assert.deepEqual(more, []);
      assert.match(`${mistake?.path} ${mistake?.message}`, /TILLGATE_APP_CAFE/);
      assert.match(`${mistake?.path} ${mistake?.message}`, /apps\.cafe/);
    },
  );
});

test("line breaks at the end of a secret do no harm", () =>
  withStack(
    {
      secrets: (secrets) =>
        Object.fromEntries(Object.entries(secrets).map(([name, text]) => [name, `${text}\r\n`])),
    },
    async (stack) => {
      for (const target of [TOKEN, "/token/cafe2/openapitest", "/token/loyalty/main"])
        assert.equal((await stack.call("POST", target)).status, 200, target);
      assert.equal((await stack.login()).answer.status, 303);
    },
  ));

for (const [what, character] of /** @type {const} */ ([
  ["a line feed", "\n"],
  ["a carriage return", "\r"],
  ["a NUL", "\0"],
])) {
  test(`${what} inside a secret is refused before anything is sent`, () =>
    withStack(
      {
        secrets({ CAFE_CLIENT_SECRET = "", ...secrets }) {
          const middle = CAFE_CLIENT_SECRET.length / 2;
          const [first, second] = [
            CAFE_CLIENT_SECRET.slice(0, middle),
            CAFE_CLIENT_SECRET.slice(middle),
          ];
          return { ...secrets, CAFE_CLIENT_SECRET: `${first}${character}${second}` };
        },
      },
      async (stack) => {
        const [mistake, ...more] = await mistakes(stack);
        assert.deepEqual(more, []);
        assert.equal(mistake?.path, "CAFE_CLIENT_SECRET");
        assert.match(mistake?.message ?? "", /line break|control character/);
      },
    ));
}

for (const placeholder of ["", "your_client_secret_here", "…", "changeme"]) {
  test(`the placeholder ${JSON.stringify(placeholder)} is refused as a secret`, () =>
    withStack(
      { secrets: (secrets) => ({ ...secrets, CAFE_CLIENT_SECRET: placeholder }) },
      async (stack) => {
        const [mistake, ...more] = await mistakes(stack);
        assert.deepEqual(more, []);
        assert.equal(mistake?.path, "CAFE_CLIENT_SECRET");
      },
    ));
}

test("secrets may come from a Secrets Store", async () => {
  /** @type {StackOptions["worker"] & {}} */
  const worker = {};
  await withStack(
    {
      worker,
      secrets({ CAFE_CLIENT_SECRET, TILLGATE_SEAL_KEYS, ...strings }) {
        worker.stored = { CAFE_CLIENT_SECRET: `${CAFE_CLIENT_SECRET}\n`, TILLGATE_SEAL_KEYS };
        return strings;
      },
    },
    async (stack) => {
      const tokens = await Promise.all([TOKEN, TOKEN].map((token) => stack.call("POST", token)));
      assert.deepEqual(
        tokens.map(({ status }) => status),
        [200, 200],
      );
      assert.equal(stack.sims.clopos.control.counters().token.received, 1);
    },
  );
});

test("bindings that cannot be imported are read with the first request", () =>
  withStack({ worker: { flags: ["disallow_importable_env"] } }, async (stack) => {
    const { status } = await stack.call("POST", TOKEN);
    assert.equal(status, 200);
  }));

test("a Secrets Store that fails is named in the log and asked again", async () => {
  /** @type {StackOptions["worker"] & {}} */
  const worker = { stored: { CAFE_CLIENT_SECRET: undefined } };
  await withStack(
    { worker, secrets: ({ CAFE_CLIENT_SECRET: _, ...strings }) => strings },
    async (stack) => {
      assertProblem(await stack.call("POST", TOKEN), "internal");
      assertProblem(await stack.call("POST", TOKEN), "internal");
      const line = "reading the secret CAFE_CLIENT_SECRET from its store failed: Error\n";
      await logged(stack, (log) => log.split(line).length === 3);
    },
  );
});

test("missing secrets are named with the command that sets them", () =>
  withStack({ secrets: () => ({}) }, async (stack) => {
    const found = await mistakes(stack);
    assert.deepEqual(
      found.map(({ path }) => path).sort(),
      [
        "BISTRO_CLIENT_SECRET",
        "CAFE2_CLIENT_SECRET",
        "CAFE_CLIENT_SECRET",
        "LOYALTY_CLIENT_SECRET",
        "LOYALTY_TWO_CLIENT_SECRET",
        "TILLGATE_SEAL_KEYS",
        "TILL_CLIENT_SECRET",
        "TILL_TWO_CLIENT_SECRET",
      ].sort(),
    );
    for (const { path, message } of found)
      assert.ok(message.includes(`wrangler secret put ${path}`), message);
  }));

test("a secret that was written into the variable is not repeated", () =>
  withStack(
    {
      configure(config) {
        config.apps.cafe.client_secret = "see below";
      },
      secrets: (secrets) => secrets,
    },
    async (stack) => {
      const found = await mistakes(stack);
      assert.deepEqual(
        found.map(({ path }) => path),
        ["apps.cafe.client_secret"],
      );
      assert.match(found[0]?.message ?? "", /CAFE_CLIENT_SECRET/);
    },
  ));

test("secrets that stand where they do not belong appear in no message", async () => {
  /** @type {Record<string, string>} */
  let known = {};
  await withStack(
    {
      secrets(secrets) {
        known = secrets;
        return secrets;
      },
      configure(config, _sims, canaries) {
        const secret = canaries.secrets.cafe;
        config.origins = [secret, `https://${secret}.example/`];
        config.apps.cafe.client_secret = secret;
        config.apps.cafe.allow = [`GET /${secret}/*x`, secret];
        config.apps.cafe.accounts = [secret];
        config.apps.cafe.endpoints = { api: `https://x.example/?${secret}`, token: secret };
        config.apps[secret] = { platform: secret };
        config.callers[secret] = { key: secret, key_sha256: secret, apps: [secret], can: [secret] };
        config[secret] = secret;
        config.base_path = secret;
      },
    },
    async (stack) => {
      assert.ok(known.CAFE_CLIENT_SECRET);
      assert.ok((await mistakes(stack)).length >= 10);
    },
  );
});

test("two wrong seal keys are two mistakes that do not show them", () =>
  withStack(
    { secrets: (secrets) => ({ ...secrets, TILLGATE_SEAL_KEYS: "k1:short,nokid" }) },
    async (stack) => {
      const found = await mistakes(stack);
      assert.deepEqual(
        found.map(({ path }) => path),
        ["TILLGATE_SEAL_KEYS[0]", "TILLGATE_SEAL_KEYS[1]"],
      );
    },
  ));
