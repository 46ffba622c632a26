// The demo shop clicked through in Chromium, against the released worker and the simulators.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BROWSER_TARBALL } from "../../../scripts/lib/paths.js";
import { packageFiles } from "../../../scripts/lib/tar.js";
import { logInByCode, logInOnPage, panel, readable, text, visit } from "./visit.js";
import { startWorld } from "./world.js";

/** @type {import("./world.js").World} */
let world;

before(async () => {
  world = await startWorld();
});

after(() => world?.close());

test("the menu shows Clopos products by either version, and where their token came from", async () => {
  const { page, close } = await visit(world);
  const menu = panel(page, "menu");
  assert.match(await text(menu.locator(".goods")), /Flat white3\.60/);
  assert.match(await text(menu.locator(".paper")), /Server-Timing: token;desc="\w+"/);
  await menu.getByLabel("v2").check();
  await menu.getByText("5 products from Clopos v2.").waitFor();
  await close();
});

test("a flat white is a transaction at Clearline and a stamp on the card", async () => {
  const { page, close } = await visit(world);
  const before = world.simulators.clearline.control.counters().created;
  await page.getByRole("button", { name: "Buy a flat white" }).click();
  await page.getByRole("img", { name: "1 of 10 stamps" }).waitFor();
  assert.equal(world.simulators.clearline.control.counters().created, before + 1);
  assert.match(await text(panel(page, "loyalty").locator(".status")), /accepted/);
  await close();
});

test("a merchant logs in at Clover's consent page, sees the orders and logs out", async () => {
  const { page, context, close } = await visit(world);
  await logInByCode(page);
  assert.equal(page.url(), `${world.shopUrl}/#orders`);
  const orders = panel(page, "orders");
  assert.equal(await orders.locator("tbody tr").count(), 3);
  assert.match(await text(orders.locator(".paper")), /Server-Timing: token;desc="\w+"/);
  assert.match(await text(orders), /Logged in for MERCHANT00001/);
  const session = (await context.cookies()).find(({ name }) => name === "tillgate");
  assert.equal(session?.httpOnly, true);
  await orders.getByRole("button", { name: "Log out" }).click();
  await orders.getByText("Logged out.").waitFor();
  assert.equal(await orders.locator("tbody tr").count(), 0);
  await page.reload();
  await orders.getByText("Nobody is logged in.").waitFor();
  await close();
});

test("a merchant without a mouse chooses a business and confirms with Enter", async () => {
  const { page, close } = await visit(world);
  const orders = panel(page, "orders");
  await orders.getByRole("link", { name: "Log in with Clover" }).press("Enter");
  await page.getByRole("radio", { name: "Bakery Semicolon" }).press("Space");
  await page.keyboard.press("Enter");
  await orders.getByText("Logged in for MERCHANT00002").waitFor();
  await close();
});

test("when Clover revokes the token, the merchant is offered a login and gets the orders back", async () => {
  const { page, close } = await visit(world);
  await logInByCode(page);
  const orders = panel(page, "orders");
  await orders.getByRole("button", { name: "Clover revokes the token" }).click();
  await orders.getByText("void now").waitFor();
  await orders.getByRole("button", { name: "Ask again" }).click();
  await orders.getByText("login_required").waitFor();
  await orders.getByRole("link", { name: "Log in with Clover" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await orders.getByText("3 orders.").waitFor();
  assert.equal(await orders.locator(".notice").count(), 0);
  await close();
});

test("the implicit login leaves a clean address bar and one value in memory, until it is forgotten", async () => {
  const { page, close } = await visit(world);
  await logInOnPage(page);
  const token = world.lastToken();
  const pocket = panel(page, "pocket");
  assert.equal(page.url(), `${world.shopUrl}/`);
  assert.match(await text(pocket), /clean\s*MerchantMERCHANT00001/);
  assert.match(await text(pocket.locator(".paper")), new RegExp(`${token.length} characters`));
  assert.ok(!(await readable(page)).includes(token));
  await pocket.getByRole("button", { name: "Forget the token" }).click();
  await pocket.getByText("Forgotten.").waitFor();
  assert.equal(await text(page.locator('[data-held="pocket"]')), "nothing held");
  await close();
});

test("a reload ends the implicit login", async () => {
  const { page, close } = await visit(world);
  await logInOnPage(page);
  await page.reload();
  await page.getByRole("button", { name: "Log in on this page" }).waitFor();
  assert.equal(await text(page.locator('[data-held="pocket"]')), "nothing held");
  await close();
});

test("a token that nobody asked for is erased and refused", async () => {
  const { page, close } = await visit(world);
  await page.goto(`${world.shopUrl}/?state=forged#access_token=FORGED`);
  await page.getByText("state_missing").waitFor();
  assert.equal(page.url(), `${world.shopUrl}/`);
  await close();
});

test("an implicit login that is cancelled is said to be", async () => {
  const { page, close } = await visit(world);
  await page.getByRole("button", { name: "Log in on this page" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await panel(page, "pocket").getByText("access_denied").waitFor();
  assert.equal(page.url(), `${world.shopUrl}/`);
  await close();
});

test("when Clopos forgets its tokens, the menu still comes, with a fresh one", async () => {
  const { page, close } = await visit(world);
  const menu = panel(page, "menu");
  await menu.getByRole("button", { name: "Clopos forgets every token" }).click();
  await menu.getByText("void now").waitFor();
  await menu.getByRole("button", { name: "Ask again" }).click();
  await menu.getByText("The token is fresh from the platform").waitFor();
  assert.equal(await menu.locator(".notice").count(), 0);
  await close();
});

test("while Clopos is down, the problem is shown beside the last menu, and the next answer clears it", async () => {
  const { page, close } = await visit(world);
  const menu = panel(page, "menu");
  const { control } = world.simulators.clopos;
  control.refuse();
  await menu.getByRole("button", { name: "Ask again" }).click();
  await menu.getByText("The platform is unavailable").waitFor();
  assert.match(await text(menu.locator(".notice")), /platform_unavailable · request \S+/);
  assert.match(await text(menu.locator(".goods")), /Espresso/);
  control.accept();
  await menu.getByRole("button", { name: "Ask again" }).click();
  await menu.getByText("5 products from Clopos v1.").waitFor();
  assert.equal(await menu.locator(".notice").count(), 0);
  await close();
});

test("neither the API key, a secret nor the code flow's token ever reaches the page", async () => {
  const { page, received, close } = await visit(world);
  await page.getByRole("button", { name: "Buy a flat white" }).click();
  await page.getByRole("img", { name: "1 of 10 stamps" }).waitFor();
  await logInByCode(page);
  const token = world.lastToken();
  const seen = (await received.all()) + (await readable(page));
  // What the page did get is in there, so the search looks at the right thing.
  for (const shown of ["Espresso", "Takeaway", "posSystemId", "MERCHANT00001"]) {
    assert.ok(seen.includes(shown), shown);
  }
  assert.notEqual(token, "");
  const { TILLGATE: _, ...secrets } = world.secrets;
  for (const [name, value] of Object.entries({ ...secrets, apiKey: world.apiKey, token })) {
    assert.ok(!seen.includes(value), `${name} reached the page`);
  }
  await close();
});

test("the page runs the packed package, byte for byte, from the entry that its exports name", async () => {
  const { page, close } = await visit(world);
  await logInOnPage(page);
  const files = new Map(packageFiles(BROWSER_TARBALL).map(({ path, bytes }) => [path, bytes]));
  const vendor = `${world.shopUrl}/vendor/tillgate/`;
  const loaded = await page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => name),
  );
  const names = loaded
    .filter((url) => url.startsWith(vendor))
    .map((url) => url.slice(vendor.length));
  for (const name of names) {
    const served = await (await fetch(vendor + name)).bytes();
    assert.equal(files.get(name)?.equals(served), true, name);
  }
  const { exports } = JSON.parse(`${files.get("package.json")}`);
  const map = JSON.parse(await text(page.locator("script[type=importmap]")));
  const entry = exports["."].default.replace("./", "");
  assert.equal(new URL(map.imports.tillgate, world.shopUrl).href, vendor + entry);
  assert.equal(names.includes(entry), true);
  await close();
});

test("the page breaks no policy of its own and talks to nobody but shop, worker and Clover", async () => {
  const { page, received, close } = await visit(world);
  await logInByCode(page);
  await logInOnPage(page);
  const clover = `http://localhost:${new URL(world.simulators.clover.url).port}`;
  const known = [world.shopUrl, world.workerUrl, clover];
  assert.deepEqual([...received.origins].sort(), known.sort());
  assert.deepEqual(received.complaints, []);
  await close();
});

test("nothing is wider than the window, from a small phone to a wide screen", async () => {
  const { page, close } = await visit(world);
  await logInByCode(page);
  await logInOnPage(page);
  for (const width of [320, 360, 768, 1024, 1400]) {
    await page.setViewportSize({ width, height: 800 });
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(beyond <= 0, `${beyond} px too wide at ${width} px`);
  }
  await close();
});

test("the tour sends nothing to a platform that it does not document", () => {
  world.simulators.assertDocumented();
});
