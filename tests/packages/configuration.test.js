// The configuration as the worker reads it, as its JSON Schema describes it and as its types do: on the same examples
// they say the same, and on values of every wrong kind the schema never refuses what the worker takes.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.js";
import { testPackagesFolder } from "../../scripts/lib/test-packages.js";
import {
  changed,
  EXAMPLE,
  RIGHT,
  WRONG,
  WRONG_BY_TYPE,
  WRONG_BY_WORKER_ALONE,
} from "./lib/configurations.js";
import { installPacked, runIn } from "./lib/packed.js";

/** @typedef {import("./lib/configurations.js").Change} Change */
/** @typedef {(value: unknown) => boolean} Judge */

/** @type {Awaited<ReturnType<typeof installPacked>>} */
let packed;
/** @type {Judge} */
let schemaTakes;
/** @type {(configuration: unknown) => string[]} */
let mistakesOf;
before(async () => {
  packed = await installPacked(["worker"]);
  const installed = join(packed.root, "node_modules", "tillgate-worker");
  schemaTakes = await schema(installed);
  mistakesOf = await worker(installed);
});
after(() => packed.remove());

/** @param {string} folder @returns {Promise<any>} */
const json = async (folder) => JSON.parse(await readFile(folder, "utf8"));

/** A validator, which would refuse a schema that is none. */
function validator() {
  const Ajv = createRequire(join(testPackagesFolder(), "package.json"))("ajv").default;
  return new Ajv({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
}

/** @param {string} installed @returns {Promise<Judge>} */
async function schema(installed) {
  return validator().compile(await json(join(installed, "config.schema.json")));
}

/** The mistakes that the worker reports, secrets apart. @param {string} installed */
async function worker(installed) {
  const wasm = await import(join(installed, "dist", "tillgate_worker.js"));
  wasm.initSync({
    module: await readFile(join(installed, "dist", "tillgate_worker_bg.wasm")),
  });
  return (/** @type {unknown} */ configuration) => {
    const variables = ["TILLGATE", JSON.stringify(configuration)];
    const secrets = wasm
      .secretNames(variables)
      .filter((/** @type {string} */ name) => name !== "TILLGATE_SEAL_KEYS")
      .flatMap((/** @type {string} */ name) => [name, "a-secret-of-the-test"]);
    secrets.push("TILLGATE_SEAL_KEYS", "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    return wasm.configure(variables, secrets);
  };
}

/** @param {Change} change */
const named = ([path, value]) => `${path}: ${JSON.stringify(value) ?? "(removed)"}`;

test("what is right, the worker and the schema take", () => {
  for (const change of RIGHT) {
    assert.deepEqual(mistakesOf(changed(change)), [], named(change));
    assert.equal(schemaTakes(changed(change)), true, named(change));
  }
});

test("what is wrong, the worker and the schema refuse", () => {
  for (const change of [...WRONG, ...WRONG_BY_TYPE]) {
    assert.notDeepEqual(mistakesOf(changed(change)), [], named(change));
    assert.equal(schemaTakes(changed(change)), false, named(change));
  }
});

test("what a schema cannot know, the worker refuses", () => {
  for (const change of WRONG_BY_WORKER_ALONE) {
    assert.notDeepEqual(mistakesOf(changed(change)), [], named(change));
    assert.equal(schemaTakes(changed(change)), true, named(change));
  }
});

/** Every path in a configuration. @param {any} value @param {string} [path] @returns {string[]} */
function paths(value, path = "") {
  if (typeof value !== "object" || value === null) return [path];
  const below = Object.keys(value).flatMap((key) =>
    paths(value[key], path === "" ? key : `${path}.${key}`),
  );
  return path === "" ? below : [path, ...below];
}

const JUNK = [
  ...[undefined, null, true, 0, 1, 2, -1, 1.5, 1e300, "", " ", "x", "*", "/", "é", "\n"],
  ...["https://x.example", "GET /", [], [""], ["*"], ["x"], [1], [null], {}, { x: 1 }],
];

test("with any value in any place, worker and schema agree but for apps that do not exist", () => {
  for (const path of paths(EXAMPLE)) {
    for (const value of JUNK) {
      const configuration = changed([path, value]);
      const mistakes = mistakesOf(configuration);
      const known = mistakes.filter((mistake) => !mistake.includes("is no configured app"));
      assert.equal(
        schemaTakes(configuration),
        known.length === 0,
        `${named([path, value])}: ${mistakes.join(" ")}`,
      );
    }
  }
});

/** @param {string} name @param {unknown} configuration */
const constant = (name, configuration) =>
  `export const ${name}: TillgateConfig = ${JSON.stringify(configuration)};`;

test("the types take what is right, and refuse what has another form", async () => {
  const lines = [
    'import type { TillgateConfig } from "tillgate-worker";',
    ...RIGHT.map((change, index) => constant(`right${index}`, changed(change))),
    ...WRONG_BY_TYPE.flatMap((change, index) => [
      `// @ts-expect-error ${named(change)}`,
      constant(`wrong${index}`, changed(change)),
    ]),
  ];
  const folder = await packed.project("types");
  const types = [inRoot("node_modules", "@cloudflare", "workers-types")];
  const lib = ["es2022"];
  const compilerOptions = { strict: true, noEmit: true, module: "nodenext", lib, types };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  await writeFile(join(folder, "configurations.ts"), lines.join("\n"));
  assert.equal(await runIn(folder, inRoot("node_modules", ".bin", "tsc")), "");
});

test("in wrangler.jsonc the schema judges TILLGATE and its apps beside wrangler's own keys", async () => {
  const installed = join(packed.root, "node_modules", "tillgate-worker");
  const ajv = validator();
  // Words of VS Code's own.
  ajv.addVocabulary(["markdownDescription", "allowTrailingCommas"]);
  const base = "https://node_modules.example/";
  ajv.addSchema(
    await json(inRoot("node_modules", "wrangler", "config-schema.json")),
    `${base}wrangler/config-schema.json`,
  );
  ajv.addSchema(
    await json(join(installed, "config.schema.json")),
    `${base}tillgate-worker/config.schema.json`,
  );
  const wrangler = await json(join(installed, "wrangler.schema.json"));
  const takes = ajv.compile({ ...wrangler, $id: `${base}tillgate-worker/wrangler.schema.json` });

  const app = EXAMPLE.apps.cafe;
  const worker = { name: "tillgate", main: "index.js", vars: { TILLGATE: EXAMPLE, OTHER: "x" } };
  assert.equal(takes(worker), true, JSON.stringify(takes.errors));
  assert.equal(takes({ ...worker, vars: { TILLGATE: "{}", TILLGATE_APP_CAFE: app } }), true);
  assert.equal(takes({ ...worker, vars: { TILLGATE: { origin: [] } } }), false);
  assert.equal(takes({ ...worker, vars: { TILLGATE_APP_CAFE: { ...app, version: 3 } } }), false);
  assert.equal(takes({ ...worker, env: { x: { vars: { TILLGATE: { apps: 1 } } } } }), false);
  assert.equal(takes({ ...worker, nmae: "x" }), false);
});
