// What a reader copies out of README.md, with simulators in the platforms' place: every configuration and every call.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { unstable_readConfig } from "wrangler";
import { startWorker } from "../e2e/harness/worker.js";
import { startSimulators } from "../simulators/index.js";
import { blocks, curls, document } from "./markdown.js";

/** @typedef {import("../simulators/index.js").Simulators} Simulators */
/** @typedef {import("../e2e/harness/worker.js").RunningWorker} RunningWorker */
/** @typedef {{ [key: string]: any }} Json any: it is what the README says */

const README = blocks(document("README.md"));
const KEY = "0123456789abcdef0123456789abcdef";
const KEY_SHA256 = createHash("sha256").update(KEY).digest("hex");

/** The secrets of the reader's registrations, under the names that the README gives them. */
const SECRETS = {
  TILLGATE_SEAL_KEYS: "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
  CAFE_CLIENT_SECRET: "seCyF_4vja6yddQxE2PlerET0Uhy8ASbJ36hO68PD3JM=",
  CAFE2_CLIENT_SECRET: "seCyF_4vja6yddQxE2PlerET0Uhy8ASbJ36hO68PD3JM=",
  LOYALTY_CLIENT_SECRET: "s3cr3t!",
  TILL_EU_CLIENT_SECRET: "clover-secret",
  TILL_LA_CLIENT_SECRET: "clover-secret",
  TILL_SANDBOX_CLIENT_SECRET: "clover-secret",
};

/** The code blocks of a language below a heading. @param {string} heading @param {string} language */
function under(heading, language) {
  const found = README.filter((block) => block.heading === heading && block.language === language);
  assert.notEqual(found.length, 0, `the README has no ${language} block below ${heading}`);
  return found.map(({ code }) => code);
}

/** The configuration of the deployment, as it stands there. @returns {Json} */
const deployed = () => JSON.parse(under("Deploy in five minutes", "json")[0] ?? "").vars.TILLGATE;

/** The same, with the hash of a key where it asks for one. */
function withKey() {
  const config = deployed();
  config.callers["back-office"].key_sha256 = KEY_SHA256;
  return config;
}

const PLATFORMS = ["Clopos v1", "Clopos v2", "Clearline", "Clover"];

/** The apps of all platforms, as they stand there. @returns {Json} */
const platforms = () =>
  Object.assign(
    {},
    ...PLATFORMS.flatMap((name) => under(name, "json")).map((code) => JSON.parse(code)),
  );

/** Puts simulators in the platforms' place. @param {Json} apps @param {Simulators} simulators */
function simulated(apps, { clopos, clearline, clover }) {
  const endpoints = {
    clopos: (/** @type {Json} */ { version }) => {
      const api = `${clopos.url}/open-api${version === 2 ? "/v2" : ""}`;
      return { api, token: `${api}/auth` };
    },
    clearline: () => ({ api: clearline.url, token: `${clearline.url}/connect/token` }),
    clover: () => {
      const [authorize, token] = ["authorize", "token"].map(
        (name) => `${clover.url}/oauth/${name}`,
      );
      return { api: clover.url, authorize, token };
    },
  };
  const changed = Object.entries(apps).map(([name, app]) => {
    const platform = /** @type {keyof typeof endpoints} */ (app.platform);
    // The simulator sends a browser back there; these tests follow it to the worker wherever that listens.
    const local = app.redirect_uri && { redirect_uri: `http://127.0.0.1/callback/${name}` };
    return [name, { ...app, ...local, endpoints: endpoints[platform](app) }];
  });
  return Object.fromEntries(changed);
}

/** @type {Simulators} */
let simulators;
/** @type {RunningWorker} */
let worker;

before(async () => {
  const ids = ["YOUR_APP_ID", "YOUR_SANDBOX_APP_ID"];
  const apps = ids.map((client_id) => ({ client_id, client_secret: "clover-secret" }));
  simulators = await startSimulators({ clover: { apps, settings: { consent: "allow" } } });
  const config = { ...withKey(), apps: simulated(platforms(), simulators) };
  worker = await startWorker({ config, secrets: SECRETS });
});
after(async () => {
  // Either is absent if it could not be started.
  await worker?.stop();
  await simulators?.close();
});

/** The calls of a platform's block, in their order. @param {string} platform */
const calls = (platform) =>
  under(platform, "sh").flatMap((code) => curls(code, { GATE: worker.url, KEY }));

/** @param {{ url: string }} call */
const send = ({ url, ...init }) => fetch(url, init);

test("every app's configuration is accepted as it stands, presets included", async () => {
  const config = { ...withKey(), apps: platforms() };
  const own = await startWorker({ config, secrets: SECRETS });
  const health = await fetch(`${own.url}/health`);
  assert.deepEqual(await health.json(), { status: "ok", version: "0.1.0" }, own.logs());
  await own.stop();
});

test("the callers with JWTs are accepted as they stand", async () => {
  const [callers = ""] = under("Callers with JWTs", "json");
  const config = { ...withKey(), apps: platforms(), callers: JSON.parse(callers) };
  const own = await startWorker({ config, secrets: SECRETS });
  const health = await fetch(`${own.url}/health`);
  assert.equal((await health.json()).status, "ok", own.logs());
  await own.stop();
});

test("the deployment's configuration is accepted once it holds a key's hash, and not before", async () => {
  for (const [config, status] of [
    [withKey(), "ok"],
    [deployed(), "config_invalid"],
  ]) {
    const own = await startWorker({ config, secrets: SECRETS });
    const health = await fetch(`${own.url}/health`);
    assert.equal((await health.json()).status, status, own.logs());
    await own.stop();
  }
});

test("what stands in comments in wrangler.jsonc counts once its slashes are taken away", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "tillgate-wrangler-"));
  t.after(() => rm(folder, { recursive: true }));
  const config = join(folder, "wrangler.jsonc");
  await writeFile(config, document("worker/wrangler.jsonc").replaceAll(/^ *\/\/ (?=")/gm, ""));
  const { routes, vars } = unstable_readConfig({ config }, { hideWarnings: true });
  assert.deepEqual([routes?.length, Object.keys(vars)], [1, ["TILLGATE"]]);
});

test("the deployment's check answers what the README says, also while a secret is missing", async () => {
  const [check] = under("Deploy in five minutes", "sh").filter((code) => code.includes("/health"));
  const config = { ...withKey(), apps: simulated(deployed().apps, simulators) };
  const { CAFE_CLIENT_SECRET, ...tooFew } = SECRETS;
  for (const [secrets, statuses] of /** @type {const} */ ([
    [SECRETS, [200, 200, 200]],
    [tooFew, [200, 503, 503]],
  ])) {
    const own = await startWorker({ config, secrets });
    const answers = await Promise.all(curls(check ?? "", { GATE: own.url, KEY }).map(send));
    assert.deepEqual(
      answers.map(({ status }) => status),
      statuses,
    );
    if (!("CAFE_CLIENT_SECRET" in secrets)) {
      const errors = (await answers[1]?.json())?.errors ?? [];
      assert.deepEqual(
        errors.map((/** @type {Json} */ { path }) => path),
        ["CAFE_CLIENT_SECRET"],
      );
    }
    await own.stop();
  }
});

for (const platform of ["Clopos v1", "Clopos v2", "Clearline"]) {
  test(`every call of ${platform} is answered by the platform`, async () => {
    const all = calls(platform);
    assert.ok(all.length >= 2);
    for (const call of all) {
      const answer = await send(call);
      assert.equal(answer.status, 200, `${call.method} ${call.url}: ${await answer.text()}`);
    }
  });
}

/** Follows a login to its end. @param {Response} begun @returns {Promise<Response>} */
async function follow(begun) {
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const allowed = await fetch(begun.headers.get("location") ?? "", { redirect: "manual" });
  const back = new URL(allowed.headers.get("location") ?? "");
  const headers = { cookie };
  return fetch(`${worker.url}${back.pathname}${back.search}`, { headers, redirect: "manual" });
}

test("Clover's calls lead through the login to the merchant's orders", async () => {
  const [login, orders] = calls("Clover");
  assert.ok(login && orders);
  const early = await send(orders);
  assert.equal((await early.json()).code, "login_required");
  const arrived = await follow(await send(login));
  assert.deepEqual([arrived.status, arrived.headers.get("location")], [303, "/health"]);
  assert.equal((await send(orders)).status, 200);
});

test("nothing that the README's calls sent is undocumented", () => simulators.assertDocumented());
