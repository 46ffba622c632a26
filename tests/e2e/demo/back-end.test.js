// The demo shop's back-end and program without a browser: whom it answers, and what it says when it cannot start.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readSettings } from "../../../demo/lib/settings.js";
import { startDemo } from "../../../demo/lib/start.js";
import { keepPacked, packBrowser } from "../../../scripts/lib/pack.js";
import { BROWSER_TARBALL, inRoot } from "../../../scripts/lib/paths.js";

const SETTINGS = {
  port: 0,
  // Nothing listens there: what is tested here must not depend on a worker.
  workerUrl: "http://127.0.0.1:9",
  tarball: BROWSER_TARBALL,
  apiKey: "a-key-for-tests",
  clientId: "CLIENT",
  authorizeUrl: "http://localhost/oauth/authorize",
  simulators: {},
};

/** @type {import("../../../demo/lib/start.js").Demo} */
let demo;

before(async () => {
  await packBrowser();
  demo = await startDemo(SETTINGS);
});

after(() => demo?.close());

/**
 * A tarball of one script, named like the package.
 * @param {import("node:test").TestContext} t
 */
async function smallPackage(t) {
  const root = mkdtempSync(join(tmpdir(), "tillgate-small-"));
  t.after(() => rmSync(root, { recursive: true }));
  const folder = join(root, "tillgate");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "name": "tillgate", "version": "1.0.0" }');
  writeFileSync(join(folder, "index.js"), "export const packed = true;");
  const tarball = join(root, "small.tgz");
  await keepPacked({ folder, tarball, stamps: join(root, "stamps") });
  return tarball;
}

/**
 * @param {string} method
 * @param {string} path as it goes over the wire
 * @param {Record<string, string>} [headers]
 */
async function ask(method, path, headers = {}) {
  const { hostname, port } = new URL(demo.url);
  const asked = request({ host: "127.0.0.1", port, method, path, headers });
  asked.setHeader("host", headers.host ?? `${hostname}:${port}`);
  asked.end();
  const [response] = await once(asked, "response");
  const body = (await response.setEncoding("utf8").toArray()).join("");
  return { status: response.statusCode, headers: response.headers, body };
}

test("only its own name is answered, so that no other name can be led to it", async () => {
  const { port } = new URL(demo.url);
  assert.equal((await ask("GET", "/", { host: `evil.example:${port}` })).status, 421);
  const byAddress = await ask("GET", "/", { host: `127.0.0.1:${port}` });
  assert.deepEqual([byAddress.status, byAddress.headers.location], [307, `${demo.url}/`]);
});

test("another site's page cannot spend the shop's API key", async () => {
  const foreign = await ask("POST", "/shop/loyalty/stamp", { origin: "https://evil.example" });
  assert.equal(foreign.status, 403);
  const own = await ask("POST", "/shop/loyalty/stamp", { origin: demo.url });
  assert.equal(own.status, 502);
});

test("only the page's files and scripts of the package are served", async () => {
  assert.equal((await ask("GET", "/vendor/tillgate/index.js")).status, 200);
  const hidden = [
    "/../server.js",
    "/%2e%2e/server.js",
    "/vendor/tillgate/Cargo.toml",
    "/index.html",
  ];
  for (const path of [...hidden, "/vendor/tillgate/../package.json", "//", "/style"]) {
    assert.equal((await ask("GET", path)).status, 404, path);
  }
});

test("the package comes out of its tarball and never out of its folder", async (t) => {
  const tarball = await smallPackage(t);
  const shop = await startDemo({ ...SETTINGS, tarball });
  t.after(shop.close);
  /** @param {string} name */
  const vendor = (name) => fetch(`${shop.url}/vendor/tillgate/${name}`);
  assert.equal(await (await vendor("index.js")).text(), "export const packed = true;");
  // They lie in pkg-js, and are not in this tarball.
  for (const name of ["popup.js", "lib/login.js", "dist/inline.js"]) {
    assert.equal(existsSync(inRoot("pkg-js", name)), true, name);
    assert.equal((await vendor(name)).status, 404, name);
  }
});

test("a tarball that is none is named", async () => {
  for (const tarball of [inRoot("no-such.tgz"), inRoot("package.json")])
    await assert.rejects(startDemo({ ...SETTINGS, tarball }), ({ message }) =>
      message.startsWith(`${tarball} is no package that npm packed: `),
    );
});

test("the document's policy allows no script but its own files, its import map and wasm", async () => {
  const { headers, body } = await ask("GET", "/");
  const policy = String(headers["content-security-policy"]);
  assert.match(
    policy,
    /default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-[\w+/]+='/,
  );
  assert.match(policy, /connect-src 'self' http:\/\/127\.0\.0\.1:9;/);
  assert.equal(policy.includes("unsafe-inline"), false);
  assert.equal(body.includes("a-key-for-tests"), false);
});

test("a worker that does not answer is a problem document", async () => {
  const { status, headers, body } = await ask("GET", "/shop/menu/v1/products");
  assert.deepEqual([status, headers["content-type"]], [502, "application/problem+json"]);
  assert.equal(JSON.parse(body).title, "tillgate does not answer");
});

test("without simulators nothing can be made to fail", async () => {
  assert.equal((await ask("POST", "/shop/what-if/clopos-down")).status, 404);
});

test("settings that are missing or wrong are named", () => {
  assert.throws(() => readSettings({}, "8080"), /TILLGATE_API_KEY/);
  const known = { TILLGATE_API_KEY: "key" };
  assert.throws(
    () => readSettings({ ...known, TILLGATE_URL: "gate" }, "8080"),
    /TILLGATE_URL.*gate/,
  );
  assert.throws(() => readSettings(known, "eighty"), /--port.*eighty/);
});

test("the program says why it does not start", async () => {
  const child = execFile(process.execPath, [inRoot("demo", "server.js")], { env: {} });
  const [said, [code]] = await Promise.all([child.stderr?.toArray(), once(child, "exit")]);
  assert.match(`${said}`, /^demo shop: TILLGATE_API_KEY/);
  assert.equal(code, 1);
});
