// The packed worker as a user deploys it, without Rust: the README's examples pasted into fresh projects, what wrangler
// would upload, and the worker itself before a Clopos simulator, alone and inside a Hono application.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { inRoot } from "../../scripts/lib/paths.js";
import { MOST_UPLOAD_BYTES } from "../budget.js";
import { startSimulators } from "../simulators/index.js";
import { developing, installPacked, runIn } from "./lib/packed.js";

const KEY = "a-key-of-the-back-office";

/** @type {Awaited<ReturnType<typeof installPacked>>} */
let packed;
/** @type {Awaited<ReturnType<typeof startSimulators>>} */
let simulators;
/** @type {string} */
let readme;
before(async () => {
  [packed, simulators] = await Promise.all([installPacked(["worker"]), startSimulators()]);
  readme = await readFile(
    join(packed.root, "node_modules", "tillgate-worker", "README.md"),
    "utf8",
  );
});
after(() => Promise.all([packed.remove(), simulators.close()]));

/** The n-th example in a language. @param {string} language @param {number} [index] */
function example(language, index = 0) {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))];
  const code = blocks[index]?.[1];
  assert.ok(code, `the README has no ${language} example ${index}`);
  return code;
}

/** An example of wrangler.jsonc as a value. @param {number} index */
const settings = (index) => JSON.parse(example("jsonc", index).replaceAll(/^ *\/\/.*$/gm, ""));

/** The README's configuration with an app, filled in as a user would; the simulator stands in the platform's place. */
function configuration() {
  const { TILLGATE } = settings(1).vars;
  const clopos = `${simulators.clopos.url}/open-api`;
  TILLGATE.apps.cafe.client_id = "6553676e0d265ac837e8f79fc";
  TILLGATE.apps.cafe.endpoints = { token: `${clopos}/auth`, api: clopos };
  TILLGATE.callers["back-office"].key_sha256 = createHash("sha256").update(KEY).digest("hex");
  return TILLGATE;
}

/** The secrets beside it. */
const secrets = () =>
  [
    "CAFE_CLIENT_SECRET=seCyF_4vja6yddQxE2PlerET0Uhy8ASbJ36hO68PD3JM=",
    `TILLGATE_SEAL_KEYS=k1:${randomBytes(32).toString("base64url")}`,
  ].join("\n");

/**
 * A user's project.
 * @param {string} name @param {Record<string, string>} files
 */
async function project(name, files) {
  const folder = await packed.project(name);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** The first example, pasted. */
const firstExample = () =>
  project("first", { "src/index.js": example("js"), "wrangler.jsonc": example("jsonc") });

/**
 * A project with an app and a caller.
 * @param {string} main @param {string} code @param {object} [more] of the configuration
 */
const withApp = (main, code, more = {}) =>
  project("app", {
    [main]: code,
    ".dev.vars": secrets(),
    "wrangler.json": JSON.stringify({
      ...settings(0),
      main,
      vars: { TILLGATE: { ...configuration(), ...more } },
    }),
  });

/** @param {string} code */
const mounted = (code) => withApp("src/index.ts", code, { base_path: "/pos" });

/** @param {string} folder @param {(url: string) => Promise<void>} use */
const serving = (folder, use) =>
  developing(folder, "wrangler", ["dev", "--ip", "127.0.0.1", "--port", "0"], use);

/** The products of the simulated café. @param {string} base */
async function products(base) {
  const response = await fetch(`${base}/api/cafe/openapitest.1/menu/products`, {
    headers: { authorization: `Bearer ${KEY}` },
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

test("the first example, pasted, is uploaded whole and is not too large", async () => {
  const folder = await firstExample();
  const output = await runIn(folder, "wrangler", "deploy", "--dry-run", "--outdir", "out");
  assert.match(output, /env\.VAULT \(Vault\)\s+Durable Object/);
  const uploaded = (await readdir(join(folder, "out"))).filter((name) => /\.(js|wasm)$/.test(name));
  assert.equal(uploaded.length, 2);
  const files = await Promise.all(uploaded.map((name) => readFile(join(folder, "out", name))));
  const bytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  assert.ok(bytes <= MOST_UPLOAD_BYTES, `${bytes} bytes, gzip`);
});

test("the first example, pasted, runs and is well", async () => {
  await serving(await firstExample(), async (url) => {
    const { status, version } = await (await fetch(`${url}/health`)).json();
    assert.equal(status, "ok");
    assert.equal(
      version,
      JSON.parse(await readFile(inRoot("worker/package.json"), "utf8")).version,
    );
  });
});

test("with the README's app it calls the platform's API with a token of its own", async () => {
  await serving(await withApp("src/index.js", example("js")), async (url) => {
    assert.equal((await (await fetch(`${url}/health`)).json()).status, "ok");
    assert.ok((await products(url)).success);
  });
});

test("inside a Hono application it answers below its base path and nowhere else", async () => {
  await serving(await mounted(example("ts")), async (url) => {
    assert.equal(await (await fetch(url)).text(), "our own page");
    assert.equal((await (await fetch(`${url}/pos/health`)).json()).status, "ok");
    assert.ok((await products(`${url}/pos`)).success);
    assert.equal((await fetch(`${url}/health`)).status, 404);
  });
});

test("app.mount does the same if it hands over the request as it came", async () => {
  const [, mount] = /`(app\.mount\([^`]*\))`/.exec(readme) ?? [];
  assert.ok(mount);
  const code = example("ts").replace(/^app\.all\(.*$/m, `${mount};`);
  await serving(await mounted(code), async (url) => {
    assert.ok((await products(`${url}/pos`)).success);
  });
});

test("the tarball holds the worker, its types, its schemas, and nothing to build", async () => {
  const listing = await runIn(packed.root, "tar", "-tzf", packed.tarballs[0] ?? "");
  const files = listing.split("\n").map((path) => path.replace("package/", ""));
  const scripts = (await readdir(inRoot("worker"))).filter((name) => name.endsWith(".js"));
  const expected = [
    ...["LICENSE", "README.md", "STORAGE.md", "package.json", "openapi.json"],
    ...["config.schema.json", "wrangler.schema.json", "config.d.ts", "tillgate-worker.d.ts"],
    ...[
      "dist/tillgate_worker.js",
      "dist/tillgate_worker_bg.wasm",
      "dist/sbom.cdx.json",
      ...scripts,
    ],
  ];
  assert.deepEqual(files.sort(), expected.sort());
});
