// The fault matrix: every fault of a platform met by a token request without a token, with a fresh and with a stale one, and
// by the merchant proof of a login. The faults are met at the same time, each by an app of its own.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { alteredWorker, clockHeader } from "./altered.js";
import { FAULTS } from "./fault-list.js";
import { startStack } from "./fixtures.js";
import { begin, comeBack, consent } from "./merchant.js";
import { until } from "./until.js";

/** @import { AddressInfo, Server } from "node:net" */
/** @import { Stack } from "./fixtures.js" */
/** @import { Answer } from "./http.js" */

/** Connection and headers, the whole of a token request, and what a busy machine takes on top, in milliseconds. */
const WHOLE = 10_000;
const SLACK = 3_000;
/** Enough for all slow faults at once, and few enough for a busy machine not to be what is measured. */
const AT_ONCE = 12;
/** Longer than the first back-off of any fault, in seconds. */
const BACK_OFF = 60;
const TEXT_OF_PLATFORM = /doctype|Welcome|success|x{20}/;

/** @type {Record<string, number>} */
const STATUS = {
  platform_unavailable: 503,
  platform_timeout: 504,
  platform_answer_invalid: 502,
  credentials_rejected: 502,
  access_denied: 502,
  rate_limited: 429,
  merchant_not_proved: 400,
};

/** One app at Clopos and one at Clover for each fault. */
const CASES = FAULTS.map((fault, index) => ({
  ...fault,
  app: `clopos-${index}`,
  till: `clover-${index}`,
  client: `CLOVERAPP${index}`,
  /** One for a connection without a token, one for a fresh one. */
  accounts: { none: `openapitest.${2 * index + 1}`, fresh: `openapitest.${2 * index + 2}` },
}));

/** @typedef {(typeof CASES)[number]} Case */

/** Another host: what a redirect must not reach. */
const elsewhere = createServer((_request, response) => {
  strayed += 1;
  response.end("{}");
});
let strayed = 0;
/** A host that accepts connections and never says a word, not even in TLS. */
const silent = createTcpServer();
/** @type {Stack} */
let stack;
let ahead = 0;

/** @param {Server} server @returns {Promise<number>} its port */
const listen = (server) =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () =>
      resolve(/** @type {AddressInfo} */ (server.address()).port),
    );
  });

before(async () => {
  const [other, mute] = [await listen(elsewhere), await listen(silent)];
  stack = await startStack({
    worker: { worker: alteredWorker() },
    documented: false,
    configure({ apps }) {
      for (const { app, till, client, accounts } of CASES) {
        apps[app] = { ...apps.cafe, accounts: Object.values(accounts) };
        const redirect_uri = apps.till.redirect_uri.replace(/till$/, till);
        apps[till] = { ...apps.till, client_id: client, redirect_uri };
      }
      const nowhere = /** @param {string} token */ (token) => ({
        ...apps.cafe,
        endpoints: { ...apps.cafe.endpoints, token },
      });
      apps.mute = nowhere(`https://127.0.0.1:${mute}/`);
      apps.unroutable = nowhere("https://10.255.255.1/");
      apps.refused = nowhere("http://127.0.0.1:9/");
    },
    secrets: (secrets, canaries) => ({
      ...secrets,
      ...Object.fromEntries(
        ["mute", "unroutable", "refused", ...CASES.map(({ app }) => app)].map((app) => [
          bindingOf(app),
          canaries.secrets.cafe,
        ]),
      ),
      ...Object.fromEntries(CASES.map(({ till }) => [bindingOf(till), canaries.secrets.till])),
    }),
  });
  const venues = Array.from({ length: 2 * CASES.length }, (_, index) => String(index + 1));
  const brands = { openapitest: { venues, test_mode: true, stage: "beta" } };
  clopos().apps.patch("cafe-at-clopos-1", { brands });
  clover().set({ consent: "allow", merchant: "MERCHANT00001" });
  for (const { client, action } of CASES) {
    clover().apps.add({ client_id: client, client_secret: stack.canaries.secrets.till });
    if (action.type === "redirect") action.location = `http://localhost:${other}/`;
  }
  await pass(0);
});

after(async () => {
  await stack.stop();
  elsewhere.close();
  silent.close();
});

/** @param {string} app */
const bindingOf = (app) => `${app.toUpperCase().replaceAll("-", "_")}_CLIENT_SECRET`;
const clopos = () => stack.sims.clopos.control;
const clover = () => stack.sims.clover.control;
/** @param {Case | { app: string }} one @param {string} account */
const token = ({ app }, account) => stack.call("POST", `/token/${app}/${account}`);
/** @param {Case} one @param {string} account */
const state = async ({ app }, account) =>
  (await stack.call("GET", `/connections/${app}/${account}`)).json;
/** @param {Case} one @param {string} account @param {number} [times] */
const meet = ({ action }, account, times = 1) =>
  clopos().faults.add({ match: "token", where: { account }, action, times });

/**
 * Moves the clock, the worker's and the platform's. The worker's stands in between, so that no back-off ends because the
 * machine is busy.
 * @param {number} seconds
 */
async function pass(seconds) {
  ahead += seconds;
  clopos().clock.setOffset(ahead);
  await stack.call("GET", "/health", { as: null, headers: clockHeader(ahead, { stands: true }) });
}

/** @param {Answer} answer @param {string} code */
function assertProblem(answer, code) {
  assert.equal(answer.status, STATUS[code], answer.text);
  assert.equal(answer.json.code, code);
  assert.doesNotMatch(answer.text, TEXT_OF_PLATFORM);
}

/** @template T @param {() => Promise<T>} run @param {number} limit in milliseconds @returns {Promise<T>} */
async function within(limit, run) {
  const began = performance.now();
  const result = await run();
  const took = performance.now() - began;
  assert.ok(took < limit, `${Math.round(took)} ms`);
  return result;
}

describe("at first", { concurrency: AT_ONCE }, () => {
  for (const one of CASES) {
    test(`a first token from a platform that ${one.what} is ${one.token ?? "had"}`, async () => {
      const account = one.accounts.none;
      meet(one, account);
      const callers = await within(WHOLE + SLACK, () =>
        Promise.all(Array.from({ length: 5 }, () => token(one, account))),
      );
      const later = await token(one, account);
      for (const answer of [...callers, later]) {
        if (one.token === undefined) assert.equal(answer.status, 200, answer.text);
        else assertProblem(answer, one.token);
      }
      if (one.token !== undefined) assert.ok(Number(later.headers.get("retry-after")) >= 1);
      assert.equal(stack.exchanges(account), 1);
    });

    test(`a refresh at a platform that ${one.what} is ${one.token ?? "done"}, and the token that is held stays in use`, async () => {
      const account = one.accounts.fresh;
      const held = (await token(one, account)).json.access_token;
      meet(one, account);
      const answer = await within(WHOLE + SLACK, () =>
        stack.call("POST", `/refresh/${one.app}/${account}`),
      );
      const now = await token(one, account);
      assert.equal(now.status, 200);
      if (one.token === undefined) assert.equal(answer.status, 200);
      else assertProblem(answer, one.token);
      assert.equal(now.json.access_token === held, one.token !== undefined);
    });
  }
});

describe("at a login", { concurrency: AT_ONCE }, () => {
  for (const one of CASES) {
    test(`a login whose merchant proof meets a platform that ${one.what} is ${one.proof ?? "done"}`, async () => {
      const visit = await begin(stack, { app: one.till });
      const back = await consent(stack, visit);
      // Not once: the runtime repeats a GET whose connection was used before and is then reset.
      const { faults } = clover();
      const where = { client: one.client };
      const [fault = ""] = faults.add({ match: "proof", where, action: one.action, times: null });
      const answer = await within(WHOLE + SLACK, () => comeBack(stack, back, visit.cookie));
      faults.remove(fault);
      if (one.proof === undefined) {
        assert.equal(answer.status, 303, answer.text);
        return;
      }
      assert.equal(answer.status, STATUS[one.proof], answer.text);
      assert.equal(answer.headers.get("tillgate-error"), one.proof);
      assert.equal(answer.headers.get("set-cookie"), null);
      const connection = await stack.call("GET", `/connections/${one.till}/MERCHANT00001`);
      assert.equal(connection.json.state, "empty", "nothing is stored");
    });
  }
});

describe("out of reach", { concurrency: AT_ONCE }, () => {
  test("a platform that refuses connections is platform_unavailable at once", async () => {
    const answer = await within(SLACK, () => token({ app: "refused" }, "openapitest.1"));
    assertProblem(answer, "platform_unavailable");
  });

  for (const app of ["mute", "unroutable"]) {
    test(`a platform that is ${app} is given up within five seconds`, async () => {
      const answer = await within(5000 + SLACK, () => token({ app }, "openapitest.1"));
      assert.ok(["platform_timeout", "platform_unavailable"].includes(answer.json.code));
    });
  }
});

describe("later", () => {
  before(() => pass(BACK_OFF));

  test("once the faults are over, every connection has a token within one step of back-off", async () => {
    const failed = CASES.filter((one) => one.token !== undefined);
    const answers = await Promise.all(failed.map((one) => token(one, one.accounts.none)));
    for (const [index, answer] of answers.entries())
      assert.equal(answer.status, 200, `${failed[index]?.what}: ${answer.text}`);
    for (const { accounts } of failed) assert.equal(stack.exchanges(accounts.none), 2);
  });

  test("a redirect was never followed", () => assert.equal(strayed, 0));
});

describe("when the token is stale", { concurrency: AT_ONCE }, () => {
  before(() => pass(3600 - 200));

  for (const one of CASES) {
    test(`nobody notices a platform that ${one.what}`, async () => {
      const account = one.accounts.none;
      const [before, held] = [stack.exchanges(account), await state(one, account)];
      meet(one, account);
      const answers = await within(SLACK, () =>
        Promise.all(Array.from({ length: 5 }, () => token(one, account))),
      );
      for (const answer of answers) assert.equal(answer.status, 200, answer.text);
      const done = one.token === undefined ? "fresh" : "failing";
      const found = await until(async () => {
        const now = await state(one, account);
        return now.state === done && now;
      }, `the state ${done}`);
      assert.equal(found.last_error, one.token ?? null);
      assert.equal(found.expires_at === held.expires_at, one.token !== undefined);
      assert.equal((await token(one, account)).status, 200);
      assert.equal(stack.exchanges(account), before + 1);
    });
  }
});

describe("and at last", () => {
  before(() => pass(BACK_OFF));

  test("every connection renews its token in the background", async () => {
    await Promise.all(
      CASES.map(async (one) => {
        assert.equal((await token(one, one.accounts.none)).status, 200);
        await until(async () => (await state(one, one.accounts.none)).state === "fresh", one.what);
      }),
    );
  });
});
