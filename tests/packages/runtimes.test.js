// The packed browser package where there is no page: Node, Deno, Bun and Cloudflare's runtime run the same server.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { npmEnvironment } from "../../scripts/lib/paths.js";
import { bun, deno, developing, installPacked, runIn } from "./lib/packed.js";

/** @type {Awaited<ReturnType<typeof installPacked>>} */
let packed;
/** @type {string} */
let folder;
before(async () => {
  packed = await installPacked(["pkg-js"]);
  folder = await packed.project("server", "app");
});
after(() => packed.remove());

const EXPECTED = {
  login: null,
  url: "https://eu.clover.com/oauth/authorize?client_id=A&response_type=token&state=STATE&merchant_id=M%261",
  stateLength: 64,
  start: "tillgate: startLogin needs a page in a browser",
  popup: "tillgate: popupLogin needs a page in a browser",
  error: "malformed",
};

/** The machine's own Node, or if that is another version, the one from npm. @returns {Promise<string[]>} */
async function node20() {
  const PATH = npmEnvironment().PATH ?? "";
  const own = await runIn(folder, "env", `PATH=${PATH}`, "node", "--version").catch(() => "");
  return own.startsWith("v20.")
    ? ["env", `PATH=${PATH}`, "node"]
    : ["npm", "exec", "--yes", "--package=node@20", "--", "node"];
}

/** The project's own. @returns {Promise<string[]>} */
async function node24() {
  assert.match(await runIn(folder, "node", "--version"), /^v24\./);
  return ["node"];
}

/** @type {[string, () => Promise<string[]>][]} */
const RUNTIMES = [
  ["Node 20", node20],
  ["Node 24", node24],
  ["Deno", async () => [await deno(), "run", "--cached-only", "--no-prompt"]],
  ["Bun", async () => [await bun()]],
];

for (const [name, program] of RUNTIMES) {
  test(`on ${name} importing does nothing and URLs are built`, async () => {
    const [command = "", ...args] = await program();
    const output = await runIn(folder, command, ...args, "server.js");
    assert.deepEqual(JSON.parse(output.trim().split("\n").at(-1) ?? ""), EXPECTED);
  });
}

test("in a Worker that wrangler bundles, URLs are built", async () => {
  const worker = await packed.project("workerd");
  await writeFile(
    join(worker, "wrangler.json"),
    '{ "name": "shop", "main": "index.js", "compatibility_date": "2026-11-01" }',
  );
  await writeFile(
    join(worker, "index.js"),
    `import { completeLogin, loginUrl } from "tillgate";
    export default { fetch() {
      const { url, state } = loginUrl({ clientId: "A", region: "eu", merchantId: "M&1" });
      return Response.json({ url: url.replace(state, "STATE"), login: completeLogin() });
    } };`,
  );
  const args = ["dev", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"];
  await developing(worker, "wrangler", args, async (url) => {
    const { url: login, login: nobody } = await (await fetch(url)).json();
    assert.equal(login, EXPECTED.url);
    assert.equal(nobody, null);
  });
});
