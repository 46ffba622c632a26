// Callbacks that come late, without a state, or with a refusal of Clover's: what they cost, and what a person reads.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { alteredWorker, clockHeader } from "./altered.js";
import { cookies, SHOP, startStack } from "./fixtures.js";
import {
  almost,
  assertPage,
  begin,
  comeBack,
  consent,
  sessionCookie,
  withParameters,
} from "./merchant.js";

/** @import { Stack } from "./fixtures.js" */

const ONE = "MERCHANT00001";
const TWO = "MERCHANT00002";

/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({ worker: { worker: alteredWorker() } });
});

after(() => stack.stop());

const clover = () => stack.sims.clover.control;
/** Everything that Clover was asked for besides the login itself. */
const asked = () => clover().counters().token.received + clover().counters().proof.received;
/** @param {string} merchant */
const state = async (merchant) =>
  (await stack.call("GET", `/connections/till/${merchant}`)).json.state;

describe("in time", () => {
  test("a login may take ten minutes and not longer, and a session ends after twelve hours", async () => {
    const [first, second] = [await almost(stack), await almost(stack)];
    const move = (/** @type {number} */ seconds) =>
      stack.call("GET", "/health", { as: null, headers: clockHeader(seconds) });
    await move(590);
    const answer = await comeBack(stack, first.back, first.cookie);
    assert.equal(answer.status, 303);
    const before = asked();
    await move(601);
    assertPage(await comeBack(stack, second.back, second.cookie), "state_invalid");
    assert.equal(asked(), before);
    const session = { cookie: sessionCookie(answer) };
    await move(590 + 12 * 3600 - 5);
    assert.equal((await stack.call("GET", "/session", session)).status, 200);
    await move(590 + 12 * 3600 + 5);
    assert.equal((await stack.call("GET", "/session", session)).status, 401);
  });
});

describe("launched from Clover's dashboard", () => {
  /** @param {string} merchant */
  async function launch(merchant) {
    const app = { client_id: "TILLAPP000001", merchant_id: merchant };
    clover().apps.patch("TILLAPP000001", { site_url: `${stack.url}/callback/till` });
    const target = `${stack.sims.clover.url}/launch?${new URLSearchParams(app)}`;
    const answer = await fetch(target, { redirect: "manual" });
    return new URL(answer.headers.get("location") ?? "");
  }

  test("its code is never redeemed; a fresh login for that merchant begins and ends well", async () => {
    const url = await launch(TWO);
    assert.ok(url.searchParams.has("code") && !url.searchParams.has("state"));
    const before = asked();
    const answer = await comeBack(stack, url);
    assert.equal(answer.status, 302);
    assert.equal(asked(), before);
    const authorizeUrl = answer.headers.get("location") ?? "";
    assert.equal(new URL(authorizeUrl).searchParams.get("merchant_id"), TWO);
    const state = new URL(authorizeUrl).searchParams.get("state") ?? "";
    const visit = { authorizeUrl, state, cookie: cookies(answer) };
    const back = await consent(stack, visit, TWO);
    assert.notEqual(back.searchParams.get("code"), url.searchParams.get("code"));
    const arrived = await comeBack(stack, back, visit.cookie);
    assert.equal(arrived.headers.get("location"), `${SHOP}/`);
    assert.match(arrived.headers.getSetCookie().join("\n"), /^tillgate-launch=; .*Max-Age=0/m);
    const redeemed = clover().requests({ kind: "token" }).at(-1);
    assert.ok(redeemed?.target.includes(back.searchParams.get("code") ?? "none"));
  });

  test("a second launch in a row is a page and no bounce, and two minutes later a launch works again", async () => {
    const first = await comeBack(stack, await launch(ONE));
    const memory = cookies(first);
    const again = await comeBack(stack, await launch(ONE), memory);
    assertPage(again, "state_invalid");
    assert.match(again.text, /<a class="button" href="[^"]*\/login\/till"/);
    const line = first.headers.getSetCookie().find((one) => one.startsWith("tillgate-launch="));
    assert.match(line ?? "", /Max-Age=120/);
  });

  test("a launch whose state is empty is no login either", async () => {
    const url = withParameters(await launch(ONE), { state: "" });
    const before = asked();
    const answer = await comeBack(stack, url);
    assert.notEqual(answer.status, 303);
    assert.equal(asked(), before);
  });
});

describe("refused by Clover", () => {
  test("a merchant who cancels reads our words, and none of Clover's", async () => {
    const visit = await begin(stack);
    clover().set({ consent: "cancel" });
    const answer = await fetch(visit.authorizeUrl, { redirect: "manual" });
    const back = new URL(answer.headers.get("location") ?? "");
    back.searchParams.set("error_description", "<b>owned</b> call +1 555 0100");
    const page = await comeBack(stack, back, visit.cookie);
    assertPage(page, "callback_invalid");
    // The request id is random and may hold any digits.
    const said = page.text.replace(/request <code>[^<]*<\/code>/, "");
    assert.ok(!said.includes("owned") && !said.includes("555"));
    assert.ok(page.text.includes("cancelled"));
  });

  /** @type {[string, Record<string, unknown>, string, number][]} */
  const ANSWERS = [
    ["a wrong code", { status: 400, body: { message: "Invalid code" } }, "callback_invalid", 400],
    [
      "an unknown client",
      { status: 400, body: { message: "Unknown Client ID" } },
      "credentials_rejected",
      502,
    ],
    ["a rate limit", { status: 429, body: "" }, "rate_limited", 429],
    ["an outage", { status: 500, body: "<html>" }, "platform_unavailable", 503],
    ["nonsense", { status: 200, body: "<html>" }, "platform_answer_invalid", 502],
  ];
  for (const [what, answer, code, status] of ANSWERS) {
    test(`${what} at the token request is a page of ours, and stores nothing`, async () => {
      await stack.call("DELETE", `/token/till/${ONE}`);
      const { cookie, back } = await almost(stack);
      clover().faults.add({ match: "token", action: { type: "answer", ...answer } });
      const page = await comeBack(stack, back, cookie);
      assertPage(page, code, status);
      assert.ok(!page.text.includes("Unknown Client") && !page.text.includes("Invalid code"));
      assert.equal(await state(ONE), "empty");
    });
  }

  test("a wait that Clover asks for is passed on, and told in words", async () => {
    for (const status of [429, 503]) {
      const { cookie, back } = await almost(stack);
      /** @type {[string, string][]} */
      const headers = [["retry-after", "120"]];
      const action = /** @type {const} */ ({ type: "answer", body: "" });
      clover().faults.add({ match: "token", action: { ...action, status, headers } });
      const page = await comeBack(stack, back, cookie);
      assert.equal(page.status, status);
      assert.equal(page.headers.get("retry-after"), "120");
      assert.ok(!page.text.includes("retry_after"));
    }
  });

  test("a merchant proof that cannot be had stores nothing", async () => {
    await stack.call("DELETE", `/token/till/${ONE}`);
    const { cookie, back } = await almost(stack);
    clover().faults.add({ match: "proof", action: { type: "answer", status: 500, body: "" } });
    assertPage(await comeBack(stack, back, cookie), "platform_unavailable", 503);
    assert.equal(await state(ONE), "empty");
  });

  test("a proof that names another merchant is none", async () => {
    const { cookie, back } = await almost(stack);
    clover().faults.add({ match: "proof", action: { type: "patch", set: { id: TWO } } });
    assertPage(await comeBack(stack, back, cookie), "merchant_not_proved");
  });
});
