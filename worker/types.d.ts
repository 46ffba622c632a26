/**
 * What a deployment binds: the Durable Object, a rate limit if it has one, and variables and secrets by names that only the
 * configuration knows.
 */
export interface Env {
  VAULT: DurableObjectNamespace<import("./vault.js").Vault>;
  TILLGATE_RATE_LIMIT?: RateLimit;
  [name: string]: unknown;
}
