// The examples of the package's README, as they stand there, and the package in a bundle: pasted and run in Chromium.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { CLIENT_ID, html, PACKAGE, startWorld } from "./harness.js";

/** @typedef {import("./harness.js").World} World */

/** @type {World} */
let world;
/** @type {Record<string, import("./harness.js").Page>} */
const pages = {};

/** The n-th example in a language. @param {string} readme @param {string} language @param {number} index */
function example(readme, language, index) {
  const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const [, , code] = blocks.filter(([, name]) => name === language)[index] ?? [];
  assert.ok(code, `the README has no ${language} example ${index}`);
  return code;
}

/** Fills in what a user would: the app's id, and here the simulator in the sandbox's place. @param {string} code */
const filledIn = (code) =>
  code
    .replaceAll("YOUR_APP_ID", CLIENT_ID)
    .replace('region: "sandbox"', `authorizeUrl: "${world.authorizeUrl}"`);

before(async () => {
  world = await startWorld(pages);
  world.clover.control.set({ consent: "allow" });
  const readme = await readFile(join(PACKAGE, "README.md"), "utf8");
  const importMap = example(readme, "html", 1);
  pages["/first"] = { body: importMap + filledIn(example(readme, "html", 0)) };
  pages["/popup.html"] = { body: importMap + example(readme, "html", 2) };
  const script = filledIn(example(readme, "js", 0)).replace(
    /^(\s*)\}\);$/m,
    "$1});\n$1document.body.append(login.merchantId);",
  );
  pages["/popup-opener"] = {
    body: `${importMap}<body><button>Log in</button><script type="module">
      const button = document.querySelector("button");\n${script}</script>`,
  };
});
after(() => world.close());

test("the first example, pasted, logs a merchant in", async () => {
  const page = await world.browser.newPage();
  await page.goto(`${world.shop.url}/first`);
  await page.getByRole("button").click();
  await page.getByText("Logged in: MERCHANT00001").waitFor();
  assert.equal(page.url(), `${world.shop.url}/first`);
  await page.close();
});

test("the first example lets a merchant who cancelled begin anew, also from a page with a fragment", async () => {
  const page = await world.browser.newPage();
  world.clover.control.set({ consent: "cancel" });
  await page.goto(`${world.shop.url}/first#menu`);
  await page.getByRole("button").click();
  await page.getByText("Clover answered the login with an error").waitFor();
  world.clover.control.set({ consent: "allow" });
  await page.getByRole("button").click();
  await page.getByText("Logged in: MERCHANT00001").waitFor();
  await page.close();
});

test("the popup example, pasted, logs a merchant in", async () => {
  const page = await world.browser.newPage();
  await page.goto(`${world.shop.url}/popup-opener`);
  await page.getByRole("button").click();
  await page.getByText("MERCHANT00001").waitFor();
  await page.close();
});

test("a bundle, minified, logs a merchant in", async () => {
  const entry = join(world.project.root, "shop.js");
  const options = { clientId: CLIENT_ID, authorizeUrl: world.authorizeUrl };
  await writeFile(
    entry,
    `import { completeLogin, startLogin } from "tillgate";
    const login = completeLogin();
    if (login) document.body.append(login.merchantId);
    else startLogin({ ...${JSON.stringify(options)}, redirectUri: location.href });`,
  );
  const outfile = join(world.project.root, "shop.bundle.js");
  await build({ entryPoints: [entry], bundle: true, minify: true, format: "esm", outfile });
  pages["/bundle"] = { body: html('import "/shop.bundle.js";') };
  const page = await world.browser.newPage();
  await page.goto(`${world.shop.url}/bundle`);
  await page.getByText("MERCHANT00001").waitFor();
  assert.equal(page.url(), `${world.shop.url}/bundle`);
  await page.close();
});
