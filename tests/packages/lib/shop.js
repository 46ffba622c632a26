// The one thing that every project with the browser package has to show in Chromium: a merchant who logs in, by redirect
// and in a popup, at the simulator.

/// <reference path="./globals.d.ts" />

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CLIENT_ID, startShop } from "../../browser/harness.js";
import { startChromium } from "../../e2e/harness/chromium.js";
import { startSimulators } from "../../simulators/index.js";
import { installPacked } from "./packed.js";

/** Chromium, the simulators and the packed browser package, and one call that ends them. */
export async function startWorld() {
  const [packed, browser, simulators] = await Promise.all([
    installPacked(["pkg-js"]),
    startChromium(),
    startSimulators(),
  ]);
  const { clover } = simulators;
  clover.control.set({ consent: "allow" });
  const settings = { clientId: CLIENT_ID, authorizeUrl: `${clover.url}/oauth/authorize` };
  return {
    packed,
    browser,
    settings,
    /** What the merchant decides from now on. @param {"allow" | "cancel"} consent */
    decide: (consent) => clover.control.set({ consent }),
    lastToken: () => clover.control.tokens.list().at(-1)?.token ?? "",
    async close() {
      await browser.close();
      await simulators.close();
      await packed.remove();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof startWorld>>} World */

/**
 * A project with the shop's pages, filled in as a user would.
 * @param {World} world @param {string} name @param {...string} sources further folders of these tests
 */
export async function shopProject(world, name, ...sources) {
  const folder = await world.packed.project(name, "app", ...sources);
  await fillIn(world, join(folder, "settings.js"));
  return folder;
}

/** @param {World} world @param {string} path a file with placeholders */
export async function fillIn({ settings }, path) {
  const text = (await readFile(path, "utf8"))
    .replaceAll("YOUR_APP_ID", settings.clientId)
    .replaceAll("YOUR_AUTHORIZE_URL", settings.authorizeUrl);
  await writeFile(path, text);
}

/**
 * Serves a folder, `index.html` at its root, while `use` runs.
 * @param {string} folder @param {(url: string) => Promise<void>} use
 */
export async function serving(folder, use) {
  const body = await readFile(join(folder, "index.html"), "utf8");
  const shop = await startShop(folder, { "/": { body } });
  try {
    await use(shop.url);
  } finally {
    await shop.close();
  }
}

/** Logs in by both ways on a page with the two buttons. @param {World} world @param {string} url */
export async function logInBothWays(world, url) {
  for (const way of ["redirect", "popup"]) {
    const context = await world.browser.newContext();
    const page = await context.newPage();
    /** @type {string[]} */
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(url);
    await page.locator(`#${way}`).click();
    await page
      .waitForFunction(() => window.loggedIn !== undefined)
      .catch((cause) => {
        const where = page.url().split("?")[0];
        throw new Error(`${way}: no login at ${where}. ${errors.join("\n")}`, { cause });
      });
    const merchant = await page.evaluate((token) => window.loggedIn?.(token), world.lastToken());
    assert.equal(merchant, "MERCHANT00001", way);
    assert.equal(new URL(page.url()).search + new URL(page.url()).hash, "", way);
    assert.deepEqual(errors, []);
    await context.close();
  }
}
