// A page of another origin that calls /api with its user's JWT, in Chromium: preflight, the call, what the page may read,
// and that neither a page that is not configured nor a page without a token gets anything.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { startStack } from "./fixtures.js";
import { startChromium } from "./harness/chromium.js";
import { jwt, makeKey, startIssuer } from "./issuer.js";

/** @import { Browser } from "playwright-core" */
/** @import { Stack } from "./fixtures.js" */

const KEY = makeKey("ES256", "1");
const ORDERS = "/v3/merchants/MERCHANT00001/orders";

/** An empty page on a port, that is an origin, of its own. */
async function startPage() {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>shop</title>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}

describe("a page with users of its own", () => {
  /** @type {Stack} */
  let stack;
  /** @type {Browser} */
  let browser;
  /** @type {Awaited<ReturnType<typeof startIssuer>>} */
  let issuer;
  /** @type {Awaited<ReturnType<typeof startPage>>} */
  let shop;
  /** @type {Awaited<ReturnType<typeof startPage>>} */
  let stranger;

  before(async () => {
    [issuer, shop, stranger] = await Promise.all([startIssuer(), startPage(), startPage()]);
    issuer.publish(KEY);
    const configure = (/** @type {{ [key: string]: any }} */ config) => {
      config.origins.push(shop.origin);
      config.callers["shop-front"] = {
        jwt: { issuer: "https://id.example", jwks_url: issuer.jwksUrl, audience: "tillgate" },
        apps: ["till"],
        accounts: { claim: "merchant_ids" },
      };
    };
    [stack, browser] = await Promise.all([startStack({ configure }), startChromium()]);
    for (const merchant of ["MERCHANT00001", "MERCHANT00002"]) await stack.login({ merchant });
  });
  after(async () => {
    await browser.close();
    await stack.stop();
    await issuer.close();
    shop.close();
    stranger.close();
  });

  const token = () =>
    jwt(KEY, {
      iss: "https://id.example",
      aud: "tillgate",
      exp: Math.floor(Date.now() / 1000) + 600,
      merchant_ids: ["MERCHANT00001"],
    });

  /**
   * Fetches from a page of this origin.
   * @param {string} origin
   * @param {string} path
   * @param {Record<string, string>} headers
   * @returns {Promise<{ status?: number, code?: string, id?: string | null, failed?: true }>}
   */
  async function fetchFrom(origin, path, headers) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(origin);
    const result = await page.evaluate(
      async ({ url, headers }) => {
        try {
          const answer = await fetch(url, { headers });
          const { code } = await answer.json();
          return { status: answer.status, code, id: answer.headers.get("x-request-id") };
        } catch {
          return { failed: /** @type {const} */ (true) };
        }
      },
      { url: stack.url + path, headers },
    );
    await context.close();
    return result;
  }

  test("its call passes the preflight and is answered, readable for the page", async () => {
    const headers = { authorization: `Bearer ${token()}` };
    const answer = await fetchFrom(shop.origin, `/api/till/MERCHANT00001${ORDERS}`, headers);
    assert.equal(answer.status, 200);
    assert.match(answer.id ?? "", /^[0-9a-f-]{36}$/);
  });

  test("its user's token reaches no other merchant", async () => {
    const headers = { authorization: `Bearer ${token()}` };
    const other = "/api/till/MERCHANT00002/v3/merchants/MERCHANT00002/orders";
    const { status, code } = await fetchFrom(shop.origin, other, headers);
    assert.deepEqual([status, code], [404, "not_found"]);
  });

  test("a token that has ended is a problem that the page can read", async () => {
    const old = jwt(KEY, { iss: "https://id.example", aud: "tillgate", exp: 1, merchant_ids: [] });
    const headers = { authorization: `Bearer ${old}` };
    const { status, code } = await fetchFrom(
      shop.origin,
      `/api/till/MERCHANT00001${ORDERS}`,
      headers,
    );
    assert.deepEqual([status, code], [401, "unauthenticated"]);
  });

  test("a page that is not configured cannot call, even with a good token", async () => {
    const { control } = stack.sims.clover;
    const before = control.counters().requests;
    const headers = { authorization: `Bearer ${token()}` };
    const path = `/api/till/MERCHANT00001${ORDERS}`;
    assert.deepEqual(await fetchFrom(stranger.origin, path, headers), { failed: true });
    assert.equal(control.counters().requests, before);
  });
});
