// The files that a browser may have: those of the page, and the npm package `tillgate` as far as it ships. The document
// gets its settings and its Content-Security-Policy here.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ok } from "./answer.js";

/** @import { Answer } from "./answer.js" */
/** @import { Settings } from "./settings.js" */

const PUBLIC = fileURLToPath(new URL("../public/", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../../pkg-js/", import.meta.url));
const VENDOR = "/vendor/tillgate/";

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * @param {string} folder
 * @returns {string[]} the files below it, with slashes
 */
function namesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** The package's own list of what it ships, so that the page gets what `npm install tillgate` would give it. */
function shippedNames() {
  /** @type {{ files: string[] }} */
  const { files } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  return files.flatMap((name) => {
    if (!name.endsWith("/*.js")) return [name];
    const folder = name.slice(0, -"*.js".length);
    return readdirSync(join(PACKAGE, folder))
      .filter((file) => file.endsWith(".js"))
      .map((file) => folder + file);
  });
}

/**
 * Every file by the path that asks for it. A path is looked up and never turned into a file name.
 * @returns {Map<string, string>}
 * @throws {Error} the package was not built
 */
export function publicFiles() {
  const page = namesBelow(PUBLIC).map((name) => /** @type {const} */ ([`/${name}`, PUBLIC + name]));
  const vendor = shippedNames().map(
    (name) => /** @type {const} */ ([VENDOR + name, PACKAGE + name]),
  );
  const files = [...page, ...vendor].filter(([path]) => extname(path) in TYPES);
  const missing = files.find(([, name]) => !existsSync(name));
  if (missing) throw new Error(`${missing[1]} is missing: npm run build makes it`);
  return new Map(files);
}

/**
 * @param {Map<string, string>} files
 * @param {string} path
 * @returns {Answer | undefined}
 */
export function file(files, path) {
  const name = files.get(path);
  if (name === undefined) return undefined;
  return ok(TYPES[extname(name)] ?? "application/octet-stream", readFileSync(name));
}

/**
 * The page itself.
 * @param {Settings} settings
 * @returns {Answer}
 */
export function document(settings) {
  const html = readFileSync(join(PUBLIC, "index.html"), "utf8");
  const values = pageSettings(settings);
  const filled = html.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => attribute(values[name] ?? ""));
  const answer = ok("text/html; charset=utf-8", filled);
  answer.headers["content-security-policy"] = policy(html, settings.workerUrl);
  return answer;
}

/**
 * All that the page is told; the API key is not among it.
 * @param {Settings} settings
 * @returns {Record<string, string>}
 */
function pageSettings({ workerUrl, clientId, authorizeUrl, simulators }) {
  const present = Object.entries(simulators).filter(([, url]) => url !== undefined);
  return { workerUrl, clientId, authorizeUrl, simulators: present.map(([name]) => name).join(" ") };
}

/**
 * No inline script but the import map, which browsers take from nowhere else: its hash lets it in.
 * @param {string} html
 * @param {string} workerUrl
 */
function policy(html, workerUrl) {
  const map = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
  const hash = createHash("sha256").update(map).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${workerUrl}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

/** @param {string} text @returns {string} as the value of a quoted attribute */
const attribute = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
