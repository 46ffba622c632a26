// Configurations that are right, and what makes them wrong: the examples on which the worker, the JSON Schema and the
// TypeScript types have to agree. Each is one change to the documented example.

const EXAMPLE_JWT = {
  issuer: "https://id.example",
  jwks_url: "https://id.example/jwks.json",
  audience: "tillgate",
};

/** The example of the documentation. */
export const EXAMPLE = {
  origins: ["https://shop.example"],
  base_path: "/pos",
  apps: {
    cafe: {
      platform: "clopos",
      version: 1,
      client_id: "…",
      accounts: ["openapitest.1"],
      allow: ["GET /menu/**"],
    },
    cafe2: {
      platform: "clopos",
      version: 2,
      client_id: "…",
      integrator_id: "…",
      accounts: ["*"],
      allow: ["GET /**"],
      stage: "beta",
      endpoints: { token: "https://x.example/auth", api: "https://x.example/v2/" },
    },
    loyalty: {
      platform: "clearline",
      environment: "test",
      client_id: "pos-demo",
      basic: "raw",
      allow: ["POST /pos/*/transaction"],
    },
    till: {
      platform: "clover",
      version: 1,
      region: "sandbox",
      client_id: "…",
      redirect_uri: "https://gate.example/callback/till",
      allow: ["GET /v3/merchants/{account}/**"],
      token_request: "json",
      max_body_bytes: 65536,
    },
  },
  callers: {
    "back-office": {
      key_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      apps: ["*"],
      accounts: ["MERCHANT00001"],
      can: ["api", "token", "admin"],
    },
    "shop-front": {
      jwt: EXAMPLE_JWT,
      apps: ["till"],
      accounts: { claim: "merchant_ids" },
      can: ["api"],
    },
  },
};

/**
 * A change: the path of a key, and its new value; without one the key is removed.
 * @typedef {[path: string, value?: unknown]} Change
 */

/** @type {Change[]} */
export const RIGHT = [
  ["origins"],
  ["origins", []],
  [
    "origins",
    ["http://localhost:8080", "http://127.0.0.1", "http://[::1]:3000", "https://a.b-c.d_e:8443"],
  ],
  ["base_path"],
  ["base_path", "/a/b-c/D_1"],
  ["apps.cafe.version"],
  ["apps.cafe.allow"],
  ["apps.cafe.allow", ["GET,POST /orders/*", "GET /", "DELETE /a/{account}/b.c/**", "GET /a%20b"]],
  ["apps.cafe.accounts", "*"],
  ["apps.cafe.accounts", ["a.1", "*"]],
  ["apps.cafe2.accounts", ["a", "b.2"]],
  ["apps.cafe2.endpoints", { api: "http://localhost:9101" }],
  ["apps.loyalty.basic"],
  ["apps.loyalty.accounts", ["main"]],
  ["apps.till.accounts", ["MERCHANT00001"]],
  ["apps.till.redirect_uri", "http://localhost:8787/pos/callback/till"],
  ["apps.till.token_request"],
  ["callers"],
  ["callers.back-office.accounts"],
  ["callers.back-office.apps", ["cafe", "till"]],
  ["callers.back-office.can", ["token"]],
  ["callers.shop-front.can"],
  ["callers.shop-front.accounts", "*"],
  ["callers.shop-front.accounts", ["MERCHANT00001"]],
  ["callers.shop-front.jwt.issuer", "any text"],
  ["callers.shop-front.jwt.jwks_url", "http://localhost:9000/keys"],
  ["callers.shop-front.jwt.jwks_url", "https://id.example/keys?p=policy"],
];

/** What the worker and the schema refuse. @type {Change[]} */
export const WRONG = [
  ["origins", ["https://shop.example/"]],
  ["origins", ["http://shop.example"]],
  ["origins", ["https://user@shop.example"]],
  ["origins", ["https://Shop.example"]],
  ["origins", ["https://shop.example:0443"]],
  ["origins", ["https://shop.example:65536"]],
  ["origins", ["https://127.1"]],
  ["base_path", "/"],
  ["base_path", "/pos/"],
  ["apps.Cafe", EXAMPLE.apps.cafe],
  ["apps.cafe.accounts", ["openapitest"]],
  ["apps.cafe.accounts", []],
  ["apps.cafe2.accounts", ["a.b.c"]],
  ["apps.cafe2.endpoints", { api: "https://x.example?q" }],
  ["apps.cafe2.stage", "two words"],
  ["apps.cafe.client_id", " A"],
  ["apps.cafe.allow", ["get /a"]],
  ["apps.cafe.allow", ["GET /a/**/b"]],
  ["apps.cafe.allow", ["GET /a*"]],
  ["apps.cafe.allow", ["GET /:id"]],
  ["apps.cafe.allow", ["GET /a?b"]],
  ["apps.cafe.allow", ["GET /{venue}"]],
  ["apps.till.max_body_bytes", 0],
  ["apps.till.max_body_bytes", 100_000_001],
  ["apps.till.max_body_bytes", 1.5],
  ["apps.till.redirect_uri", "https://gate.example/callback"],
  ["callers.back-office.key_sha256", "…64 hex…"],
  ["callers.back-office.key_sha256", "a".repeat(64)],
  ["callers.back-office.can", []],
  ["callers.back-office.apps", []],
  ["callers.shop-front.can", []],
  ["callers.shop-front.accounts", { claim: "" }],
  ["callers.shop-front.jwt.issuer", ""],
  ["callers.shop-front.jwt.audience", ""],
  ["callers.shop-front.jwt.jwks_url", "http://id.example/jwks.json"],
  ["callers.shop-front.jwt.jwks_url", "https://id.example/jwks.json?p=a#b"],
];

/** What the types refuse as well. @type {Change[]} */
export const WRONG_BY_TYPE = [
  ["origin", ["https://shop.example"]],
  ["origins", "https://shop.example"],
  ["base_path", "pos"],
  ["apps.cafe.platform", "square"],
  ["apps.cafe.platform"],
  ["apps.cafe.version", 3],
  ["apps.cafe.version", 2],
  ["apps.cafe.integrator_id", "x"],
  ["apps.cafe2.integrator_id"],
  ["apps.cafe.client_id"],
  ["apps.cafe.client_secret", "x"],
  ["apps.cafe.accounts"],
  ["apps.cafe.region", "eu"],
  ["apps.cafe.endpoints", { authorize: "https://x.example" }],
  ["apps.cafe.allow", ["GET"]],
  ["apps.loyalty.environment"],
  ["apps.loyalty.environment", "production"],
  ["apps.loyalty.basic", "form"],
  ["apps.loyalty.version", 2],
  ["apps.loyalty.accounts", ["other"]],
  ["apps.till.region", "us"],
  ["apps.till.region"],
  ["apps.till.redirect_uri"],
  ["apps.till.token_request", "form"],
  ["apps.till.max_body_bytes", "1"],
  ["callers.back-office.key", "x"],
  ["callers.back-office.key_sha256"],
  ["callers.back-office.can", ["api", "root"]],
  ["callers.back-office.can", "api"],
  ["callers.back-office.accounts", { claim: "merchant_ids" }],
  ["callers.back-office.jwt", EXAMPLE_JWT],
  [
    "callers.shop-front.key_sha256",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  ],
  ["callers.shop-front.accounts"],
  ["callers.shop-front.accounts", {}],
  ["callers.shop-front.jwt"],
  ["callers.shop-front.jwt.issuer"],
  ["callers.shop-front.jwt.jwks_url"],
  ["callers.shop-front.jwt.audience"],
  ["callers.shop-front.jwt.audience", ["tillgate"]],
  ["callers.shop-front.jwt.algorithms", ["HS256"]],
];

/** What only the worker knows to be wrong: it looks at more than one place, or more closely. @type {Change[]} */
export const WRONG_BY_WORKER_ALONE = [
  ["apps.till.redirect_uri", "https://gate.example/callback/other"],
  ["apps.cafe.allow", ["GET,GET /a"]],
  ["apps.cafe.allow", ["GET /%2e%2e"]],
  ["callers.back-office.apps", ["caffe"]],
  ["callers.kiosk", EXAMPLE.callers["back-office"]],
  ["callers.shop-back", EXAMPLE.callers["shop-front"]],
];

/**
 * The example after a change.
 * @param {Change} change
 * @returns {unknown}
 */
export function changed([path, value]) {
  const configuration = structuredClone(EXAMPLE);
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  /** @type {any} */
  let place = configuration;
  for (const key of keys) place = place[key];
  if (value === undefined) delete place[last];
  else place[last] = value;
  return configuration;
}
