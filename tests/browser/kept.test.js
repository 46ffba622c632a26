// What the browser keeps of a token, measured in Chromium: everywhere that a page can look, by redirect and by popup, logged
// in and after `forget`, on the next page and on the way back, with and without the back-forward cache.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { CLIENT_ID, html, PACKAGE, POPUP, startWorld } from "./harness.js";
import { findInPage, findInServiceWorker, SERVICE_WORKER, walkOverGlobals } from "./places.js";

/** @typedef {import("./harness.js").World} World */
/** @typedef {import("playwright-core").Page} Page */

const NAVIGATION = '`performance.getEntriesByType("navigation")[0].name`';
const ACTIVATION = "`navigation.activation.entry.url`";
const REQUEST = "a service worker's `FetchEvent.request.url`";
const CLIENT = "a service worker's `Client.url`";

/** Both ways of logging in; nothing of the login is global but questions about it. */
const SHOP = html(`
  import { completeLogin, popupLogin, startLogin } from "tillgate";
  let login = completeLogin();
  window.startLogin = startLogin;
  window.openPopup = async (options) => { login = await popupLogin(options); };
  window.holds = (token) => login?.accessToken === token;
  window.forget = () => login.forget();
  window.ready = true;
  addEventListener("pageshow", (event) => { window.restored = event.persisted; });`);

/** A page that may be kept while another is shown: nothing forbids it. */
const KEPT = { "cache-control": "no-cache" };

/** @type {World} */
let world;
/** @type {Page} */
let page;
/** @type {string[]} */
let told;

before(async () => {
  world = await startWorld(
    {
      "/shop": { body: SHOP, headers: KEPT },
      "/other": { body: html(""), headers: KEPT },
      "/popup": { body: POPUP },
    },
    { backForwardCache: true },
  );
  await writeFile(join(world.project.root, "service-worker.js"), SERVICE_WORKER);
});
after(() => world.close());

beforeEach(async () => {
  world.clover.control.reset();
  world.clover.control.set({ consent: "allow" });
  told = [];
  const context = await world.browser.newContext();
  context.on("console", (message) => told.push(message.text()));
  context.on("weberror", (error) => told.push(String(error.error().stack)));
  page = await context.newPage();
  await page.goto(`${world.shop.url}/shop`);
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/service-worker.js");
    const { serviceWorker } = navigator;
    if (serviceWorker.controller !== null) return;
    await new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve));
  });
});
afterEach(() => page.context().close());

/** @param {string} path */
const optionsFor = (path) => ({
  clientId: CLIENT_ID,
  authorizeUrl: world.authorizeUrl,
  redirectUri: world.shop.url + path,
});

async function logInByRedirect() {
  await page.evaluate((options) => window.startLogin?.(options), optionsFor("/shop"));
  await page.waitForURL(`${world.shop.url}/shop`, { waitUntil: "commit" });
  await page.waitForFunction(() => window.ready);
  await requireToken();
}

async function logInByPopup() {
  const opened = page.waitForEvent("popup");
  const finished = page.evaluate((options) => window.openPopup(options), optionsFor("/popup"));
  const popup = await opened;
  await finished;
  if (!popup.isClosed()) await popup.waitForEvent("close");
  await requireToken();
}

/** Otherwise there would be nothing to find. */
async function requireToken() {
  assert.equal(await page.evaluate((token) => window.holds(token), world.lastToken()), true);
}

/** Every place that holds the token now. */
async function places() {
  const token = world.lastToken();
  const found = await page.evaluate(findInPage, token);
  return [...found, ...(await page.evaluate(findInServiceWorker, token))].sort();
}

const walk = () => page.evaluate(walkOverGlobals, world.lastToken());

async function forget() {
  await page.evaluate(() => window.forget());
  assert.equal(await page.evaluate((token) => window.holds(token), world.lastToken()), false);
}

/** @returns {Promise<string[]>} the addresses that the browser would go back and forward to */
async function sessionHistory() {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  return entries.map(({ url }) => url);
}

/** @param {number} steps @param {string} path where that leads */
async function goThroughHistory(steps, path) {
  await page.evaluate((steps) => history.go(steps), steps);
  // A page that comes back from the cache is not loaded.
  await page.waitForURL(world.shop.url + path, { waitUntil: "commit" });
}

/** Neither the console nor an error nor the session history told it. */
async function assertUntold() {
  const token = world.lastToken();
  assert.equal(told.filter((text) => text.includes(token)).length, 0);
  const addresses = await sessionHistory();
  assert.ok(addresses.length > 0);
  assert.deepEqual(
    addresses.filter((url) => url.includes(token)),
    [],
  );
}

test("by redirect, the page's own load still shows the token until the page is left, and nothing else does", async () => {
  await logInByRedirect();
  const kept = [NAVIGATION, ACTIVATION, REQUEST, CLIENT].sort();
  assert.deepEqual(await places(), kept);
  assert.deepEqual(await walk(), ["globalThis.navigation.activation.entry.url"]);
  await forget();
  assert.deepEqual(await places(), kept);
  assert.deepEqual(await walk(), ["globalThis.navigation.activation.entry.url"]);
  await assertUntold();
});

test("by redirect, the next page and a new load of the first know nothing of it", async () => {
  await logInByRedirect();
  await page.goto(`${world.shop.url}/other`);
  assert.deepEqual(await places(), [REQUEST]);
  assert.deepEqual(await walk(), []);
  await page.goto(`${world.shop.url}/shop`);
  await page.waitForFunction(() => window.ready);
  assert.deepEqual(await places(), [REQUEST]);
  assert.equal(await page.evaluate((token) => window.holds(token), world.lastToken()), false);
  await assertUntold();
});

test("by redirect, a page that the back-forward cache brings back is the one that was left", async () => {
  await logInByRedirect();
  await page.goto(`${world.shop.url}/other`);
  await goThroughHistory(-1, "/shop");
  assert.equal(await page.evaluate(() => window.restored), true);
  await requireToken();
  assert.deepEqual(await places(), [NAVIGATION, CLIENT, REQUEST].sort());
  await forget();
  assert.deepEqual(await walk(), []);
  await goThroughHistory(1, "/other");
  assert.deepEqual(await places(), [REQUEST]);
  await assertUntold();
});

test("by popup, nothing in the page shows the token, before and after forget", async () => {
  await logInByPopup();
  assert.deepEqual(await places(), [REQUEST]);
  assert.deepEqual(await walk(), []);
  await forget();
  assert.deepEqual(await places(), [REQUEST]);
  assert.deepEqual(await walk(), []);
  await assertUntold();
});

test("the README lists what was measured", async () => {
  const readme = await readFile(join(PACKAGE, "README.md"), "utf8");
  for (const place of [NAVIGATION, ACTIVATION, REQUEST, CLIENT])
    assert.ok(readme.includes(place), place);
});
