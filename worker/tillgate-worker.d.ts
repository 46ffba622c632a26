// The types of the npm package `tillgate-worker`: its entry and what it is configured with. The worker itself is
// `index.js`.

import { DurableObject } from "cloudflare:workers";

export type {
  AllowRule,
  Caller,
  ClearlineApp,
  CloposApp,
  CloverApp,
  JwtCaller,
  KeyCaller,
  PlatformApp,
  Right,
  TillgateConfig,
} from "./config.js";

/**
 * A secret's binding: its text (`wrangler secret put`), or a Secrets Store binding.
 *
 * @example
 * ```ts
 * interface Env extends TillgateEnv {
 *   CAFE_CLIENT_SECRET: SecretBinding;
 * }
 * ```
 */
export type SecretBinding = string | { get(): Promise<string> };

/**
 * What the worker takes from its environment. Beside the Durable Object these are the variable `TILLGATE`
 * ({@link TillgateConfig}), optionally `TILLGATE_APP_{NAME}`, and the secrets `TILLGATE_SEAL_KEYS` and
 * `{APP}_CLIENT_SECRET` ({@link SecretBinding}), whose names only the configuration knows.
 */
export interface TillgateEnv {
  /** The namespace of {@link Vault}; the binding has to have this name. */
  VAULT: {
    idFromName(name: string): unknown;
    // biome-ignore lint/suspicious/noExplicitAny: every runtime's own id type has to fit
    get(id: any): unknown;
  };
  /** Counts unknown keys for the address that sends them, if there is such a binding (`ratelimits` in wrangler.jsonc). */
  TILLGATE_RATE_LIMIT?: { limit(options: { key: string }): Promise<{ success: boolean }> };
}

/**
 * The Durable Object that owns a connection's token: one object per app and account. Export it from the worker's main
 * module under this name.
 *
 * @example
 * ```ts
 * export { default, Vault } from "tillgate-worker";
 * ```
 */
export class Vault extends DurableObject<TillgateEnv> {
  /** One message of the worker to its vault, and the reply. Not for others: its form changes between versions. */
  call(message: string): Promise<string>;
  /** Renews the token in time. */
  alarm(): Promise<void>;
}

declare const tillgate: {
  /**
   * Answers a request on any of tillgate's routes. Every failure is an answer (RFC 9457 problem details); it never
   * throws. Mounted inside another worker, it needs the whole path, with `base_path` in the configuration saying what
   * stands before the routes.
   *
   * @example
   * ```ts
   * import { Hono } from "hono";
   * import tillgate from "tillgate-worker";
   *
   * export { Vault } from "tillgate-worker";
   *
   * const app = new Hono<{ Bindings: Env }>();
   * app.all("/pos/*", (c) => tillgate.fetch(c.req.raw, c.env, c.executionCtx));
   * export default app;
   * ```
   */
  fetch(request: Request, env: TillgateEnv, ctx?: unknown): Promise<Response>;
};

export default tillgate;
