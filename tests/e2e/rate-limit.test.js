// Unknown keys are counted for the address that sends them, with the binding of worker/wrangler.jsonc as wrangler's own
// local rate limit counts it. Known keys are never counted and never refused, wherever they come from. Without the binding
// nothing is counted, and one that fails stands in nobody's way.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.js";
import { developing } from "../packages/lib/packed.js";
import { keyHash, SHOP } from "./configuration.js";
import { startStack } from "./fixtures.js";
import { send } from "./http.js";
import { assertProblem } from "./problems.js";
import { until } from "./until.js";

/** As in worker/wrangler.jsonc. */
const LIMIT = 60;
const KEY = `key-${randomBytes(24).toString("base64url")}`;
const CONFIGURATION = {
  origins: [SHOP],
  callers: { office: { key_sha256: keyHash(KEY), apps: ["*"], can: ["admin"] } },
};

/** @param {(ask: (headers: Record<string, string>) => ReturnType<typeof send>) => Promise<void>} use */
async function limited(use) {
  const folder = mkdtempSync(join(tmpdir(), "tillgate-limit-"));
  const variables = join(folder, "variables");
  writeFileSync(variables, `TILLGATE='${JSON.stringify(CONFIGURATION)}'\n`);
  const config = inRoot("worker", "wrangler.jsonc");
  const args = ["dev", "--config", config, "--env-file", variables, "--persist-to", folder];
  try {
    await developing(inRoot(), "wrangler", [...args, "--ip", "127.0.0.1", "--port", "0"], (url) =>
      use((headers) => send(url, "GET", "/connections", { headers })),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} key @param {string} address @param {Record<string, string>} [more] */
const from = (key, address, more) => ({
  authorization: `Bearer ${key}`,
  "cf-connecting-ip": address,
  ...more,
});

test("an address that keeps sending unknown keys is told to slow down, and nobody else is", async () => {
  await limited(async (ask) => {
    const [bad, other] = ["203.0.113.1", "203.0.113.2"];
    for (let index = 0; index < 2 * LIMIT; index += 1)
      assert.equal((await ask(from(KEY, bad))).status, 200, "a known key is not counted");

    let refused = 0;
    let answer = await ask(from("guess", bad));
    // The windows are those of the clock, so one may end on the way and the count begin anew.
    while (answer.status === 401 && refused <= 2 * LIMIT) {
      assertProblem(answer, "unauthenticated");
      refused += 1;
      answer = await ask(from(`guess-${refused}`, bad, { origin: SHOP }));
    }
    assert.ok(refused >= LIMIT && refused <= 2 * LIMIT, `${refused}`);
    assertProblem(answer, "rate_limited", { retry_after: 60 });
    assert.equal(answer.headers.get("access-control-allow-origin"), SHOP);

    assert.equal((await ask(from(KEY, bad))).status, 200, "the same address with a known key");
    assertProblem(await ask(from("guess", other)), "unauthenticated");
    assertProblem(await ask({ "cf-connecting-ip": bad }), "unauthenticated");
  });
});

for (const [what, vars] of /** @type {const} */ ([
  ["there is no rate limit", {}],
  ["the rate limit fails", { TILLGATE_RATE_LIMIT: "a text and no binding" }],
])) {
  test(`when ${what}, unknown keys are refused as ever`, async () => {
    const stack = await startStack({ vars });
    for (let index = 0; index < 2 * LIMIT; index += 1) {
      const headers = from(`guess-${index}`, "203.0.113.1");
      const answer = await stack.call("GET", "/connections", { as: null, headers });
      assertProblem(answer, "unauthenticated");
    }
    assert.equal((await stack.call("GET", "/connections")).status, 200);
    const isTold = () => stack.worker.logs().includes("asking the rate limit failed");
    if ("TILLGATE_RATE_LIMIT" in vars) await until(isTold, "a line in the log");
    else assert.ok(!isTold());
    await stack.stop();
  });
}
