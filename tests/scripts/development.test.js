// The settings of a development run: its ports, its keys, and the file that the worker is configured with.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { developmentEnvironment, developmentKeys } from "../../scripts/lib/development.js";
import { choosePorts, requireFreePorts } from "../../scripts/lib/ports.js";
import { exampleCalls } from "../../scripts/lib/welcome.js";

const DEFAULTS = { worker: 8787, demo: 8080, clopos: 9101, clearline: 9102, clover: 9103 };

test("a flag goes before an environment variable, and that before the default", () => {
  const environment = { TILLGATE_PORT: "1000", TILLGATE_DEMO_PORT: "1001" };
  const ports = choosePorts({ port: "2000" }, environment);
  assert.deepEqual(ports, { ...DEFAULTS, worker: 2000, demo: 1001 });
});

test("what is no port is refused by the name under which it was given", () => {
  assert.throws(() => choosePorts({ "clover-port": "x" }, {}), /--clover-port is x/);
  assert.throws(() => choosePorts({}, { TILLGATE_PORT: "70000" }), /TILLGATE_PORT is 70000/);
});

test("one port twice is refused", () => {
  assert.throws(() => choosePorts({ port: "8080" }, {}), /two of the ports are the same/);
});

test("a busy port is named together with the flag and the variable that change it", async () => {
  const server = createServer();
  const port = await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(Reflect.get(server.address() ?? {}, "port")));
  });
  /** @param {{ detail?: string }} error */
  const namesIt = ({ detail = "" }) =>
    detail.includes(`port ${port} (demo)`) &&
    detail.includes("TILLGATE_DEMO_PORT=… or --demo-port");
  await assert.rejects(requireFreePorts({ ...DEFAULTS, demo: port }), namesIt);
  server.close();
});

test("keys are made once, for their owner alone, and kept", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tillgate-keys-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "state", "keys.json");
  const keys = developmentKeys(file);
  assert.match(keys.sealKey, /^dev:[\w-]{43}$/);
  assert.deepEqual(developmentKeys(file), keys);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  writeFileSync(file, "{}");
  assert.throws(() => developmentKeys(file), /does not hold this clone's keys/);
});

test("the worker gets one line of JSON that holds the key's hash and no secret", () => {
  const keys = { apiKey: "dev-key", sealKey: "dev:seal" };
  const lines = developmentEnvironment({ ...DEFAULTS, clopos: 4444 }, keys).split("\n");
  const value = lines.find((line) => line.startsWith("TILLGATE="))?.slice("TILLGATE='".length, -1);
  const config = JSON.parse(value ?? "");
  const hash = createHash("sha256").update("dev-key").digest("hex");
  assert.equal(config.callers.development.key_sha256, hash);
  assert.equal(config.apps.cafe.endpoints.token, "http://127.0.0.1:4444/open-api/auth");
  for (const secret of ["dev-key", "dev:seal", "s3cr3t!", "clover-demo-secret", "seCyF_"]) {
    assert.ok(!value?.includes(secret), secret);
  }
});

test("every quoted value of the settings file survives a reader that expands", () => {
  const text = developmentEnvironment(DEFAULTS, { apiKey: "dev-key", sealKey: "dev:seal" });
  for (const line of text.trimEnd().split("\n").slice(1))
    assert.match(line, /^[A-Z0-9_]+='[^'$\\]*'$/);
});

test("the calls that are shown name the chosen port and the clone's key", () => {
  for (const [, call] of exampleCalls({ ...DEFAULTS, worker: 5555 }, "dev-key")) {
    assert.match(call, /^curl .*"Authorization: Bearer dev-key" http:\/\/localhost:5555\//);
  }
});
