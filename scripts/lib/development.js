// The configuration of a development run: every platform is a simulator, every secret is either one that the
// simulators accept or was made at random for this clone. Nothing here is fit for anything but development.

import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { StepError } from "./steps.js";

/** @typedef {import("./ports.js").Ports} Ports */
/** @typedef {{ apiKey: string, sealKey: string }} Keys */

/** The secrets that the simulators accept; those of Clopos and Clearline stand in the platforms' documentation. */
const CLOPOS_SECRET = "seCyF_4vja6yddQxE2PlerET0Uhy8ASbJ36hO68PD3JM=";
const CLEARLINE_SECRET = "s3cr3t!";
const CLOVER_SECRET = "clover-demo-secret";

const random = () => randomBytes(32).toString("base64url");

/**
 * This clone's keys, made at the first run.
 * @param {string} file
 * @returns {Keys}
 */
export function developmentKeys(file) {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    const keys = { apiKey: `dev-${random()}`, sealKey: `dev:${random()}` };
    writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  }
  try {
    const { apiKey, sealKey } = JSON.parse(readFileSync(file, "utf8"));
    if (typeof apiKey === "string" && typeof sealKey === "string") return { apiKey, sealKey };
  } catch {
    // Said below: it is no JSON.
  }
  throw new StepError(`${file} does not hold this clone's keys any more`, {
    advice:
      "npm start -- --clean makes new ones; what was stored with the old ones goes with them.",
  });
}

/**
 * The worker's configuration, as the README describes it.
 * @param {Ports} ports
 * @param {string} apiKey
 */
export function developmentConfig(ports, apiKey) {
  const clopos = `http://127.0.0.1:${ports.clopos}/open-api`;
  const clearline = `http://127.0.0.1:${ports.clearline}`;
  const clover = `http://127.0.0.1:${ports.clover}`;
  const cloposClient = "6553676e0d265ac837e8f79fc";
  return {
    origins: [`http://localhost:${ports.demo}`],
    apps: {
      cafe: {
        platform: "clopos",
        version: 1,
        client_id: cloposClient,
        accounts: ["openapitest.1", "openapitest.2"],
        allow: ["GET /**"],
        endpoints: { token: `${clopos}/auth`, api: `${clopos}/` },
      },
      cafe2: {
        platform: "clopos",
        version: 2,
        client_id: cloposClient,
        integrator_id: "test_jKsU96rq333b6PotTZfkgw",
        accounts: ["*"],
        allow: ["GET /**"],
        endpoints: { token: `${clopos}/v2/auth`, api: `${clopos}/v2/` },
      },
      loyalty: {
        platform: "clearline",
        environment: "test",
        client_id: "pos-demo",
        allow: ["GET /pos/*/status", "POST /pos/*/transaction"],
        endpoints: { token: `${clearline}/connect/token`, api: `${clearline}/` },
      },
      till: {
        platform: "clover",
        version: 1,
        region: "sandbox",
        client_id: "TILLGATEDEMO1",
        redirect_uri: `http://localhost:${ports.worker}/callback/till`,
        allow: ["GET /v3/merchants/{account}/**"],
        endpoints: {
          // The browser goes there, and keeps its cookies for the name it is shown.
          authorize: `http://localhost:${ports.clover}/oauth/authorize`,
          token: `${clover}/oauth/token`,
          api: `${clover}/`,
        },
      },
    },
    callers: {
      development: {
        key_sha256: createHash("sha256").update(apiKey).digest("hex"),
        apps: ["*"],
        can: ["api", "token", "admin"],
      },
    },
  };
}

/**
 * The text of the file for `wrangler dev --env-file`. Values are quoted so that nothing in them is expanded.
 * @param {Ports} ports
 * @param {Keys} keys
 */
export function developmentEnvironment(ports, { apiKey, sealKey }) {
  const values = {
    TILLGATE: JSON.stringify(developmentConfig(ports, apiKey)),
    TILLGATE_SEAL_KEYS: sealKey,
    CAFE_CLIENT_SECRET: CLOPOS_SECRET,
    CAFE2_CLIENT_SECRET: CLOPOS_SECRET,
    LOYALTY_CLIENT_SECRET: CLEARLINE_SECRET,
    TILL_CLIENT_SECRET: CLOVER_SECRET,
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}='${value}'`);
  return `# Made by npm start at each run. Development values only.\n${lines.join("\n")}\n`;
}
