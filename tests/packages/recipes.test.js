// The README's recipes for frameworks, as they stand there: built with Vite and opened in Chromium.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.js";
import { runIn } from "./lib/packed.js";
import { serving, startWorld } from "./lib/shop.js";

/** @type {import("./lib/shop.js").World} */
let world;
/** The README's examples that begin with a file name, by that name. @type {Map<string, string>} */
let recipes;
before(async () => {
  world = await startWorld();
  const readme = await readFile(inRoot("pkg-js", "README.md"), "utf8");
  const blocks = readme.matchAll(/^```\w+\n(?:\/\/|<!--) (\w+\.\w+)(?: -->)?\n(.*?)^```/gms);
  recipes = new Map([...blocks].map(([, name = "", code = ""]) => [name, code]));
});
after(() => world.close());

/** Fills in what a user would, and here the simulator in the sandbox's place. @param {string} code */
const filledIn = (code) =>
  code
    .replaceAll("YOUR_APP_ID", world.settings.clientId)
    .replace("region, redirectUri", `authorizeUrl: "${world.settings.authorizeUrl}", redirectUri`);

/**
 * A project with recipes in it.
 * @param {string} framework @param {string[]} names of the recipes
 * @param {Record<string, string>} files what the recipes do not say
 */
async function project(framework, names, files) {
  const folder = await world.packed.project(framework);
  const page = '<!doctype html><title>shop</title><div id="app"></div>';
  const entry = names.includes("main.jsx") ? "main.jsx" : "main.js";
  const all = { "index.html": `${page}<script type="module" src="/${entry}"></script>`, ...files };
  for (const name of names) {
    const recipe = recipes.get(name);
    assert.ok(recipe, `the README has no ${name}`);
    await writeFile(join(folder, name), filledIn(recipe));
  }
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text);
  await runIn(folder, "vite", "build");
  return join(folder, "dist");
}

/** @param {string} imported the plugin, as it is imported, called `plugin` @param {string} from */
const viteConfig = (imported, from) =>
  `import ${imported} from "${from}"; export default { plugins: [plugin()] };`;

const VUE_ENTRY =
  'import { createApp } from "vue"; import App from "./App.vue"; createApp(App).mount("#app");';

const SVELTE_ENTRY = `import { mount } from "svelte";
  import App from "./App.svelte";
  mount(App, { target: document.querySelector("#app") });`;

/** Each with its recipes, and with what they do not say. @type {[string, string[], Record<string, string>][]} */
const FRAMEWORKS = [
  [
    "React",
    ["login.js", "main.jsx"],
    { "vite.config.js": viteConfig("plugin", "@vitejs/plugin-react") },
  ],
  [
    "Vue",
    ["login.js", "App.vue"],
    { "vite.config.js": viteConfig("plugin", "@vitejs/plugin-vue"), "main.js": VUE_ENTRY },
  ],
  [
    "Svelte",
    ["login.js", "App.svelte"],
    {
      "vite.config.js": viteConfig("{ svelte as plugin }", "@sveltejs/vite-plugin-svelte"),
      "main.js": SVELTE_ENTRY,
    },
  ],
];

for (const [framework, names, files] of FRAMEWORKS) {
  test(`the recipe for ${framework}, pasted, logs a merchant in, at the second attempt too`, async () => {
    const folder = await project(framework.toLowerCase(), names, files);
    await serving(folder, async (url) => {
      const page = await world.browser.newPage();
      const logIn = page.getByRole("button", { name: "Log in with Clover" });
      world.decide("cancel");
      await page.goto(`${url}/#menu`);
      await logIn.click();
      await page.getByRole("alert").waitFor();
      world.decide("allow");
      await logIn.click();
      await page.getByText("Logged in: MERCHANT00001").waitFor();
      assert.equal(page.url(), `${url}/`);
      await page.close();
    });
  });
}
