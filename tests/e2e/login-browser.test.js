// Logging in to Clover in Chromium: the consent page clicked, cookies as a browser keeps them, several tabs, launches, and
// callbacks that are opened again.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SHOP, startStack } from "./fixtures.js";
import { startChromium } from "./harness/chromium.js";

/** @import { Browser, BrowserContext, Page } from "playwright-core" */
/** @import { Stack } from "./fixtures.js" */

/** @type {Stack} */
let stack;
/** @type {Browser} */
let browser;

before(async () => {
  [stack, browser] = await Promise.all([startStack(), startChromium()]);
});

after(async () => {
  await browser.close();
  await stack.stop();
});

/** @param {(page: Page, context: BrowserContext) => Promise<void>} steps */
async function visit(steps) {
  stack.sims.clover.control.set({ consent: "ask" });
  const context = await browser.newContext();
  try {
    await steps(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

/** @param {string} returnTo */
const loginUrl = (returnTo) =>
  `${stack.url}/login/till?${new URLSearchParams({ return_to: returnTo })}`;

/** @param {Page} page */
const allow = (page) => page.getByRole("button", { name: "Allow" }).click();

/**
 * Calls the worker from a page of its own origin.
 * @param {Page} page
 * @param {string} target
 * @returns {Promise<number>} the status
 */
const fetchStatus = (page, target, method = "GET") =>
  page.evaluate(
    async ([path, method]) =>
      (await fetch(path ?? "", { method: method ?? "", headers: { "x-tillgate": "1" } })).status,
    [target, method],
  );

describe("in a browser", () => {
  test("a merchant logs in, reads orders, and logs out", () =>
    visit(async (page, context) => {
      await page.goto(loginUrl("/health?from=login#here"));
      await allow(page);
      await page.waitForURL(`${stack.url}/health?from=login#here`);
      const cookies = await context.cookies();
      assert.deepEqual(
        cookies.map(({ name, httpOnly, sameSite, path, domain }) => ({
          name,
          httpOnly,
          sameSite,
          path,
          domain,
        })),
        [{ name: "tillgate", httpOnly: true, sameSite: "Lax", path: "/", domain: "127.0.0.1" }],
      );
      assert.equal(await page.evaluate(() => document.cookie), "");
      assert.equal(await fetchStatus(page, "/session"), 200);
      const orders = "/api/till/me/v3/merchants/MERCHANT00001/orders";
      assert.equal(await fetchStatus(page, orders), 200);
      assert.equal(await fetchStatus(page, "/logout", "POST"), 204);
      assert.equal((await context.cookies()).length, 0);
      assert.equal(await fetchStatus(page, "/session"), 401);
    }));

  test("two tabs log in at once to two merchants, and each comes back to its own place", () =>
    visit(async (first, context) => {
      const second = await context.newPage();
      await first.goto(loginUrl("/health?tab=1"));
      await second.goto(loginUrl("/health?tab=2"));
      await second.getByLabel("Bakery Semicolon").check();
      await allow(second);
      await second.waitForURL(`${stack.url}/health?tab=2`);
      await allow(first);
      await first.waitForURL(`${stack.url}/health?tab=1`);
      // One browser has one session: the last login's.
      const account = await second.evaluate(
        async () =>
          (await (await fetch("/session", { headers: { "x-tillgate": "1" } })).json()).account,
      );
      assert.equal(account, "MERCHANT00001");
    }));

  test("a callback that is opened again leads to a page that says what to do, and its button logs in again", () =>
    visit(async (page) => {
      const callback = page.waitForRequest((request) => request.url().includes("/callback/till"));
      await page.goto(loginUrl("/health"));
      await allow(page);
      await page.waitForURL(`${stack.url}/health`);
      const answer = await page.goto((await callback).url());
      assert.equal(answer?.headers()["tillgate-error"], "state_invalid");
      await page.getByRole("link", { name: "Log in again" }).click();
      // Without a place to return to, the way leads to the first configured origin, which does not exist here.
      const shop = page.waitForRequest((request) => new URL(request.url()).origin === SHOP);
      await allow(page);
      await shop;
    }));

  test("a launch from Clover's dashboard asks the merchant to log in, and a second one in a row stops", () =>
    visit(async (page) => {
      stack.sims.clover.control.apps.patch("TILLAPP000001", {
        site_url: `${stack.url}/callback/till`,
      });
      const before = stack.sims.clover.control.counters().token.received;
      const open = async () => {
        await page.goto(stack.sims.clover.url);
        await page.getByRole("link", { name: "Open" }).first().click();
      };
      await open();
      await page.getByRole("button", { name: "Allow" }).waitFor();
      await open();
      await page.getByRole("heading", { name: "start that login again" }).waitFor();
      assert.equal(new URL(page.url()).origin, stack.url);
      assert.equal(stack.sims.clover.control.counters().token.received, before);
      await page.getByRole("link", { name: "Log in again" }).click();
      await page.getByRole("button", { name: "Allow" }).waitFor();
    }));

  test("a merchant who cancels reads that nothing happened", () =>
    visit(async (page, context) => {
      await page.goto(loginUrl("/health"));
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("heading", { name: "was not completed" }).waitFor();
      assert.equal(
        (await context.cookies()).some(({ name }) => name === "tillgate"),
        false,
      );
    }));

  test("a merchant who cancels may go back to where the login began, without one", () =>
    visit(async (page) => {
      await page.goto(loginUrl("/health"));
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("link", { name: "Back to the shop" }).click();
      await page.waitForURL(`${stack.url}/health`);
    }));

  test("a cookie that a neighbour tossed in is nobody's session and stops a login instead of bending it", () =>
    visit(async (page, context) => {
      await page.goto(loginUrl("/health"));
      const [login] = await context.cookies();
      const neighbour = { domain: "127.0.0.1", path: "/callback", value: "tossed" };
      await context.addCookies([{ ...neighbour, name: login?.name ?? "" }]);
      await allow(page);
      await page.getByRole("heading", { name: "start that login again" }).waitFor();
      assert.equal(
        (await context.cookies()).some(({ name }) => name === "tillgate"),
        false,
      );
    }));

  test("an odd but honest return_to leads to the worker itself", () =>
    visit(async (page) => {
      for (const path of [
        "/.//health",
        "/health;@x",
        "/@evil.example",
        "/%2fevil.example",
        "/%5cevil.example",
      ]) {
        await page.goto(loginUrl(path));
        await allow(page);
        await page.waitForURL(
          (url) => url.origin === stack.url && !url.pathname.startsWith("/callback"),
        );
      }
    }));
});
