// The configuration, the variable `TILLGATE`, as types. The same as a JSON Schema is `config.schema.json`; what neither
// can say (that an app which a caller names exists, for instance) the worker says at its first request.

/**
 * `METHOD[,METHOD] /path`, such as `GET /menu/**` or `GET,POST /orders/*`: `*` is one segment, `**` is the rest,
 * `{account}` is the connection's own account.
 */
export type AllowRule = `${string} /${string}`;

/**
 * The variable `TILLGATE`. It never holds a secret.
 *
 * @example
 * ```ts
 * const config: TillgateConfig = {
 *   origins: ["https://shop.example"],
 *   apps: {
 *     cafe: { platform: "clopos", client_id: "…", accounts: ["*"], allow: ["GET /menu/**"] },
 *   },
 * };
 * ```
 */
export interface TillgateConfig {
  /** The pages that may call from a browser and be returned to, exactly, such as `https://shop.example`. */
  origins?: string[];
  /** Where the worker is mounted inside another, such as `/pos`. Left out: at the root. */
  base_path?: `/${string}`;
  /**
   * The registrations at platforms by names of your own, `[a-z0-9-]{1,32}`. The secret of `cafe-2` is the binding
   * `CAFE_2_CLIENT_SECRET`. An app may instead stand in a variable of its own, `TILLGATE_APP_CAFE_2`.
   */
  apps?: Record<string, PlatformApp>;
  /** Who may call with a key or a JWT, by names of your own. */
  callers?: Record<string, Caller>;
}

/** One registration at a platform. */
export type PlatformApp = CloposApp | ClearlineApp | CloverApp;

interface AnyApp {
  /** The id that the platform gave the app (at Clover the app id). */
  client_id: string;
  /** What may be called at the platform's API. No rule, no call. */
  allow?: AllowRule[];
  /** Longest body in bytes that is forwarded, 1 to 100,000,000. Default: 1,048,576. */
  max_body_bytes?: number;
}

/**
 * A Clopos app.
 *
 * @example
 * ```ts
 * const cafe: CloposApp = {
 *   platform: "clopos",
 *   version: 2,
 *   client_id: "…",
 *   integrator_id: "…",
 *   accounts: ["openapitest"],
 * };
 * ```
 */
export type CloposApp = AnyApp & {
  platform: "clopos";
  /** `{brand}.{venue_id}`, or for version 2 also `{brand}`; `"*"` for any. */
  accounts: string[] | "*";
  /** Sent as the header `x-stage`. */
  stage?: string;
  /** Stand in place of the presets. `https` only, except on a loopback host. */
  endpoints?: { token?: string; api?: string };
} & ({ version?: 1; integrator_id?: never } | { version: 2; integrator_id: string });

/**
 * A Clearline app. Its one account is `main`.
 *
 * @example
 * ```ts
 * const loyalty: ClearlineApp = { platform: "clearline", environment: "test", client_id: "…" };
 * ```
 */
export type ClearlineApp = AnyApp & {
  platform: "clearline";
  version?: 1;
  accounts?: ("main" | "*")[] | "*";
  /** `raw`: id and secret go into the Basic header as they are, not form-encoded first. */
  basic?: "raw";
} & (
    | { environment: "test"; endpoints?: { token?: string; api?: string } }
    | { environment?: never; endpoints: { token: string; api: string } }
  );

/**
 * A Clover app. Its accounts are merchant ids.
 *
 * @example
 * ```ts
 * const till: CloverApp = {
 *   platform: "clover",
 *   region: "eu",
 *   client_id: "…",
 *   redirect_uri: "https://gate.example/callback/till",
 *   allow: ["GET /v3/merchants/{account}/**"],
 * };
 * ```
 */
export type CloverApp = AnyApp & {
  platform: "clover";
  version?: 1;
  /** Merchant ids. Default: any. */
  accounts?: string[] | "*";
  /** This worker's own route `/callback/{app}` as an absolute URL, as registered at Clover. */
  redirect_uri: string;
  /** How the code is redeemed: with a query (default), or with a JSON body. */
  token_request?: "query" | "json";
} & (
    | {
        region: "sandbox" | "eu" | "la";
        endpoints?: { authorize?: string; token?: string; api?: string };
      }
    | { region?: never; endpoints: { authorize: string; token: string; api: string } }
  );

/** `api`: have calls forwarded; `token`: be given tokens; `admin`: see and change connections. */
export type Right = "api" | "token" | "admin";

/** Who may call: a back-end with a key, or users with JWTs. */
export type Caller = KeyCaller | JwtCaller;

/**
 * A back-end that calls with a key of its own.
 *
 * @example
 * ```ts
 * const backOffice: KeyCaller = { key_sha256: "…64 hex…", apps: ["cafe"], can: ["api"] };
 * ```
 */
export interface KeyCaller {
  jwt?: never;
  /** The SHA-256 of the caller's key, 64 hexadecimal digits: `printf %s "$KEY" | sha256sum`. */
  key_sha256: string;
  /** Names of configured apps; `"*"` for all. */
  apps: string[] | "*";
  /** Accounts; `"*"` for any. Default: any. */
  accounts?: string[] | "*";
  /** What the caller may do there. */
  can: Right[];
}

/**
 * A front-end whose users have JWTs of an issuer of yours.
 *
 * @example
 * ```ts
 * const shopFront: JwtCaller = {
 *   jwt: {
 *     issuer: "https://id.example",
 *     jwks_url: "https://id.example/jwks.json",
 *     audience: "tillgate",
 *   },
 *   apps: ["till"],
 *   accounts: { claim: "merchant_ids" },
 * };
 * ```
 */
export interface JwtCaller {
  key_sha256?: never;
  /** Whose tokens prove who calls. */
  jwt: {
    /** What tokens have in `iss`, character by character. */
    issuer: string;
    /** Where the issuer's JWK Set is, with a query if it has one. `https` only, except on a loopback host. */
    jwks_url: string;
    /** What tokens for this worker have in `aud`. */
    audience: string;
  };
  /** Names of configured apps; `"*"` for all. */
  apps: string[] | "*";
  /** Accounts: those in a claim of the token, which is a text or a list of texts; listed ones; `"*"` for any. */
  accounts: { claim: string } | string[] | "*";
  /** What the user may do there. Default: `["api"]`. */
  can?: Right[];
}
