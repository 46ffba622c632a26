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
 * @param {string[]} options.network what outgoing requests may reach, in workerd's words
 */
export function workerdConfig(artifact, { variables, network }) {
  const bindings = [
    ...Object.entries(variables).map(([name, value]) => variable(name, value)),
    ...artifact.durableObjects.map(namespaceBinding),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "internet", network = (allow = ${list(network.map(text))}, tlsOptions = (trustBrowserCas = true))),
    (name = "storage", disk = (writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = ${list(artifact.modules.map(moduleOf))},
  compatibilityDate = ${text(artifact.compatibilityDate)},
  compatibilityFlags = ${list(artifact.compatibilityFlags.map(text))},
  bindings = ${list(bindings)},
  globalOutbound = "internet",
  durableObjectNamespaces = ${list(artifact.durableObjects.map(namespace))},
  durableObjectStorage = (localDisk = "storage"),
);
`;
}
