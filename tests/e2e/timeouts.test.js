// Platforms that never answer: the only tests that have to wait as long as the product does, 30 seconds for a platform's
// API and 10 for a token. They wait together.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertProblem } from "./problems.js";
import { startStackWithUpstream } from "./upstream.js";

/** @import { FaultAction } from "../simulators/lib/rules.js" */
/** @import { Stack } from "./fixtures.js" */
/** @import { Upstream } from "./upstream.js" */

/** @type {["token" | "api", string, FaultAction][]} */
const SILENT = [
  ["api", "takes a call and never answers", { type: "hang" }],
  ["api", "begins a call's short answer and never ends it", { type: "hang", when: "mid_body" }],
  ["token", "takes a token request and never answers", { type: "hang" }],
  ["token", "begins a token's answer and never ends it", { type: "hang", when: "mid_body" }],
];

describe("a platform that", { concurrency: true }, () => {
  /** @type {Stack} */
  let stack;

  /** @type {Upstream} where `bistro` asks for tokens */
  let upstream;

  before(async () => {
    ({ stack, upstream } = await startStackWithUpstream("bistro", ({ apps: { bistro } }) => {
      bistro.endpoints.token = bistro.endpoints.api;
    }));
    await stack.call("POST", "/token/cafe/openapitest.1");
    for (const [index, [match, , action]] of SILENT.entries()) {
      const where = { account: `openapitest.${index + 1}` };
      stack.sims.clopos.control.faults.add({ match, where, action, times: null });
    }
  });
  after(() => stack.stop());

  for (const [index, [kind, what]] of SILENT.entries()) {
    test(`${what} is platform_timeout, and was asked once`, async () => {
      const account = `openapitest.${index + 1}`;
      const answer = await stack.call("POST", `/api/cafe/${account}/orders`, { body: "{}" });
      assertProblem(answer, "platform_timeout", { app: "cafe", account });
      const requests = stack.sims.clopos.control.requests({ kind, account });
      const silent = requests.filter(({ fault }) => fault === "hang");
      assert.equal(silent.length, 1);
    });
  }

  test("says that a token's answer is short, and sends it in chunks without end, is cut off", async () => {
    const { answer } = await upstream.arrived(() =>
      stack.call("POST", "/token/bistro/openapitest.1"),
    );
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked";
    upstream.say(`${head}\r\n\r\n`, `10001\r\n${" ".repeat(0x10001)}\r\n`);
    assertProblem(await answer, "platform_answer_invalid", { app: "bistro" });
  });

  test("begins an answer in chunks and never ends it is cut off", async () => {
    const account = "openapitest.9";
    const action = /** @type {const} */ ({ type: "hang", when: "mid_body" });
    stack.sims.clopos.control.faults.add({ match: "api", where: { account }, action });
    const answer = stack.call("GET", `/api/cafe/${account}/__answer?size=100000`);
    await assert.rejects(answer, /aborted|ECONNRESET|socket hang up/);
  });
});
