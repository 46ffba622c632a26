// Writes the configuration with which plain workerd serves the released worker, in Cap'n Proto's text format.

/** @typedef {import("./artifact.js").Artifact} Artifact */

/** A Cap'n Proto text literal, where anything unusual is written byte by byte. @param {string} value */
function text(value) {
  const bytes = (/** @type {string} */ character) =>
    [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  return `"${value.replaceAll(/[^ !#-[\]-~]/gu, bytes)}"`;
}

/** @param {string} name */
function moduleOf(name) {
  const kind = name.endsWith(".wasm") ? "wasm" : "esModule";
  return `(name = ${text(name)}, ${kind} = embed ${text(name)})`;
}

/**
 * A binding as the platform gives it: a string is a text variable or a secret, anything else a JSON variable.
 * @param {string} name
 * @param {unknown} value
 */
function variable(name, value) {
  const kind = typeof value === "string" ? "text" : "json";
  const content = typeof value === "string" ? value : JSON.stringify(value);
  return `(name = ${text(name)}, ${kind} = ${text(content)})`;
}

/** What a Secrets Store binding is to a worker: an object whose `get` gives the text, or rejects if there is none. */
const SECRETS_STORE = `import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  get() {
    if (this.env.SECRET === undefined) throw new Error("Secret not found");
    return this.env.SECRET;
  }
}`;

/** @param {string} name */
const storeService = (name) => `secret ${name}`;

/** @param {string} name */
const storeBinding = (name) => `(name = ${text(name)}, service = ${text(storeService(name))})`;

/** @param {[string, string | undefined]} secret */
function store([name, secret]) {
  const bindings = secret === undefined ? [] : [variable("SECRET", secret)];
  const worker = `(compatibilityDate = "2026-01-01", modules = [(name = "store.js", esModule = ${text(SECRETS_STORE)})], bindings = ${list(bindings)})`;
  return `(name = ${text(storeService(name))}, worker = ${worker})`;
}

/** @param {{ name: string, className: string }} binding */
const namespaceBinding = ({ name, className }) =>
  `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`;

/** @param {{ className: string }} binding */
const namespace = ({ className }) =>
  `(className = ${text(className)}, uniqueKey = ${text(`tillgate-${className}`)}, enableSql = true)`;

/** @param {string[]} items */
const list = (items) => `[${items.join(", ")}]`;

/**
 * The configuration file. The socket's address, the storage directory and nothing else are given on the command line.
 * @param {Artifact} artifact
 * @param {object} options
 * @param {Record<string, unknown>} options.variables
 * @param {Record<string, string | undefined>} options.stored secrets behind bindings like those of a Secrets Store
 * @param {string[]} options.network what outgoing requests may reach, in workerd's words
 * @param {string[]} options.flags compatibility flags beyond those of `wrangler.jsonc`
 */
export function workerdConfig(artifact, { variables, stored, network, flags }) {
  const bindings = [
    ...Object.entries(variables).map(([name, value]) => variable(name, value)),
    ...Object.keys(stored).map(storeBinding),
    ...artifact.durableObjects.map(namespaceBinding),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "internet", network = (allow = ${list(network.map(text))}, tlsOptions = (trustBrowserCas = true))),
    (name = "storage", disk = (writable = true)),
    ${Object.entries(stored).map(store).join(",\n    ")}
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = ${list(artifact.modules.map(moduleOf))},
  compatibilityDate = ${text(artifact.compatibilityDate)},
  compatibilityFlags = ${list([...artifact.compatibilityFlags, ...flags].map(text))},
  bindings = ${list(bindings)},
  globalOutbound = "internet",
  durableObjectNamespaces = ${list(artifact.durableObjects.map(namespace))},
  durableObjectStorage = (localDisk = "storage"),
);
`;
}
