// The redirect login, in Chromium: what a page gets, and what stays in it.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { BLANK, CLIENT_ID, html, startWorld } from "./harness.js";

/** @typedef {import("./harness.js").World} World */
/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("../../pkg-js/index.d.ts").LoginOptions} LoginOptions */

/** A page as a user would write it: nothing of the login is global but a way to ask for the token's equality. */
const SHOP = html(`
  import { completeLogin, startLogin } from "tillgate";
  window.startLogin = startLogin;
  try {
    const login = completeLogin();
    window.holds = (token) => login.accessToken === token;
    window.forget = () => login.forget();
    document.title = login ? "in " + login.merchantId + " " + login.employeeId + " " + login.clientId : "out";
  } catch (error) {
    document.title = error.code;
  }`);

const NO_WASM = { "content-security-policy": "script-src 'self' 'unsafe-inline'" };

/** @type {World} */
let world;
/** @type {Page} */
let page;

before(async () => {
  world = await startWorld({
    "/blank": { body: BLANK },
    "/shop": { body: SHOP },
    "/no-wasm": { body: BLANK, headers: NO_WASM },
  });
});
after(() => world.close());

beforeEach(async () => {
  world.clover.control.reset();
  world.clover.control.set({ consent: "allow" });
  const context = await world.browser.newContext();
  page = await context.newPage();
});
afterEach(() => page.context().close());

/** Begins a login on the current page. @param {string} redirectPath */
function startLogin(redirectPath) {
  const options = {
    clientId: CLIENT_ID,
    authorizeUrl: world.authorizeUrl,
    redirectUri: world.shop.url + redirectPath,
  };
  return page.evaluate((options) => {
    const start = window.startLogin ?? window.tillgate.startLogin;
    start(options);
  }, options);
}

/** Logs in by way of the simulator, which decides at once. @param {string} [redirectPath] */
async function logIn(redirectPath = "/shop") {
  await page.goto(`${world.shop.url}/shop`);
  await startLogin(redirectPath);
  await page.waitForFunction(() => !["", "shop", "out"].includes(document.title));
}

/**
 * Begins a login that waits at Clover's consent page, and gives its state: the test then writes the answer.
 * @returns {Promise<string>}
 */
async function beginLogin() {
  world.clover.control.set({ consent: "ask" });
  await page.goto(`${world.shop.url}/blank`);
  await startLogin("/blank");
  await page.waitForURL(`${world.clover.url}/**`);
  return new URL(page.url()).searchParams.get("state") ?? "";
}

/** Opens a page as if Clover had sent the merchant to it. @param {string} address */
async function arrive(address) {
  await page.goto(world.shop.url + address);
  await page.waitForFunction(() => window.tillgate !== undefined);
}

/** @typedef {Partial<import("../../pkg-js/index.d.ts").Login> & { code?: string, text?: string }} Result */

/** What completeLogin comes to. @param {{ clientId?: string }} [options] */
const complete = (options) =>
  page.evaluate((options) => {
    /** @returns {Result | null} */
    const attempt = () => {
      try {
        const login = window.tillgate.completeLogin(options);
        return login && { ...login, accessToken: login.accessToken };
      } catch (error) {
        const { code, message, stack } = /** @type {Error & { code?: string }} */ (error);
        return { code, text: `${message}\n${stack}` };
      }
    };
    return attempt();
  }, options);

const address = () => page.url().slice(world.shop.url.length);

test("a login by redirect gives the token that Clover issued, and who it is for", async () => {
  await logIn();
  assert.equal(await page.title(), `in MERCHANT00001 EMPLOYEE00001 ${CLIENT_ID}`);
  assert.equal(await page.evaluate((token) => window.holds(token), world.lastToken()), true);
  world.clover.control.assertDocumented();
});

for (const place of /** @type {const} */ (["query", "fragment", "both"])) {
  test(`the state may come back in: ${place}`, async () => {
    world.clover.control.set({ token_state: place });
    await logIn();
    assert.match(await page.title(), /^in /);
    assert.equal(address(), "/shop");
  });
}

test("an employee that Clover does not name is null", async () => {
  world.clover.control.set({ employee_id: false });
  await logIn();
  assert.equal(await page.title(), `in MERCHANT00001 null ${CLIENT_ID}`);
});

test("a merchant who cancels gives access_denied and a clean address", async () => {
  world.clover.control.set({ consent: "cancel" });
  await logIn();
  assert.equal(await page.title(), "access_denied");
  assert.equal(address(), "/shop");
});

test("a state that Clover does not send back is refused", async () => {
  world.clover.control.set({ token_state: "none" });
  await logIn();
  assert.equal(await page.title(), "state_missing");
  assert.equal(address(), "/shop");
});

test("two different states are refused", async () => {
  world.clover.control.set({ token_state: "differ" });
  await logIn();
  assert.equal(await page.title(), "malformed");
});

test("a launch from the dashboard with a token is refused and erased", async () => {
  world.clover.control.apps.patch(CLIENT_ID, {
    site_url: `${world.shop.url}/shop`,
    default_response: "token",
  });
  await page.goto(`${world.clover.url}/launch?client_id=${CLIENT_ID}&merchant_id=MERCHANT00001`);
  await page.waitForFunction(() => document.title !== "shop");
  assert.equal(await page.title(), "state_missing");
  assert.equal(address(), "/shop");
});

test("the page's own query is kept, and the answer is in no history entry", async () => {
  await logIn("/shop?lang=de&q=a%20b");
  assert.match(await page.title(), /^in /);
  assert.equal(address(), "/shop?lang=de&q=a%20b");
  await page.goto(`${world.shop.url}/blank`);
  await page.goBack();
  assert.equal(address(), "/shop?lang=de&q=a%20b");
  assert.doesNotMatch(await page.evaluate(() => document.referrer), /access_token/);
});

test("a wrong answer is refused by its code, erased, and quoted nowhere", async (t) => {
  /** @type {[string, string][]} */
  const cases = [
    ["state_mismatch", `/blank?state=${"0".repeat(64)}#access_token=CANARY`],
    ["state_missing", "/blank#access_token=CANARY"],
    ["malformed", "/blank?access_token=CANARY&state=STATE"],
    ["malformed", "/blank?state=STATE#access_token=CANARY&access_token=CANARY"],
    ["malformed", "/blank?state=STATE#/in?access_token=CANARY"],
    ["malformed", "/blank?state=STATE#%61ccess_token=CANARY&access_token=X"],
    ["malformed", "/blank?state=STATE&code=CANARY"],
    ["malformed", "/blank?state=STATE#access_token=CANARY&error=access_denied"],
    ["access_denied", "/blank?state=STATE&error=access_denied&error_description=CANARY"],
    ["access_denied", "/blank#error=CANARY&state=STATE"],
    ["client_mismatch", "/blank?client_id=OTHER&state=STATE#access_token=CANARY"],
  ];
  for (const [code, template] of cases) {
    await t.test(`${code}: ${template}`, async () => {
      const state = await beginLogin();
      await arrive(template.replace("STATE", state));
      const result = await complete();
      assert.equal(result?.code, code);
      assert.equal(address(), "/blank");
      assert.doesNotMatch(result?.text ?? "", /CANARY/);
    });
  }
});

test("an app that the page did not expect is refused", async () => {
  const state = await beginLogin();
  await arrive(`/blank?client_id=${CLIENT_ID}&state=${state}#access_token=CANARY`);
  assert.equal((await complete({ clientId: "OTHER" }))?.code, "client_mismatch");
});

test("a state counts once", async () => {
  const state = await beginLogin();
  const answer = `/blank?state=${state}#access_token=CANARY`;
  await arrive(answer);
  assert.equal((await complete())?.accessToken, "CANARY");
  await page.goto("about:blank");
  await arrive(answer);
  assert.equal((await complete())?.code, "state_missing");
  assert.equal(address(), "/blank");
});

test("a page that is no return from Clover gives null and keeps its address", async () => {
  await beginLogin();
  for (const own of [
    "",
    "?q=1#/orders/7",
    "?state=CA&code=X",
    "?q=100%25#a%20b",
    "?a=error#errors",
  ]) {
    await arrive(`/blank${own}`);
    assert.equal(await complete(), null);
    assert.equal(address(), `/blank${own}`);
    await page.goto("about:blank");
  }
});

test("history.state survives the erasing", async () => {
  const state = await beginLogin();
  await arrive("/blank");
  const kept = await page.evaluate((state) => {
    history.replaceState({ scroll: 7 }, "", `?own=1&state=${state}#access_token=CANARY`);
    const login = window.tillgate.completeLogin();
    return {
      state: history.state,
      token: login?.accessToken,
      address: location.search + location.hash,
    };
  }, state);
  assert.deepEqual(kept, { state: { scroll: 7 }, token: "CANARY", address: "?own=1" });
});

test("the address is clean before WebAssembly is touched", async () => {
  await arrive("/blank#access_token=CANARY");
  const seen = await page.evaluate(() => {
    /** @type {string[]} */
    const addresses = [];
    WebAssembly.Module = new Proxy(WebAssembly.Module, {
      construct(target, [bytes]) {
        addresses.push(location.href);
        return new target(bytes);
      },
    });
    try {
      window.tillgate.completeLogin();
    } catch {}
    return addresses;
  });
  assert.deepEqual(seen, [`${world.shop.url}/blank`]);
});

test("the memory of the module holds no token once the answer is read", async () => {
  const state = await beginLogin();
  await arrive(`/blank?state=${state}#access_token=CANARY-IN-MEMORY`);
  const [token, found] = await page.evaluate(() => {
    /** @type {WebAssembly.Instance | undefined} */
    let instance;
    WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
      construct(target, [module, imports]) {
        instance = new target(module, imports);
        return instance;
      },
    });
    const login = window.tillgate.completeLogin();
    const memory = /** @type {WebAssembly.Memory} */ (instance?.exports.memory);
    const text = new TextDecoder("latin1").decode(memory.buffer);
    return [login?.accessToken, text.includes("CANARY")];
  });
  assert.equal(token, "CANARY-IN-MEMORY");
  assert.equal(found, false);
});

test("one page load has one result: the same object, the same error, also after forget", async () => {
  const state = await beginLogin();
  await arrive(`/blank?state=${state}#access_token=CANARY`);
  const same = await page.evaluate(() => {
    const { completeLogin } = window.tillgate;
    const first = completeLogin();
    const again = completeLogin({ clientId: "OTHER" });
    first?.forget();
    return [first === again, first === completeLogin(), first?.accessToken];
  });
  assert.deepEqual(same, [true, true, ""]);

  await page.goto("about:blank");
  await arrive("/blank#access_token=CANARY");
  const sameError = await page.evaluate(() => {
    const attempt = () => {
      try {
        return window.tillgate.completeLogin();
      } catch (error) {
        return error;
      }
    };
    const first = attempt();
    return first instanceof Error && first === attempt();
  });
  assert.equal(sameError, true);
});

test("a later answer in the same page load is erased too and changes nothing", async () => {
  await arrive("/blank");
  assert.equal(await complete(), null);
  await page.evaluate(() => {
    location.hash = "access_token=CANARY";
  });
  assert.equal(await complete(), null);
  assert.equal(address(), "/blank");
});

test("the token is in no listing of the login, and in no copy of it", async () => {
  const state = await beginLogin();
  await arrive(`/blank?state=${state}#access_token=CANARY`);
  const listings = await page.evaluate(() => {
    const login = window.tillgate.completeLogin();
    console.log(login, String(login));
    return [
      JSON.stringify(login),
      JSON.stringify(structuredClone(login)),
      JSON.stringify({ ...login }),
      Object.keys(login ?? {}).join(),
      String(login),
    ];
  });
  assert.equal(listings[3], "merchantId,employeeId,clientId");
  assert.doesNotMatch(listings.join(), /CANARY/);
});

test("a Content-Security-Policy without 'wasm-unsafe-eval' gives wasm_blocked, names it, and the token is gone all the same", async () => {
  await arrive("/no-wasm?state=1#access_token=CANARY");
  const result = await complete();
  assert.equal(result?.code, "wasm_blocked");
  assert.match(result?.text ?? "", /'wasm-unsafe-eval'/);
  assert.doesNotMatch(result?.text ?? "", /CANARY/);
  assert.equal(address(), "/no-wasm");
  assert.equal((await complete())?.code, "wasm_blocked");
});

test("startLogin names the option that is wrong and stays on the page", async () => {
  await arrive("/blank");
  const message = await page.evaluate(() => {
    try {
      window.tillgate.startLogin(/** @type {any} */ ({ clientId: "A", region: "us" }));
    } catch (error) {
      return String(error);
    }
  });
  assert.match(message ?? "", /^TypeError: tillgate: region: must be/);
  assert.equal(address(), "/blank");
});
