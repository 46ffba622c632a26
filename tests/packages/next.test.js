// The packed browser package in Next, built with each of its bundlers, rendered on its server, opened in Chromium.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { testPackagesFolder } from "../../scripts/lib/test-packages.js";
import { developing, runIn } from "./lib/packed.js";
import { fillIn, logInBothWays, startWorld } from "./lib/shop.js";

/** @type {import("./lib/shop.js").World} */
let world;
/** @type {string} */
let folder;
before(async () => {
  world = await startWorld();
  folder = await world.packed.project("next", "next");
  await fillIn(world, join(folder, "settings.js"));
});
after(() => world.close());

for (const bundler of ["turbopack", "webpack"]) {
  test(`built with Next and ${bundler}, a page is rendered and logs a merchant in both ways`, async () => {
    const env = [`BUILD_FOLDER=.next-${bundler}`, `WORKSPACE=${testPackagesFolder()}`];
    await runIn(folder, "env", ...env, "next", "build", `--${bundler}`);
    const start = [...env, "next", "start", "--hostname", "127.0.0.1", "--port", "0"];
    await developing(folder, "env", start, async (url) => {
      const page = await (await fetch(url)).text();
      assert.match(page, /https:\/\/eu\.clover\.com\/oauth\/authorize\?client_id=A/);
      await logInBothWays(world, url.replace("127.0.0.1", "localhost"));
    });
  });
}
