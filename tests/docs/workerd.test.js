// The worker on plain workerd as README.md shows it: its lines, docs/workerd.capnp as it stands, another port.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "../../scripts/lib/exec.js";
import { inRoot, toolEnvironment } from "../../scripts/lib/paths.js";
import { releasedWorker } from "../e2e/harness/artifact.js";
import { listening, WORKERD } from "../e2e/harness/worker.js";
import { blocks, document } from "./markdown.js";

const SECRETS = {
  TILLGATE_SEAL_KEYS: "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
  CAFE_CLIENT_SECRET: "seCyF_4vja6yddQxE2PlerET0Uhy8ASbJ36hO68PD3JM=",
};
const CAFE = { platform: "clopos", client_id: "A", accounts: ["openapitest.1"] };

/** @type {string} */
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tillgate-workerd-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** The README's lines between wrangler, whose modules are there already, and workerd. */
function preparation() {
  const block = blocks(document("README.md")).find(({ code }) => code.includes("workerd serve"));
  const lines = (block?.code ?? "").split("\n").filter((line) => /^(sed|mkdir) /.test(line));
  assert.equal(lines.length, 2);
  return lines.join("\n");
}

/** What the README's lines begin with: a clone in which wrangler has written the modules. */
async function prepare() {
  const { directory, modules } = await releasedWorker();
  await mkdir(join(folder, "out"));
  for (const name of modules) await cp(join(directory, name), join(folder, "out", name));
  await cp(inRoot("docs"), join(folder, "docs"), { recursive: true });
  await writeFile(join(folder, "out", "tillgate.json"), JSON.stringify({ apps: { cafe: CAFE } }));
  await run("sh", ["-ec", preparation()], { cwd: folder, env: toolEnvironment() });
}

/** @param {Record<string, string>} secrets @returns {Promise<{ status: string }>} what /health says */
async function health(secrets) {
  const args = ["serve", "workerd.capnp", "--control-fd=3", "--socket-addr=http=127.0.0.1:0"];
  const child = spawn(WORKERD, args, {
    cwd: join(folder, "out"),
    env: { PATH: process.env.PATH, ...secrets },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  let output = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  try {
    const port = await listening(child, () => output);
    return await (await fetch(`http://127.0.0.1:${port}/health`)).json();
  } finally {
    child.kill();
    await ended;
  }
}

test("the example for plain workerd serves the worker, with its secrets from the environment", async () => {
  await prepare();
  assert.equal((await health(SECRETS)).status, "ok");
  assert.equal((await health({})).status, "config_invalid");
});

test("the example for plain workerd has the date and flags of wrangler.jsonc", async () => {
  const { compatibilityDate, compatibilityFlags } = await releasedWorker();
  const example = document("docs/workerd.capnp");
  assert.ok(example.includes(`compatibilityDate = "${compatibilityDate}"`));
  assert.ok(
    example.includes(`compatibilityFlags = ["${compatibilityFlags.join('", "')}"]`),
    "other flags",
  );
});
