// `npm run proof`: shows that the npm packages hold no secret, whatever lies about while they are built. A copy of the
// repository gets canary secrets in every place from which one could slip in, the packages are built and packed there, and
// the tarballs are searched for them; the browser's also for forbidden words. Each also has to be, byte for byte, what is
// built here.

import { randomBytes } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { Leaks } from "../tests/e2e/leaks.js";
import { browserStep, workerStep } from "./build.js";
import { FORBIDDEN_WORDS, findWords } from "./lib/browser-report.js";
import { endOnSignals, run } from "./lib/exec.js";
import { inRoot, npmEnvironment, toolEnvironment } from "./lib/paths.js";
import { StepError, Steps } from "./lib/steps.js";
import { tarEntries } from "./lib/tar.js";
import { BUILD_TOOLS } from "./lib/tools.js";

/** @typedef {import("./lib/tar.js").TarEntry} TarEntry */
/** @typedef {{ label: string, text: string }} Canary */

/**
 * @typedef {object} Package
 * @property {"pkg-js" | "worker"} folder
 * @property {string} build the script that builds it
 * @property {string[]} words what it must not hold
 */

/** @type {Package} */
export const BROWSER = {
  folder: "pkg-js",
  build: "build-browser.js",
  words: FORBIDDEN_WORDS,
};

/** @type {Package} */
export const WORKER = { folder: "worker", build: "build-worker.js", words: [] };

/** Everything that either package is made of. */
const COPIED = [
  ...["Cargo.toml", "Cargo.lock", "build.rs", "src", "worker", "package.json"],
  ...["package-lock.json", "scripts", "tests/e2e/leaks.js", "pkg-js"],
];
const NOT_COPIED = ["pkg-js/target", "pkg-js/dist", "worker/dist", "worker/.wrangler"];

/** Where development and deployment keep secrets. */
const FILES = [".env", ".dev.vars", "worker/.dev.vars", "worker/.env", "pkg-js/.env"].concat([
  "pkg-js/.dev.vars",
  "pkg-js/lib/.env",
  "pkg-js/secret.txt",
  "pkg-js/dist/secret.txt",
]);

const VARIABLES = ["CAFE_CLIENT_SECRET", "TILL_CLIENT_SECRET", "TILLGATE", "CLIENT_SECRET"].concat([
  "TILLGATE_SEAL_KEYS",
  "NODE_AUTH_TOKEN",
  "NPM_TOKEN",
  "CARGO_REGISTRY_TOKEN",
]);

const canary = () => `canary${randomBytes(18).toString("hex")}`;

/**
 * A copy of the repository with canaries in its files.
 * @param {string} folder
 * @returns {Canary[]}
 */
function makeCopy(folder) {
  const built = new Set(NOT_COPIED.map((path) => inRoot(path)));
  for (const path of COPIED) {
    const options = { recursive: true, filter: (/** @type {string} */ from) => !built.has(from) };
    cpSync(inRoot(path), join(folder, path), options);
  }
  for (const tools of ["node_modules", ".tools"]) symlinkSync(inRoot(tools), join(folder, tools));
  return FILES.map((file) => {
    const text = canary();
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `CLIENT_SECRET=${text}\n`);
    return { label: `the secret in ${file}`, text };
  });
}

/** @returns {Canary[]} */
const variables = () => VARIABLES.map((name) => ({ label: name, text: canary() }));

/**
 * Builds and packs a package in a copy of the repository.
 * @param {Package} what
 * @param {string} folder
 * @param {Canary[]} inEnvironment
 * @returns {Promise<Buffer>} the tarball
 */
async function pack(what, folder, inEnvironment) {
  const secrets = Object.fromEntries(inEnvironment.map(({ label, text }) => [label, text]));
  // Its own, so that nothing in it was compiled without the canaries, and kept for the next time.
  const CARGO_TARGET_DIR = inRoot("target", "proof");
  await run("node", [join(folder, "scripts", what.build)], {
    cwd: folder,
    env: toolEnvironment({ ...secrets, CARGO_TARGET_DIR }),
    timeoutSeconds: 900,
  });
  const args = ["pack", "--json", "--loglevel=error", "--pack-destination", folder];
  const env = { ...npmEnvironment(), ...secrets };
  const { output } = await run("npm", args, { cwd: join(folder, what.folder), env });
  const [name] = /tillgate-[\w.-]+\.tgz/.exec(output) ?? [];
  if (name === undefined) throw new Error(`npm pack names no tarball:\n${output}`);
  return readFileSync(join(folder, name));
}

/**
 * What the files of a tarball hold that they should not.
 * @param {TarEntry[]} files
 * @param {Canary[]} canaries
 * @param {string[]} words
 * @returns {string[]} one line for each find, without the canary
 */
export function search(files, canaries, words) {
  const leaks = new Leaks();
  for (const secret of canaries) leaks.add(secret);
  for (const { path, bytes } of files) leaks.saw({ kind: "storage", name: path }, bytes);
  // The report lists the words that it looked for.
  const others = files.filter(({ path }) => !path.endsWith("dist/report.json"));
  const found = findWords(others, words);
  return [...leaks.find(), ...found.map(({ path, word }) => `${path} holds the word ${word}`)];
}

/** Files that differ from those built here. @param {Package} what @param {TarEntry[]} files */
function differences(what, files) {
  return files
    .map(({ path, bytes }) => ({ path: path.replace(/^package\//, ""), bytes }))
    .filter(({ path, bytes }) => !readFileSync(inRoot(what.folder, path)).equals(bytes))
    .map(({ path }) => `${path} is not what is built without canaries`);
}

/**
 * Builds a package with canaries in reach, and searches it.
 * @param {Package} what
 * @returns {Promise<{ found: string[], files: TarEntry[], canaries: Canary[] }>}
 */
export async function prove(what) {
  const folder = mkdtempSync(join(tmpdir(), "tillgate-proof-"));
  try {
    const inEnvironment = variables();
    const canaries = [...makeCopy(folder), ...inEnvironment];
    const files = tarEntries(gunzipSync(await pack(what, folder, inEnvironment)));
    const found = [...search(files, canaries, what.words), ...differences(what, files)];
    return { found, files, canaries };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Package} what @param {string} title @returns {import("./lib/steps.js").Step} */
const proofStep = (what, title) => ({
  title,
  async run() {
    const { found, files, canaries } = await prove(what);
    if (found.length > 0)
      throw new StepError("the package is not clean", { detail: found.join("\n") });
    return `${files.length} files, ${canaries.length} canaries, ${what.words.length} words: clean`;
  },
});

async function main() {
  const proofs = [
    proofStep(BROWSER, "tillgate, with canaries"),
    proofStep(WORKER, "tillgate-worker"),
  ];
  const plan = [...BUILD_TOOLS, browserStep, workerStep, ...proofs];
  const steps = new Steps("tillgate · proof", plan.length);
  endOnSignals(() => steps.close());
  try {
    await steps.inOrder(plan);
  } catch {
    // The step has said what failed.
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
