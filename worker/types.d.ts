/** What a deployment binds: the Durable Object, and variables and secrets by names that only the configuration knows. */
export interface Env {
  VAULT: DurableObjectNamespace<import("./vault.js").Vault>;
  [name: string]: unknown;
}
