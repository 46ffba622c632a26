# The worker on plain workerd, without Cloudflare, as README.md shows it. It stands beside the modules that wrangler
# writes, with the wasm module's name in place of WASM, and beside tillgate.json, the value of TILLGATE. Secrets come from
# the environment.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "tillgate", worker = .tillgate),
    # What its requests may reach: public addresses and no others.
    (name = "internet", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true))),
    # Tokens and sessions, sealed. This folder is all there is to back up.
    (name = "storage", disk = (path = "storage", writable = true)),
  ],
  # For a server in front of it that speaks TLS, passes Host on as it came, and sets X-Forwarded-Proto itself.
  sockets = [
    (
      name = "http",
      address = "127.0.0.1:8787",
      http = (forwardedProtoHeader = "X-Forwarded-Proto"),
      service = "tillgate",
    ),
  ],
);

const tillgate :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "WASM", wasm = embed "WASM"),
  ],
  # As in worker/wrangler.jsonc.
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["no_nodejs_compat", "no_nodejs_compat_v2", "global_fetch_strictly_public"],
  bindings = [
    (name = "TILLGATE", json = embed "tillgate.json"),
    (name = "TILLGATE_SEAL_KEYS", fromEnvironment = "TILLGATE_SEAL_KEYS"),
    (name = "CAFE_CLIENT_SECRET", fromEnvironment = "CAFE_CLIENT_SECRET"),
    (name = "VAULT", durableObjectNamespace = "Vault"),
  ],
  globalOutbound = "internet",
  # With another key, what is stored is out of reach.
  durableObjectNamespaces = [(className = "Vault", uniqueKey = "tillgate-Vault", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
