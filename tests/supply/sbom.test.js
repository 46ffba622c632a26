// The bills of materials: each lists the crates that cargo itself says are linked, with the lock file's checksums, and
// nothing that belongs to a time or a machine.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { describe, test } from "node:test";
import { inRoot, ROOT } from "../../scripts/lib/paths.js";
import { DELIVERABLES, SBOM, sbom } from "../../scripts/lib/sbom.js";

/** @typedef {import("../../scripts/lib/sbom.js").Deliverable} Deliverable */
/** @typedef {{ name: string, version: string, purl: string, "bom-ref": string, hashes?: { content: string }[], licenses: { expression: string }[] }} Component */

/** What cargo links, as a flat list: `name version`, sorted. @param {Deliverable} deliverable */
function linked({ manifest }) {
  const text = execFileSync("cargo", [
    ...["tree", "--locked", "--manifest-path", inRoot(manifest), "--prefix", "none"],
    ...["--target", "wasm32-unknown-unknown", "--edges", "normal,no-proc-macro"],
    ...["--format", "{p}", "--no-dedupe"],
  ]).toString();
  const lines = text.trim().split("\n");
  return [...new Set(lines.map((line) => line.split(" ").slice(0, 2).join(" ")))].sort();
}

for (const [name, deliverable] of Object.entries(DELIVERABLES)) {
  const shipped = inRoot(dirname(deliverable.npm), "dist", SBOM);
  const text = readFileSync(shipped, "utf8");
  const bill = JSON.parse(text);
  /** @type {Component[]} */
  const components = bill.components;

  describe(`the bill of materials of ${name}`, () => {
    test("lists what is linked and nothing else", () => {
      const listed = components.map(({ name, version }) => `${name} v${version}`).sort();
      assert.deepEqual(listed, linked(deliverable));
    });

    test("is what the lock file gives now", async () => {
      assert.equal(text, await sbom(deliverable));
    });

    test("has the checksums of the lock file and a licence for each crate", () => {
      const lock = readFileSync(inRoot(deliverable.lock), "utf8");
      for (const { name, version, hashes, licenses } of components) {
        assert.ok(licenses[0]?.expression, name);
        const entry = lock
          .split("[[package]]")
          .find((block) => block.includes(`\nname = "${name}"\nversion = "${version}"\n`));
        const sum = /checksum = "(.+)"/.exec(entry ?? "")?.[1];
        assert.deepEqual(
          hashes?.map(({ content }) => content),
          sum && [sum],
          name,
        );
      }
    });

    test("names no test's or build's crate", () => {
      const names = components.map(({ name }) => name);
      for (const other of [
        "proptest",
        "url",
        "allocation-counter",
        "wasm-bindgen-test",
        "syn",
        "thiserror-impl",
      ])
        assert.ok(!names.includes(other), other);
    });

    test("leads from the package to every crate", () => {
      const below = new Map(
        bill.dependencies.map(
          (/** @type {{ ref: string, dependsOn: string[] }} */ { ref, dependsOn }) => [
            ref,
            dependsOn,
          ],
        ),
      );
      const reached = new Set([bill.metadata.component["bom-ref"]]);
      for (const ref of reached) for (const next of below.get(ref) ?? []) reached.add(next);
      assert.equal(reached.size, components.length + 1);
      assert.equal(
        new Set(components.map((component) => component["bom-ref"])).size,
        components.length,
      );
    });

    test("holds no time, machine or registry host", () => {
      assert.equal(bill.bomFormat, "CycloneDX");
      assert.equal(bill.specVersion, "1.6");
      assert.doesNotMatch(text, /timestamp|serialNumber|\d{4}-\d\d-\d\dT/);
      assert.ok(!text.includes(ROOT) && !text.includes(`"${hostname()}"`));
      const hosts = [...text.matchAll(/https?:\/\/([^/"]+)/g)].map(([, host]) => host);
      assert.deepEqual([...new Set(hosts)], ["cyclonedx.org"]);
    });
  });
}
