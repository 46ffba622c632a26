// The login in a popup, in Chromium: what the page gets, and what neither of the two pages keeps.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { BLANK, CLIENT_ID, POPUP, startWorld } from "./harness.js";

/** @typedef {import("./harness.js").World} World */
/** @typedef {import("playwright-core").Page} Page */

/** Cuts the page off from its opener, as some sites do with every page of theirs. */
const CUT_OFF = { "cross-origin-opener-policy": "same-origin" };

/** @type {World} */
let world;
/** @type {Page} */
let page;

before(async () => {
  world = await startWorld({
    "/shop": { body: BLANK },
    "/popup": { body: POPUP },
    "/popup-cut-off": { body: POPUP, headers: CUT_OFF },
  });
});
after(() => world.close());

beforeEach(async () => {
  world.clover.control.reset();
  const context = await world.browser.newContext();
  page = await context.newPage();
  await page.goto(`${world.shop.url}/shop`);
  await page.waitForFunction(() => window.tillgate !== undefined);
});
afterEach(() => page.context().close());

/**
 * Starts a login in a popup as a click would; what it comes to is read by `result`.
 * @param {{ redirectPath?: string, authorizeUrl?: string }} [options]
 */
async function begin({ redirectPath = "/popup", authorizeUrl = world.authorizeUrl } = {}) {
  const options = { clientId: CLIENT_ID, authorizeUrl, redirectUri: world.shop.url + redirectPath };
  await page.evaluate((options) => {
    const aborter = new AbortController();
    window.abort = () => aborter.abort("enough");
    window.result = window.tillgate.popupLogin({ ...options, signal: aborter.signal }).then(
      (login) => {
        window.holds = (token) => login.accessToken === token;
        return login.merchantId ?? "no merchant";
      },
      (error) => `${error.code ?? error.name}: ${error.message}`,
    );
  }, options);
}

/** What the login came to: the merchant, or the code and the message. */
const result = () => page.evaluate(() => window.result);

/** The popup of a login that waits at Clover's consent page. @param {Parameters<typeof begin>[0]} [options] */
async function popupAtClover(options) {
  const opened = page.waitForEvent("popup");
  await begin(options);
  const popup = await opened;
  await popup.waitForURL(`${world.clover.url}/**`);
  return popup;
}

test("a merchant who allows it in the popup gives the page the token, and the popup closes", async () => {
  const popup = await popupAtClover();
  const closed = popup.waitForEvent("close");
  await popup.getByRole("button", { name: "Allow" }).click({ noWaitAfter: true });
  assert.equal(await result(), "MERCHANT00001");
  assert.equal(await page.evaluate((token) => window.holds(token), world.lastToken()), true);
  await closed;
  assert.equal(page.url(), `${world.shop.url}/shop`);
  world.clover.control.assertDocumented();
});

test("the page that keeps the token shows it nowhere that a page can look", async () => {
  const popup = await popupAtClover();
  await popup.getByRole("button", { name: "Allow" }).click({ noWaitAfter: true });
  await result();
  const places = await page.evaluate(() => [
    ...performance.getEntries().map(({ name }) => name),
    ...navigation.entries().map(({ url }) => url),
    ...[
      JSON.stringify(localStorage),
      JSON.stringify(sessionStorage),
      window.name,
      document.referrer,
    ],
    ...[String(Reflect.get(RegExp, "input")), String(navigation.activation?.entry?.url)],
  ]);
  assert.doesNotMatch(places.join("\n"), new RegExp(world.lastToken()));
});

test("a merchant who cancels in the popup is access_denied", async () => {
  const popup = await popupAtClover();
  await popup.getByRole("button", { name: "Cancel" }).click({ noWaitAfter: true });
  assert.match(await result(), /^access_denied: /);
});

test("a popup that was cut off from its opener still answers, and closes", async () => {
  world.clover.control.set({ consent: "allow", token_state: "fragment" });
  const opened = page.waitForEvent("popup");
  await begin({ redirectPath: "/popup-cut-off" });
  const popup = await opened;
  if (!popup.isClosed()) await popup.waitForEvent("close");
  assert.equal(await result(), "MERCHANT00001");
  assert.equal(await page.evaluate((token) => window.holds(token), world.lastToken()), true);
});

test("a popup that was cut off and may not close itself is loaded afresh and knows no token", async () => {
  world.clover.control.set({ consent: "allow" });
  await page.context().addInitScript(() => {
    window.close = () => {};
  });
  const opened = page.waitForEvent("popup");
  await begin({ redirectPath: "/popup-cut-off" });
  const popup = await opened;
  assert.equal(await result(), "MERCHANT00001");
  await popup.waitForFunction(() =>
    performance
      .getEntriesByType("navigation")
      .every(({ name }) => name === location.href && !name.includes("access_token")),
  );
});

test("a popup that the merchant closes is popup_closed", async () => {
  const popup = await popupAtClover();
  await popup.close();
  assert.match(await result(), /^popup_closed: /);
});

test("a signal closes the popup and is aborted", async () => {
  const popup = await popupAtClover();
  const closed = popup.waitForEvent("close");
  await page.evaluate(() => window.abort());
  assert.match(await result(), /^aborted: /);
  await closed;
});

test("a signal that is aborted already opens nothing", async () => {
  const code = await page.evaluate(async () => {
    window.open = () => {
      throw new Error("a popup was opened");
    };
    const signal = AbortSignal.abort("before");
    const options = { clientId: "A", region: /** @type {const} */ ("eu"), signal };
    return window.tillgate.popupLogin(options).catch(({ code, cause }) => [code, cause]);
  });
  assert.deepEqual(code, ["aborted", "before"]);
});

test("a browser that opens no popup gives popup_blocked", async () => {
  await page.evaluate(() => {
    window.open = () => null;
  });
  await begin();
  assert.match(await result(), /^popup_blocked: .*click handler/);
});

test("a page to return to on another origin is named as the mistake that it is", async () => {
  const message = await page.evaluate(() =>
    window.tillgate
      .popupLogin({ clientId: "A", region: "eu", redirectUri: "https://elsewhere.example/popup" })
      .catch(String),
  );
  assert.match(String(message), /^TypeError: tillgate: redirectUri: must be on this page's origin/);
});

test("an answer that another window sends is not taken", async () => {
  const popup = await popupAtClover();
  const state = new URL(popup.url()).searchParams.get("state") ?? "";
  await page.evaluate((state) => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const script = frame.contentDocument?.createElement("script");
    if (!script) throw new Error("the frame has no document");
    script.textContent = `parent.postMessage({ type: "tillgate:answer", query: "", fragment: "#access_token=FORGED&state=${state}" }, "*")`;
    frame.contentDocument?.head.append(script);
  }, state);
  await popup.getByRole("button", { name: "Allow" }).click({ noWaitAfter: true });
  assert.equal(await result(), "MERCHANT00001");
  assert.equal(await page.evaluate(() => window.holds("FORGED")), false);
});

test("two logins at once keep to themselves", async () => {
  const first = await popupAtClover();
  const firstResult = await page.evaluateHandle(() => ({ result: window.result }));
  const second = await popupAtClover();
  await second.getByRole("radio", { name: "Bakery Semicolon" }).check();
  await second.getByRole("button", { name: "Allow" }).click({ noWaitAfter: true });
  assert.equal(await result(), "MERCHANT00002");
  await first.getByRole("button", { name: "Allow" }).click({ noWaitAfter: true });
  assert.equal(await firstResult.evaluate(({ result }) => result), "MERCHANT00001");
});
