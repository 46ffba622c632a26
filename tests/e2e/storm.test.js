// Many callers of one expired or missing token at once: one exchange, whatever the platform does meanwhile, cold and in an
// isolate whose code is hot.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startStack, VENUES } from "./fixtures.js";
import { send } from "./http.js";

/** @import { Stack } from "./fixtures.js" */
/** @import { Answer } from "./http.js" */

/** How long the platform takes, in milliseconds. */
const DELAYS = [0, 1, 50, 1500];
const SMALL = 500;
const LARGE = 2000;
/** Refreshes with several waiting callers, after which the runtime has compiled everything with its best compiler. */
const HEATING = 300;

/** Apps beside `cafe` and with its registration: 100 connections are five apps with 20 accounts. */
const COPIES = ["one", "two", "three", "four"];

/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({
    configure(config) {
      for (const app of COPIES) config.apps[app] = { ...config.apps.cafe };
    },
    secrets: (secrets, canaries) => ({
      ...secrets,
      ...Object.fromEntries(
        COPIES.map((app) => [`${app.toUpperCase()}_CLIENT_SECRET`, canaries.secrets.cafe]),
      ),
    }),
  });
});

after(() => stack.stop());

const exchanges = () => stack.sims.clopos.control.counters().token.received;

/**
 * Tens of thousands of answers, of which each may hold its token, are not kept to be searched for secrets.
 * @param {string} account
 */
const token = (account, app = "cafe") =>
  send(stack.worker.url, "POST", `/token/${app}/${account}`, {
    headers: { authorization: `Bearer ${stack.canaries.keys.office}` },
  });

/** @param {string} account @param {number} callers */
const tokens = (account, callers) =>
  Promise.all(Array.from({ length: callers }, () => token(account)));

/** @param {string} account */
const forget = (account) => stack.call("DELETE", `/token/cafe/${account}`);

/** @param {Answer[]} answers */
function assertOneToken(answers) {
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(new Set(answers.map(({ json }) => json.access_token)).size, 1);
}

/** @param {string} account @param {number} callers @param {number} delay */
async function assertOneExchange(account, callers, delay) {
  const { faults } = stack.sims.clopos.control;
  const where = { account };
  if (delay > 0) faults.add({ match: "token", where, action: { type: "delay", ms: delay } });
  const first = exchanges();
  assertOneToken(await tokens(account, callers));
  assert.equal(exchanges() - first, 1);
}

describe("cold", () => {
  for (const [index, delay] of DELAYS.entries())
    test(`${SMALL} callers at once cost one exchange that takes ${delay} ms`, () =>
      assertOneExchange(`openapitest.${index + 1}`, SMALL, delay));
});

describe("hot", () => {
  before(async () => {
    for (let round = 0; round < HEATING; round += 1) {
      await forget("openapitest.1");
      assertOneToken(await tokens("openapitest.1", 8));
    }
  });

  for (const delay of DELAYS) {
    test(`${LARGE} callers at once cost one exchange that takes ${delay} ms`, async () => {
      await forget("openapitest.1");
      await assertOneExchange("openapitest.1", LARGE, delay);
    });
  }
});

test("callers of 100 connections at once cost 100 exchanges", async () => {
  const connections = ["cafe", ...COPIES].flatMap((app) =>
    VENUES.map((account) => ({ app, account })),
  );
  await Promise.all(
    connections.map(({ app, account }) => stack.call("DELETE", `/token/${app}/${account}`)),
  );
  const first = exchanges();
  const calls = connections.flatMap((one) => Array.from({ length: 10 }, () => one));
  const answers = await Promise.all(calls.map(({ app, account }) => token(account, app)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(exchanges() - first, connections.length);
});
