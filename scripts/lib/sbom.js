// The bill of materials that each npm package carries, dist/sbom.cdx.json: the crates that its wasm module is made of, as
// CycloneDX 1.6, from the lock file by way of `cargo tree`. It names no time, machine or registry host, so that the same
// source gives the same bytes. The packages have no npm dependencies; that is tested, not said here. Nor is Rust's standard
// library, which is the compiler's own, also where it is compiled with the worker: none of its own dependencies is linked.

import { readFileSync } from "node:fs";
import { outputOf } from "./exec.js";
import { inRoot } from "./paths.js";

/** Where in a package the bill stands. */
export const SBOM = "sbom.cdx.json";

/**
 * @typedef {object} Deliverable
 * @property {string} manifest its crate's Cargo.toml, relative to the root
 * @property {string} lock its lock file
 * @property {string} npm its package.json
 */

/** @satisfies {Record<string, Deliverable>} */
export const DELIVERABLES = {
  worker: { manifest: "worker/Cargo.toml", lock: "Cargo.lock", npm: "worker/package.json" },
  browser: { manifest: "pkg-js/Cargo.toml", lock: "pkg-js/Cargo.lock", npm: "pkg-js/package.json" },
};

/** @typedef {{ name: string, version: string, license: string, own: boolean, below: Set<string> }} Crate */

/** @template T @param {T | undefined} value @param {string} what @returns {T} */
function found(value, what) {
  if (value === undefined) throw new Error(`${what} is missing`);
  return value;
}

/**
 * The crates that are linked into a deliverable, each with those it links itself: no build tools, macros or tests. `cargo
 * metadata` would not do: it turns on what only tests ask of a crate.
 * @param {Deliverable} deliverable
 * @returns {Promise<Map<string, Crate>>} by package URL, the deliverable's own crate first
 */
async function linked({ manifest }) {
  const text = await outputOf("cargo", [
    ...["tree", "--locked", "--manifest-path", inRoot(manifest), "--no-dedupe"],
    ...["--target", "wasm32-unknown-unknown", "--edges", "normal,no-proc-macro"],
    ...["--prefix", "depth", "--format", "\t{p}\t{l}"],
  ]);
  if (!text) throw new Error(`cargo tree says nothing about ${manifest}`);
  /** @type {Map<string, Crate>} */
  const crates = new Map();
  /** @type {Crate[]} */
  const path = [];
  // Beside them stands what Cargo says of waiting for its locks.
  for (const line of text.split("\n").filter((line) => /^\d+\t/.test(line))) {
    const [depth, crate] = readLine(line);
    const known = crates.get(purl(crate)) ?? crate;
    crates.set(purl(crate), known);
    path[depth] = known;
    path[depth - 1]?.below.add(purl(crate));
  }
  return crates;
}

/** @param {string} line such as `1<tab>aes v0.8.4<tab>MIT OR Apache-2.0` @returns {[number, Crate]} */
function readLine(line) {
  const [depth, crate = "", license = ""] = line.split("\t");
  const [name = "", version = "", place] = crate.split(" ");
  const own = place?.startsWith("(/") ?? false;
  return [
    Number(depth),
    { name, version: version.replace(/^v/, ""), license, own, below: new Set() },
  ];
}

/** https://github.com/package-url/purl-spec @param {{ name: string, version: string }} crate */
const purl = ({ name, version }) => `pkg:cargo/${name}@${version}`;

/** The checksums of a lock file, by package URL. @param {string} lock */
function checksums(lock) {
  const entry = /name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "([0-9a-f]{64})"/g;
  const text = readFileSync(inRoot(lock), "utf8");
  return new Map(
    [...text.matchAll(entry)].map(([, name, version, sum]) => [
      `pkg:cargo/${name}@${version}`,
      sum,
    ]),
  );
}

/** Crates older than SPDX expressions separate a choice with a slash. @param {string} license */
const expression = (license) => license.replaceAll(/\s*\/\s*/g, " OR ");

/** @param {Crate} crate @param {Map<string, string | undefined>} sums */
function component(crate, sums) {
  const { name, version, license, own } = crate;
  const sum = sums.get(purl(crate));
  return {
    type: "library",
    "bom-ref": purl(crate),
    name,
    version,
    // Our own crates are in the repository and have no checksum.
    ...(own ? {} : { hashes: [{ alg: "SHA-256", content: found(sum, purl(crate)) }] }),
    licenses: [{ expression: expression(license) }],
    purl: purl(crate),
  };
}

/** @param {{ "bom-ref": string }} a @param {{ "bom-ref": string }} b */
const byRef = (a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1);

/**
 * The bill of materials of a deliverable, as text.
 * @param {Deliverable} deliverable
 */
export async function sbom(deliverable) {
  const crates = await linked(deliverable);
  const sums = checksums(deliverable.lock);
  const { name, version } = JSON.parse(readFileSync(inRoot(deliverable.npm), "utf8"));
  const root = `pkg:npm/${name}@${version}`;
  const [own] = crates.keys();
  const edges = [...crates].map(([ref, { below }]) => ({ ref, dependsOn: [...below].sort() }));
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "library",
        "bom-ref": root,
        name,
        version,
        licenses: [{ expression: "MIT" }],
        purl: root,
      },
    },
    components: [...crates.values()].map((crate) => component(crate, sums)).sort(byRef),
    dependencies: [
      { ref: root, dependsOn: [found(own, name)] },
      ...edges.sort((a, b) => (a.ref < b.ref ? -1 : 1)),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}
