// Where a browser goes after a login: whatever `return_to` says, by Chromium's own URL parser, only to the worker's origin and
// to the configured ones.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DISGUISES, madeUp } from "./disguises.js";
import { SHOP, startStack } from "./fixtures.js";
import { startChromium } from "./harness/chromium.js";
import { begin, comeBack, consent } from "./merchant.js";

/** @import { Browser } from "playwright-core" */
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

describe("return_to", () => {
  test("never leads to another origin than the worker's and the configured ones", async () => {
    const page = await browser.newPage();
    const texts = [...new Set([...DISGUISES, ...madeUp()])];
    const accepted = [];
    for (let at = 0; at < texts.length; at += 100)
      accepted.push(...(await Promise.all(texts.slice(at, at + 100).map(acceptedBy))).flat());
    const places = await page.evaluate(
      ([locations, base]) =>
        locations.map((location) => {
          const { origin, protocol } = new URL(location, base);
          return { location, origin, protocol };
        }),
      /** @type {[string[], string]} */ ([accepted, `${stack.url}/callback/till?code=x`]),
    );
    await page.close();
    const away = places.filter(({ origin }) => ![stack.url, SHOP].includes(origin));
    assert.deepEqual(away, []);
    assert.ok(
      places.length > 50,
      `${places.length} were accepted, so the rest of the test means something`,
    );
    assert.ok(places.length < texts.length);
  });

  test("what is refused says what would be right, and begins nothing", async () => {
    for (const text of DISGUISES.slice(0, 8)) {
      const answer = await comeBack(
        stack,
        `/login/till?${new URLSearchParams({ return_to: text })}`,
      );
      assert.equal(answer.status, 400);
      assert.equal(answer.json.code, "bad_request");
      assert.match(answer.json.detail, /return_to is a path/);
      assert.equal(answer.headers.get("set-cookie"), null);
    }
  });

  /** @param {string} text @returns {Promise<string[]>} the address that the callback sends the browser to, if any */
  async function acceptedBy(text) {
    const target = `/login/till?${new URLSearchParams({ return_to: text })}`;
    const begun = await comeBack(stack, target);
    if (begun.status === 400) return [];
    assert.equal(begun.status, 302, `${JSON.stringify(text)}: ${begun.text}`);
    const login = await begin(stack, { query: { return_to: text } });
    const answer = await comeBack(stack, await consent(stack, login), login.cookie);
    assert.equal(answer.status, 303, answer.text);
    const location = answer.headers.get("location");
    assert.ok(location !== null);
    return [location];
  }
});
