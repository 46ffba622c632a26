// What the browser tests share: the package as a user gets it (packed and installed), a shop that serves it, Chromium
// with a fresh profile, and the Clover simulator. What is tested is in the *.test.js files.

/// <reference path="./globals.d.ts" />

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startChromium } from "../e2e/harness/chromium.js";
import { startSimulators } from "../simulators/index.js";

export const execute = promisify(execFile);

export const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "pkg-js");

export const CLIENT_ID = "TILLGATEDEMO1";

/** Runs npm as a shell would, without its notices. @param {string[]} args @param {string} cwd */
export const npm = (args, cwd) =>
  execute("npm", [...args, "--loglevel=error", "--no-audit", "--no-fund"], { cwd });

/**
 * An empty project in which the packed package is installed.
 * @returns {Promise<{ root: string, tarball: string, remove: () => Promise<void> }>}
 */
export async function installedPackage() {
  const root = await mkdtemp(join(tmpdir(), "tillgate-project-"));
  await npm(["pack", "--pack-destination", root], PACKAGE);
  const filename = (await readdir(root)).find((name) => name.endsWith(".tgz")) ?? "";
  await writeFile(join(root, "package.json"), '{"private":true,"type":"module"}');
  await npm(["install", "--offline", join(root, filename)], root);
  return {
    root,
    tarball: join(root, filename),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

const TYPES = new Map([
  ["html", "text/html"],
  ["js", "text/javascript"],
  ["json", "application/json"],
]);

const IMPORT_MAP = JSON.stringify({
  imports: {
    tillgate: "/node_modules/tillgate/index.js",
    "tillgate/popup": "/node_modules/tillgate/popup.js",
  },
});

/** A page that runs a module with the package in reach. @param {string} script */
export const html = (script) => `<!doctype html><meta charset="utf-8"><title>shop</title>
<link rel="icon" href="data:,">
<script type="importmap">${IMPORT_MAP}</script>
<script type="module">${script}</script>`;

/** A page whose test calls the package itself. */
export const BLANK = html(`import * as tillgate from "tillgate"; window.tillgate = tillgate;`);

/** The page that popups return to, as the README has it. */
export const POPUP = html(`import "tillgate/popup";`);

/** @typedef {{ body: string, headers?: Record<string, string> }} Page */

/**
 * A shop on loopback: pages by path, and everything below its project's folder.
 * @param {string} root
 * @param {Record<string, Page>} pages
 */
export async function startShop(root, pages) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://shop").pathname;
    const page = pages[path];
    response.setHeader("cache-control", "no-store");
    response.setHeader(
      "content-type",
      page ? "text/html" : (TYPES.get(path.split(".").at(-1) ?? "") ?? "text/plain"),
    );
    for (const [name, value] of Object.entries(page?.headers ?? {}))
      response.setHeader(name, value);
    const body = page?.body ?? (await readFile(join(root, normalize(path))).catch(() => null));
    response.statusCode = body === null ? 404 : 200;
    response.end(body ?? "not found");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Everything that a test file needs, and one call that ends it all.
 * @param {Record<string, Page>} pages
 * @param {Parameters<typeof startChromium>[0]} [options]
 */
export async function startWorld(pages, options) {
  const [project, browser, simulators] = await Promise.all([
    installedPackage(),
    startChromium(options),
    startSimulators(),
  ]);
  const shop = await startShop(project.root, pages);
  const { clover } = simulators;
  return {
    project,
    browser,
    shop,
    clover,
    authorizeUrl: `${clover.url}/oauth/authorize`,
    /** The token that Clover issued last. */
    lastToken: () => clover.control.tokens.list().at(-1)?.token ?? "",
    async close() {
      await browser.close();
      await Promise.all([shop.close(), simulators.close()]);
      await project.remove();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof startWorld>>} World */
