// A visitor of the demo shop: a browser with a fresh profile, what they click, and everything that it received.

/** @import { Page, Response } from "playwright-core" */
/** @import { World } from "./world.js" */

/** @typedef {Awaited<ReturnType<typeof visit>>} Visit */

/**
 * Opens the shop and waits until the menu is there.
 * @param {World} world
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function visit({ browser, shopUrl }, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const received = watch(page);
  await page.goto(shopUrl);
  await page.getByText("5 products from Clopos v1.").waitFor();
  return { context, page, received, close: () => context.close() };
}

/**
 * Keeps what arrives: the bodies and headers of every answer, and what the page complains about.
 * @param {Page} page
 */
function watch(page) {
  /** @type {Promise<string>[]} */
  const texts = [];
  /** @type {Set<string>} */
  const origins = new Set();
  /** @type {string[]} */
  const complaints = [];
  page.on("response", (response) => {
    origins.add(new URL(response.url()).origin);
    const text = textOf(response);
    // A page that is closed while it is read concerns nobody but who asks for all texts.
    text.catch(() => {});
    texts.push(text);
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted/.test(message.text())) complaints.push(message.text());
  });
  return { origins, complaints, all: async () => (await Promise.all(texts)).join("\n") };
}

/** @param {Response} response @returns {Promise<string>} headers and body */
async function textOf(response) {
  const headers = await response.allHeaders();
  // A redirect has no body that a page could get.
  const body = await response.text().catch(() => "");
  return `${JSON.stringify(headers)}\n${body}`;
}

/** @param {Page} page @param {string} id */
export const panel = (page, id) => page.locator(`#${id}`);

/** @param {import("playwright-core").Locator} locator */
export const text = async (locator) => (await locator.textContent()) ?? "";

/** The code flow, up to the orders. @param {Page} page */
export async function logInByCode(page) {
  await page.getByRole("link", { name: "Log in with Clover" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByText("3 orders.").waitFor();
}

/** The implicit flow, up to the token in memory. @param {Page} page */
export async function logInOnPage(page) {
  await page.getByRole("button", { name: "Log in on this page" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByRole("button", { name: "Forget the token" }).waitFor();
}

/** Everything that scripts on the page can read of what the browser keeps for it. @param {Page} page */
export const readable = (page) =>
  page.evaluate(() =>
    JSON.stringify({
      cookie: document.cookie,
      local: { ...localStorage },
      session: { ...sessionStorage },
      address: location.href,
      page: document.documentElement.outerHTML,
    }),
  );
