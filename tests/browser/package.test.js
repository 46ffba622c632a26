// The package as it is packed: what is in it, what importing it does, and where it runs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { FORBIDDEN_WORDS, findWords } from "../../scripts/lib/browser-report.js";
import { execute, installedPackage, npm, PACKAGE } from "./harness.js";

/** "At most 12 KB gzip, everything included". */
const MAX_GZIP_BYTES = 12_000;

const ROOT = join(PACKAGE, "..");

/** @type {Awaited<ReturnType<typeof installedPackage>>} */
let project;
/** @type {string} */
let installed;

before(async () => {
  project = await installedPackage();
  installed = join(project.root, "node_modules", "tillgate");
});
after(() => project.remove());

/** @param {string} name @param {string} code @returns {Promise<string>} its path in the project */
async function write(name, code) {
  await writeFile(join(project.root, name), code);
  return join(project.root, name);
}

/** A minified bundle of a module of the project's. @param {string} entry @param {string[]} [conditions] */
async function bundle(entry, conditions = []) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    conditions,
    external: ["*.wasm"],
  });
  return outputFiles[0]?.text ?? "";
}

/** Runs a module in this Node. @param {string} name @param {string} code */
async function runInNode(name, code) {
  const path = await write(name, code);
  return (await execute(process.execPath, [path])).stdout.trim();
}

const EXPECTED_FILES = [
  ...["LICENSE", "README.md", "package.json", "index.d.ts", "index.js", "popup.d.ts", "popup.js"],
  ...["workerd.js", "dist/inline.js", "dist/report.json", "dist/sbom.cdx.json"],
  "dist/tillgate_bg.js",
  ...["dist/tillgate_bg.wasm", "lib/address.js", "lib/engine.js", "lib/errors.js", "lib/login.js"],
  ...["lib/messages.js", "lib/opener.js", "lib/redirect.js"],
];

test("the tarball holds exactly what it should", async () => {
  const { stdout } = await execute("tar", ["-tzf", project.tarball]);
  const files = stdout.trim().split("\n");
  assert.deepEqual(files.sort(), EXPECTED_FILES.map((name) => `package/${name}`).sort());
});

test("the report names every file with its hash", async () => {
  const report = JSON.parse(await readFile(join(installed, "dist", "report.json"), "utf8"));
  /** @type {{ path: string, sha256: string }[]} */
  const listed = report.files;
  for (const { path, sha256 } of listed) {
    const bytes = await readFile(join(installed, path));
    assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256, path);
  }
  const others = EXPECTED_FILES.filter((name) => name !== "dist/report.json");
  assert.deepEqual(listed.map(({ path }) => path).sort(), others.sort());
});

test("no file holds a forbidden word in any spelling, but for the report that lists them", async () => {
  const files = await Promise.all(
    EXPECTED_FILES.filter((name) => name !== "dist/report.json").map(async (path) => ({
      path,
      bytes: await readFile(join(installed, path)),
    })),
  );
  assert.deepEqual(findWords(files, FORBIDDEN_WORDS), []);
});

test("the scan finds a word in each spelling", () => {
  const word = "client_secret";
  const raw = Buffer.from(`x${word}y`);
  const percent = raw.toString("hex").replaceAll(/../g, "%$&");
  for (const text of [raw.toString(), raw.toString("hex"), percent, raw.toString("base64")]) {
    const files = [{ path: "file", bytes: Buffer.from(text) }];
    assert.deepEqual(findWords(files, [word]), [{ path: "file", word }], text);
  }
});

test("the module asks its page for nothing but where to put its decisions", async () => {
  const module = new WebAssembly.Module(await readFile(join(installed, "dist/tillgate_bg.wasm")));
  const names = WebAssembly.Module.imports(module).map(({ name }) =>
    name.replace(/^__wbg_(\w+)_[0-9a-f]{16}$/, "$1"),
  );
  assert.deepEqual(names.sort(), [
    ...["__wbindgen_init_externref_table", "__wbindgen_throw", "go", "granted"],
    ...["mistake", "refused", "unrelated"],
  ]);
});

test("packing what was not built fails and says what to do", async () => {
  const copy = await mkdtemp(join(tmpdir(), "tillgate-unbuilt-"));
  try {
    await cp(join(ROOT, "scripts"), join(copy, "scripts"), { recursive: true });
    await writeFile(join(copy, "package.json"), '{"type":"module"}');
    await mkdir(join(copy, "pkg-js"));
    await cp(join(PACKAGE, "package.json"), join(copy, "pkg-js", "package.json"));
    await assert.rejects(npm(["pack"], join(copy, "pkg-js")), /lacks inline\.js.*npm run build/);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});

test("a bundle with everything in it is at most 12,000 bytes (gzip)", async () => {
  const bytes = gzipSync(await bundle(await write("all.js", 'export * from "tillgate";')), {
    level: 9,
  }).length;
  assert.ok(bytes <= MAX_GZIP_BYTES, `${bytes} bytes`);
});

test("what is imported and not used leaves nothing in a bundle", async () => {
  const unused = 'import { completeLogin, TillgateError } from "tillgate"; console.log(1);';
  assert.equal((await bundle(await write("unused.js", unused))).trim(), "console.log(1);");
});

test("a bundle keeps the popup's import, which is all effect", async () => {
  const popup = await bundle(await write("popup.js", 'import "tillgate/popup";'));
  assert.match(popup, /BroadcastChannel/);
  assert.doesNotMatch(popup, /WebAssembly/);
});

test("on a server importing does nothing, there is no return, and URLs are built", async () => {
  const code = `
    const before = Reflect.ownKeys(globalThis).length;
    const { completeLogin, loginUrl, popupLogin, startLogin, TillgateError } = await import("tillgate");
    await import("tillgate/popup");
    const { url, state } = loginUrl({ clientId: "A B?".replace(/[ ?]/g, "-"), region: "la", merchantId: "M&1" });
    const caught = (attempt) => { try { attempt(); } catch (error) { return error.message; } };
    console.log(JSON.stringify({
      globals: Reflect.ownKeys(globalThis).length - before,
      login: completeLogin(),
      url: url.replace(state, "STATE"),
      state: /^[0-9a-f]{64}$/.test(state),
      start: caught(() => startLogin({ clientId: "A", region: "la" })),
      popup: await popupLogin({ clientId: "A", region: "la" }).catch((error) => error.message),
      error: new TillgateError("malformed", "text") instanceof Error,
    }));`;
  assert.deepEqual(JSON.parse(await runInNode("server.js", code)), {
    globals: 0,
    login: null,
    url: "https://la.clover.com/oauth/authorize?client_id=A-B-&response_type=token&state=STATE&merchant_id=M%261",
    state: true,
    start: "tillgate: startLogin needs a page in a browser",
    popup: "tillgate: popupLogin needs a page in a browser",
    error: true,
  });
});

const WORKER_CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "tillgate_bg.wasm", wasm = embed "node_modules/tillgate/dist/tillgate_bg.wasm"),
  ],
  compatibilityDate = "2026-07-01",
))]);`;

test("in workerd the module comes as a file, and URLs are built", async () => {
  const entry = await write(
    "worker-source.js",
    `import { completeLogin, loginUrl } from "tillgate";
    export default {
      async test() {
        const { url, state } = loginUrl({ clientId: "A", region: "eu" });
        if (url !== "https://eu.clover.com/oauth/authorize?client_id=A&response_type=token&state=" + state) throw new Error(url);
        if (completeLogin() !== null) throw new Error("a login without a page");
      },
    };`,
  );
  const code = await bundle(entry, ["workerd"]);
  assert.doesNotMatch(code, /[0-9a-f]{1000}/);
  await write("worker.js", code.replace(/"[^"]*\/tillgate_bg\.wasm"/, '"tillgate_bg.wasm"'));
  await write("config.capnp", WORKER_CONFIG);
  const workerd = join(ROOT, "node_modules", ".bin", "workerd");
  const { stderr } = await execute(workerd, ["test", "config.capnp"], { cwd: project.root });
  assert.match(stderr, /PASS/);
});

const CONSUMER = `import { completeLogin, popupLogin, TillgateError, type Login } from "tillgate";
import "tillgate/popup";
const login: Login | null = completeLogin({ clientId: "A" });
const token: string | undefined = login?.accessToken;
const other: Promise<Login> = popupLogin({ clientId: "A", region: "eu", signal: AbortSignal.abort() });
// @ts-expect-error there is no such region
void popupLogin({ clientId: "A", region: "us" });
try { void token; void other; } catch (error) {
  if (error instanceof TillgateError && error.code === "wasm_blocked") throw error;
}
`;

for (const [module, moduleResolution] of [
  ["esnext", "bundler"],
  ["nodenext", "nodenext"],
]) {
  test(`the types hold under strict TypeScript with ${moduleResolution} resolution`, async () => {
    await write("consumer.ts", CONSUMER);
    const options = [
      ...["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022"],
      ...["--lib", "es2022,dom", "--module", module ?? "", "--types", ""],
      ...["--moduleResolution", moduleResolution ?? "", "--skipLibCheck", "false"],
    ];
    const tsc = join(ROOT, "node_modules", ".bin", "tsc");
    const { stdout } = await execute(tsc, [...options, "consumer.ts"], { cwd: project.root });
    assert.equal(stdout, "");
  });
}
