// Both packed packages as type checkers and package linters see them: strict TypeScript, publint, Are the types wrong.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.js";
import { installPacked, runIn } from "./lib/packed.js";

/** @type {Awaited<ReturnType<typeof installPacked>>} */
let packed;
before(async () => {
  packed = await installPacked(["pkg-js", "worker"]);
});
after(() => packed.remove());

test("publint has nothing to say about either package", async () => {
  for (const tarball of packed.tarballs) {
    const output = await runIn(packed.root, "publint", "run", tarball, "--strict");
    assert.match(output, /All good!/);
  }
});

test("the types of both packages resolve wherever ES modules do", async () => {
  for (const tarball of packed.tarballs)
    await runIn(packed.root, "attw", tarball, "--profile", "esm-only", "--no-color");
});

const WORKER_CONSUMER = `import { Hono } from "hono";
import tillgate, { Vault, type Caller, type PlatformApp, type TillgateConfig, type TillgateEnv } from "tillgate-worker";
export { default, Vault } from "tillgate-worker";

// What \`wrangler types\` generates for a project.
interface Env {
  VAULT: DurableObjectNamespace<Vault>;
  TILLGATE: { origins: ["https://shop.example"] };
  TILLGATE_SEAL_KEYS: string;
}
export const handler = tillgate satisfies ExportedHandler<Env>;
const app = new Hono<{ Bindings: Env }>();
app.all("/pos/*", (c) => tillgate.fetch(c.req.raw, c.env, c.executionCtx));
app.mount("/pos", tillgate.fetch, { replaceRequest: false });
export const bare = new Hono<{ Bindings: TillgateEnv }>().all("/pos/*", (c) => tillgate.fetch(c.req.raw, c.env));

const till: PlatformApp = { platform: "clover", region: "eu", client_id: "A", redirect_uri: "https://g.example/callback/till" };
const office: Caller = { key_sha256: "0f".repeat(32), apps: "*", can: ["api"] };
export const config: TillgateConfig = { base_path: "/pos", apps: { till }, callers: { office } };
// @ts-expect-error there is no such region
export const elsewhere: PlatformApp = { ...till, region: "us" };
// @ts-expect-error the Durable Object's binding is missing
void tillgate.fetch(new Request("https://g.example/health"), {});
`;

/** @type {[string, string][]} */
const RESOLUTIONS = [
  ["bundler", "esnext"],
  ["nodenext", "nodenext"],
];

/** This project's, and not the older one that comes with another package. */
const TSC = inRoot("node_modules", ".bin", "tsc");

for (const [moduleResolution, module] of RESOLUTIONS) {
  test(`the worker's types hold under strict TypeScript with ${moduleResolution} resolution`, async () => {
    const folder = await packed.project(moduleResolution);
    const types = [inRoot("node_modules", "@cloudflare", "workers-types")];
    const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
    const compilerOptions = { ...strict, noEmit: true, lib: ["es2022"], types };
    const config = { compilerOptions: { ...compilerOptions, module, moduleResolution } };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    await writeFile(join(folder, "consumer.ts"), WORKER_CONSUMER);
    assert.equal(await runIn(folder, TSC), "");
  });
}
