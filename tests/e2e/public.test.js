// Public collections that nobody here wrote (tests/vectors/public-texts.json says which), sent to the released worker over
// plain sockets: as paths, queries, hosts, origins and headers, and as `return_to`. Whatever arrives at the platform is
// what was allowed, wherever a browser is sent is configured, and nothing is answered with a 500. Beside them what came out
// of running whole collections.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { SHOP, startStack } from "./fixtures.js";
import { startChromium } from "./harness/chromium.js";
import { assertProblem } from "./problems.js";

/** @import { Stack } from "./fixtures.js" */
/** @import { Answer } from "./http.js" */

const PLACE = "/api/cafe/openapitest.1";
/** What of a text would end the line that it stands in, or would stay behind at its end. */
const LINE_BREAK = /[\r\n]/;
/** As many at once as are quick and still easy on the machine. */
const AT_ONCE = 8;

/** @type {{ collections: { lists: Record<string, string[]> }[] }} */
const FILE = JSON.parse(
  readFileSync(new URL("../vectors/public-texts.json", import.meta.url), "utf8"),
);
const LISTS = Object.assign({}, ...FILE.collections.map(({ lists }) => lists));
/** @type {string[]} */
const TEXTS = [...new Set(Object.values(LISTS).flat())];
const LINES = TEXTS.filter((text) => !LINE_BREAK.test(text));

/** @type {Stack} */
let stack;

before(async () => {
  stack = await startStack({
    documented: false,
    configure({ apps }) {
      apps.cafe.allow = ["GET /menu/**"];
      apps.bistro.endpoints.api = "https://xn--/";
    },
  });
  await stack.call("POST", "/token/cafe/openapitest.1");
});
after(() => stack.stop());

/** @template T @param {T[]} items @param {(item: T) => Promise<void>} work */
async function each(items, work) {
  for (let at = 0; at < items.length; at += AT_ONCE)
    await Promise.all(items.slice(at, at + AT_ONCE).map(work));
}

/**
 * @param {string} target
 * @param {{ host?: string, lines?: string[], method?: string }} [request]
 * @returns {Promise<Answer>}
 */
async function get(target, { host = "gate.example", lines = [], method = "GET" } = {}) {
  const authorization = `Authorization: Bearer ${stack.canaries.keys.office}`;
  const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, authorization, ...lines];
  const bytes = `${head.join("\r\n")}\r\nConnection: close\r\n\r\n`;
  const answer = await stack.raw(Buffer.from(bytes, "utf8"));
  const note = JSON.stringify(bytes.replace(authorization, "…"));
  // 501 is the runtime's, for a request line with a method that is none.
  assert.ok(answer.status < 500 || answer.status === 501, `${answer.status} for ${note}`);
  return answer;
}

/** What the platform was asked since. @param {number} since */
const asked = (since) => stack.sims.clopos.control.requests({ kind: "api" }).slice(since);

describe("what the runtime makes of a request", () => {
  test("an API whose host has no valid spelling is not available, and that is no fault of the worker", async () => {
    const answer = await stack.call("GET", "/api/bistro/openapitest.1/menu");
    assertProblem(answer, "platform_unavailable", { app: "bistro", account: "openapitest.1" });
  });

  test("CONNECT reaches nobody: the runtime refuses it before the worker, which lives on", async () => {
    const before = stack.sims.clopos.control.counters().connections;
    const to = new URL(stack.sims.clopos.url).host;
    const answer = await stack.raw(
      `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\nConnection: close\r\n\r\n`,
    );
    assert.ok(answer.status >= 400, `${answer.status}`);
    assert.equal(stack.sims.clopos.control.counters().connections, before);
    assert.equal((await stack.call("GET", "/health")).status, 200);
  });
});

describe("texts of public collections", () => {
  test("as paths arrive as they were sent, below what is allowed, or not at all", async () => {
    const since = asked(0).length;
    const sent = new Set();
    await each(TEXTS, async (text) => {
      for (const path of [`/${text}`, `/menu/${text}`, `/menu/${encodeURIComponent(text)}`]) {
        sent.add(`/open-api${path.split(/[?#\r\n ]/)[0]}`);
        await get(`${PLACE}${path}`);
      }
      await get(text);
    });
    const arrived = asked(since).map(({ target }) => target.split("?")[0] ?? "");
    assert.ok(arrived.length > 100, `${arrived.length} arrived`);
    for (const path of arrived) {
      assert.ok(sent.has(path), `${path} was not sent`);
      assert.match(path, /^\/open-api\/menu(\/(?!\.+(\/|$))[!$&-.0-;=@-Z_a-z~%]+)*$/);
      assert.doesNotMatch(path, /%(2e|2f|5c|25|3f|23|3b|[01][0-9a-f]|7f)/i);
    }
  });

  test("as queries change nothing but the query", async () => {
    const since = asked(0).length;
    await each(TEXTS, async (text) => {
      await get(`${PLACE}/menu?x=${text}`);
      await get(`${PLACE}/menu?${encodeURIComponent(text)}`);
    });
    const arrived = asked(since);
    assert.ok(arrived.length > TEXTS.length);
    for (const { target } of arrived) assert.match(target, /^\/open-api\/menu(\?[!$-;=?-~]*)?$/);
  });

  test("as headers never reach the platform beside ours", async () => {
    const since = asked(0).length;
    const names = [
      "X-Token",
      "X_Token",
      "X-Brand",
      "Authorization_",
      "X-Forwarded-Host",
      "Connection",
    ];
    await each(LINES, async (text) => {
      const name = names[text.length % names.length];
      await get(`${PLACE}/menu`, { lines: [`${name}: ${text}`] });
      await get(`${PLACE}/menu`, { lines: [text] });
    });
    const arrived = asked(since);
    assert.ok(arrived.length > LINES.length / 2);
    const ours = arrived[0]?.headers.filter(([name]) => /^x-/i.test(name));
    for (const { headers } of arrived) {
      assert.deepEqual(
        headers.filter(([name]) => /^x-/i.test(name)),
        ours,
      );
      const others = headers
        .map(([name]) => name.toLowerCase())
        .filter((name) => !/^x-/.test(name));
      const known =
        /^(host|accept|content-type|cache-control|pragma|content-length|connection|range|prefer|if-[a-z-]+)$/;
      for (const name of others) assert.match(name, known);
    }
  });

  test("as hosts decide neither the path nor where a login leads", async () => {
    const since = asked(0).length;
    await each(LINES, async (text) => {
      const login = await get("/login/till?return_to=/", { host: text });
      const location = login.headers.get("location");
      assert.ok(location === null || location.startsWith(stack.sims.clover.url), location ?? "");
      await get("/orders", { host: `gate.example${PLACE}/menu` });
      await get("/menu", { host: `${text}${PLACE}` });
    });
    assert.deepEqual(asked(since), []);
  });

  test("as origins are nobody's", async () => {
    await each(LINES, async (text) => {
      for (const origin of [text, `${SHOP}${text}`, `${text}${SHOP}`]) {
        const answer = await get(`${PLACE}/menu`, { lines: [`Origin: ${origin}`] });
        const allowed = answer.headers.get("access-control-allow-origin");
        if (origin.trim() !== SHOP) assert.equal(allowed, null, origin);
      }
    });
  });

  test("as return_to lead nowhere but home and to the configured origin, by Chromium's parser", async () => {
    /** @type {string[]} */
    const accepted = [];
    const all = TEXTS.flatMap((text) => [text, `/${text}`, `${SHOP}${text}`, `${SHOP}/${text}`]);
    await each([...new Set(all)], async (text) => {
      const answer = await get(`/login/till?return_to=${encodeURIComponent(text)}`);
      if (answer.status === 302) accepted.push(text);
      else assert.equal(answer.status, 400, text);
    });
    assert.ok(accepted.length > 200 && accepted.length < all.length, `${accepted.length} accepted`);
    const browser = await startChromium();
    const page = await browser.newPage();
    const origins = await page.evaluate(
      ([texts, base]) => texts.map((text) => new URL(text, base).origin),
      /** @type {[string[], string]} */ ([accepted, `${stack.url}/callback/till?code=x`]),
    );
    await browser.close();
    const away = accepted.filter((_, index) => ![stack.url, SHOP].includes(origins[index] ?? ""));
    assert.deepEqual(away, []);
  });
});
