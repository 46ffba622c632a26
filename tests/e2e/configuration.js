// The configuration that the end-to-end tests share: two apps on each platform against the simulators, and callers of
// every kind. Every secret in it is a canary: random, made for one run, and looked for in everything that comes out.

import { createHash, randomBytes } from "node:crypto";

/** @import { SimulatorOptions, Simulators } from "../simulators/index.js" */

/**
 * @typedef {"clopos" | "clearline" | "clover"} PlatformName
 *
 * @typedef {object} Canaries
 * @property {Record<AppName, string>} secrets client secrets
 * @property {Record<CallerName, string>} keys what callers send after `Bearer `
 * @property {string} sealKeys
 *
 * @typedef {keyof typeof APPS} AppName
 * @typedef {keyof typeof CALLERS} CallerName
 */

/** The apps, and at which platform each is registered under which client id. */
export const APPS = {
  cafe: { platform: "clopos", client_id: "cafe-at-clopos-1" },
  bistro: { platform: "clopos", client_id: "bistro-at-clopos-1" },
  cafe2: { platform: "clopos", client_id: "cafe-at-clopos-2" },
  loyalty: { platform: "clearline", client_id: "loyalty-pos" },
  "loyalty-two": { platform: "clearline", client_id: "loyalty-two-pos" },
  till: { platform: "clover", client_id: "TILLAPP000001" },
  "till-two": { platform: "clover", client_id: "TILLAPP000002" },
};

/** The callers. Only `office` may everything. */
export const CALLERS = {
  office: { apps: ["*"], can: ["api", "token", "admin"] },
  api: { apps: ["*"], can: ["api"] },
  token: { apps: ["*"], can: ["token"] },
  admin: { apps: ["*"], can: ["admin"] },
  /** One app of seven. */
  kitchen: { apps: ["cafe"], can: ["api", "token", "admin"] },
  /** One account of twenty. */
  counter: { apps: ["cafe"], accounts: ["openapitest.1"], can: ["api", "token", "admin"] },
};

/** The page that may call from a browser. */
export const SHOP = "https://shop.example";
/** The venues that exist at the simulator, as accounts of `cafe`. */
export const VENUES = Array.from({ length: 20 }, (_, index) => `openapitest.${index + 1}`);

const random = () => randomBytes(24).toString("base64url");

/** Every client secret with what its platform's are known for: `=` at Clopos, and what Basic has to encode at Clearline. */
const SECRET_FORMS = {
  clopos: () => `${random()}=`,
  clearline: () => `${random()}+%41: é!`,
  clover: random,
};

/** @returns {Canaries} fresh ones */
export function canaries() {
  const secrets = Object.entries(APPS).map(([name, { platform }]) => [
    name,
    SECRET_FORMS[/** @type {PlatformName} */ (platform)](),
  ]);
  const keys = Object.keys(CALLERS).map((name) => [name, `key-${random()}`]);
  return {
    secrets: Object.fromEntries(secrets),
    keys: Object.fromEntries(keys),
    sealKeys: `k1:${randomBytes(32).toString("base64url")}`,
  };
}

/** The apps as the platforms know them. @param {Canaries} canaries @returns {SimulatorOptions} */
export function registrations({ secrets }) {
  /** @param {PlatformName} platform */
  const at = (platform) => {
    const names = /** @type {AppName[]} */ (Object.keys(APPS));
    const own = names.filter((name) => APPS[name].platform === platform);
    return {
      apps: own.map((name) => ({
        client_id: APPS[name].client_id,
        client_secret: secrets[name],
      })),
    };
  };
  return { clopos: at("clopos"), clearline: at("clearline"), clover: at("clover") };
}

/** The secrets' bindings. @param {Canaries} canaries @returns {Record<string, string>} */
export function bindings({ secrets, sealKeys }) {
  const clientSecrets = Object.entries(secrets).map(([name, secret]) => [
    `${name.toUpperCase().replaceAll("-", "_")}_CLIENT_SECRET`,
    secret,
  ]);
  return { ...Object.fromEntries(clientSecrets), TILLGATE_SEAL_KEYS: sealKeys };
}

/** @param {string} key */
export const keyHash = (key) => createHash("sha256").update(key).digest("hex");

/**
 * The variable TILLGATE.
 * @param {Simulators} sims
 * @param {string} workerUrl
 * @param {Canaries} canaries
 * @returns {{ [key: string]: any }} any: tests change it as an operator would write it
 */
export function configuration(sims, workerUrl, { keys }) {
  const callers = Object.entries(CALLERS).map(([name, caller]) => [
    name,
    { ...caller, key_sha256: keyHash(keys[/** @type {CallerName} */ (name)]) },
  ]);
  return { origins: [SHOP], apps: apps(sims, workerUrl), callers: Object.fromEntries(callers) };
}

/** @param {Simulators} sims @param {string} workerUrl */
function apps({ clopos, clearline, clover }, workerUrl) {
  const anything = ["GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS /**"];
  const v1 = { token: `${clopos.url}/open-api/auth`, api: `${clopos.url}/open-api/` };
  const v2 = { token: `${clopos.url}/open-api/v2/auth`, api: `${clopos.url}/open-api/v2/` };
  const pos = { token: `${clearline.url}/connect/token`, api: clearline.url };
  const rest = {
    authorize: `${clover.url}/oauth/authorize`,
    token: `${clover.url}/oauth/token`,
    api: clover.url,
  };
  /** @param {AppName} name */
  const cloverApp = (name) => ({
    ...APPS[name],
    region: "sandbox",
    redirect_uri: `${workerUrl}/callback/${name}`,
    allow: ["GET,POST /v3/merchants/{account}", "GET,POST /v3/merchants/{account}/**"],
    endpoints: { ...rest },
  });
  return {
    cafe: { ...APPS.cafe, version: 1, accounts: VENUES, allow: anything, endpoints: { ...v1 } },
    bistro: { ...APPS.bistro, accounts: VENUES.slice(0, 2), allow: anything, endpoints: { ...v1 } },
    cafe2: {
      ...APPS.cafe2,
      version: 2,
      integrator_id: "test_jKsU96rq333b6PotTZfkgw",
      accounts: ["*"],
      allow: anything,
      endpoints: v2,
    },
    loyalty: { ...APPS.loyalty, environment: "test", allow: anything, endpoints: { ...pos } },
    "loyalty-two": { ...APPS["loyalty-two"], allow: ["GET /pos/*/status"], endpoints: { ...pos } },
    till: cloverApp("till"),
    "till-two": cloverApp("till-two"),
  };
}
