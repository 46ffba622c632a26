// The packed browser package in small projects, one for each bundler: built, opened in Chromium, logged in.

import assert from "node:assert/strict";
import { cp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { inRoot } from "../../scripts/lib/paths.js";
import { bun, developing, runIn } from "./lib/packed.js";
import { logInBothWays, serving, shopProject, startWorld } from "./lib/shop.js";

/** "At most 12 KB gzip in a Vite build, everything included". */
const MAX_GZIP_BYTES = 12_000;

/** @type {import("./lib/shop.js").World} */
let world;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

/** The two pages as they stand, beside the modules that a bundler made for them. @param {string} folder */
async function copyPages(folder) {
  for (const page of ["index.html", "popup.html"])
    await cp(join(folder, page), join(folder, "dist", page));
}

/** @type {[string, string[], (folder: string) => Promise<unknown>][]} */
const BUNDLERS = [
  ["Vite", ["vite"], (folder) => runIn(folder, "vite", "build")],
  ["webpack", ["webpack"], (folder) => runIn(folder, "node", "build.js")],
  ["Rollup", ["rollup"], (folder) => runIn(folder, "rollup", "--config")],
  [
    "esbuild",
    [],
    (folder) =>
      runIn(
        folder,
        "esbuild",
        ...["main.js", "popup.js", "--bundle", "--minify", "--format=esm", "--outdir=dist"],
      ),
  ],
];

for (const [name, sources, build] of BUNDLERS) {
  test(`built with ${name}, a page logs a merchant in by redirect and in a popup`, async () => {
    const folder = await shopProject(world, name.toLowerCase(), ...sources);
    await build(folder);
    if (name !== "Vite") await copyPages(folder);
    await serving(join(folder, "dist"), (url) => logInBothWays(world, url));
  });
}

for (const [name, sources, build] of BUNDLERS) {
  test(`built with ${name}, what is imported and not used leaves nothing`, async () => {
    const folder = await shopProject(world, `unused-${name.toLowerCase()}`, ...sources);
    const unused = 'import { completeLogin, TillgateError } from "tillgate"; console.log("own");';
    await writeFile(join(folder, "main.js"), unused);
    await build(folder);
    const names = await readdir(join(folder, "dist"), { recursive: true });
    const scripts = names.filter((name) => name.endsWith(".js") && !name.includes("popup"));
    const code = await Promise.all(
      scripts.map((name) => readFile(join(folder, "dist", name), "utf8")),
    );
    assert.match(code.join(), /own/);
    assert.doesNotMatch(code.join(), /WebAssembly|replaceState|sessionStorage/);
  });
}

test("served by Vite's development server, a page logs a merchant in both ways", async () => {
  const folder = await shopProject(world, "vite-dev", "vite");
  await developing(folder, "vite", ["--host", "localhost", "--port", "0"], (url) =>
    logInBothWays(world, url),
  );
});

test("built with Bun, a page logs a merchant in by redirect and in a popup", async () => {
  const folder = await shopProject(world, "bun");
  await runIn(
    folder,
    await bun(),
    "build",
    "index.html",
    "popup.html",
    "--minify",
    "--outdir=dist",
  );
  await serving(join(folder, "dist"), (url) => logInBothWays(world, url));
});

test("without a bundler, an import map does, as the README has it", async () => {
  const folder = await shopProject(world, "import-map");
  const readme = await readFile(inRoot("pkg-js", "README.md"), "utf8");
  const [map] = /<script type="importmap">.*?<\/script>/s.exec(readme) ?? [];
  assert.ok(map);
  for (const name of ["index.html", "popup.html"]) {
    const path = join(folder, name);
    const page = await readFile(path, "utf8");
    await writeFile(path, page.replace("<script", `${map}\n    <script`));
  }
  await symlink(join(world.packed.root, "node_modules"), join(folder, "node_modules"));
  await serving(folder, (url) => logInBothWays(world, url));
});

test("a Vite build with everything in it is at most 12,000 bytes (gzip)", async () => {
  const folder = await world.packed.project("size");
  await writeFile(join(folder, "index.html"), '<script type="module" src="/all.js"></script>');
  await writeFile(
    join(folder, "all.js"),
    `import { completeLogin, loginUrl, popupLogin, startLogin, TillgateError } from "tillgate";
    globalThis.all = [completeLogin, loginUrl, popupLogin, startLogin, TillgateError];`,
  );
  await runIn(folder, "vite", "build");
  const assets = join(folder, "dist", "assets");
  const scripts = await Promise.all(
    (await readdir(assets)).map((name) => readFile(join(assets, name))),
  );
  const bytes = scripts.reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0);
  assert.ok(bytes > 0 && bytes <= MAX_GZIP_BYTES, `${bytes} bytes`);
});
