// The scan over what a run leaves behind: it looks into every file, and finds what is there.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { filesBelow, searchLeftovers } from "../../scripts/lib/leftovers.js";
import { forgetCanaries, noteCanaries, notedCanaries } from "../leaks/ledger.js";

const folder = mkdtempSync(join(tmpdir(), "tillgate-leftovers-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const canary = (/** @type {string} */ label) => ({ label, text: randomBytes(18).toString("hex") });

test("what was noted by several tests is read as one, and forgotten at once", () => {
  const ledger = join(folder, "ledger");
  const [one, other] = [canary("one"), canary("other")];
  assert.deepEqual(notedCanaries(ledger), []);
  noteCanaries([one], ledger);
  noteCanaries([other], ledger);
  const byLabel = notedCanaries(ledger).sort((a, b) => (a.label < b.label ? -1 : 1));
  assert.deepEqual(byLabel, [one, other]);
  forgetCanaries(ledger);
  assert.deepEqual(notedCanaries(ledger), []);
});

test("a secret is found in a file at any depth, in any encoding, and the report does not hold it", () => {
  const [one, other] = [canary("one"), canary("other")];
  const deep = join(folder, "logs", "deep");
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(folder, "logs", "clean.log"), "nothing");
  writeFileSync(join(deep, "dirty.log"), `Basic ${Buffer.from(one.text).toString("base64")}`);
  const found = searchLeftovers(filesBelow(join(folder, "logs")), [one, other]);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^one appeared in storage .*dirty\.log$/);
  assert.ok(!found.join().includes(one.text.slice(0, 8)));
});

test("a folder that is not there holds nothing", () => {
  assert.deepEqual(filesBelow(join(folder, "absent")), []);
});
