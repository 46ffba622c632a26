// The files that a browser may have: those of the page, and those of the npm package `tillgate`, out of its tarball. The
// document gets its settings and its Content-Security-Policy here.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFiles } from "../../scripts/lib/tar.js";
import { ok } from "./answer.js";

/** @import { Answer } from "./answer.js" */
/** @import { Settings } from "./settings.js" */

const PUBLIC = fileURLToPath(new URL("../public/", import.meta.url));
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

/** @typedef {Map<string, () => Uint8Array>} Files what reads a file, by the path that asks for it */

/**
 * A path is looked up and never turned into a file name. The page's files are read anew each time, the package's once.
 * @param {string} tarball the npm package: what is not in it is not served
 * @returns {Files}
 * @throws {Error} there is no such tarball, or it cannot be read
 */
export function publicFiles(tarball) {
  /** @type {Files} */
  const files = new Map();
  for (const name of namesBelow(PUBLIC)) files.set(`/${name}`, () => readFileSync(PUBLIC + name));
  for (const { path, bytes } of shipped(tarball)) files.set(VENDOR + path, () => bytes);
  return new Map([...files].filter(([path]) => extname(path) in TYPES));
}

/** @param {string} tarball */
function shipped(tarball) {
  try {
    return packageFiles(tarball);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new Error(`${tarball} is no package that npm packed: ${why}`, { cause });
  }
}

/**
 * @param {Files} files
 * @param {string} path
 * @returns {Answer | undefined}
 */
export function file(files, path) {
  const read = files.get(path);
  return read && ok(TYPES[extname(path)] ?? "application/octet-stream", read());
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
