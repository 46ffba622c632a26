// That the documents' tables are complete and their links lead somewhere: compared with the worker's own schema of its
// configuration, its OpenAPI document, and the files of the repository.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.js";
import { anchors, document, links, rows } from "./markdown.js";

const DOCUMENTS = [
  ...["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "worker/STORAGE.md"],
  ...["worker/README.md", "pkg-js/README.md", "demo/README.md", "tests/simulators/README.md"],
  ...["tests/bench/README.md", "tests/bench/results/results.md", "tests/MUTANTS.md"],
];

const README = document("README.md");
const SCHEMA = JSON.parse(document("worker/config.schema.json"));
const OPENAPI = JSON.parse(document("worker/openapi.json"));

/** The names that the first column of a section's tables explains. @param {string} heading */
const explained = (heading) =>
  rows(README, heading)
    .map(([first = ""]) => /^`([a-z0-9_]+)`$/.exec(first)?.[1])
    .filter((name) => name !== undefined);

/** @param {string[]} names */
const sorted = (names) => [...new Set(names)].sort();

test("every key of the configuration is explained, and no other", () => {
  const { clopos, clearline, clover, caller, jwt } = SCHEMA.definitions;
  const known = [SCHEMA, clopos, clearline, clover, caller, jwt].flatMap(({ properties }) =>
    Object.keys(properties),
  );
  assert.deepEqual(sorted(explained("Configuration")), sorted(known));
});

test("every problem is explained with its status, and no other", () => {
  const description = OPENAPI.components.schemas.Code.description;
  const known = [...description.matchAll(/(\d{3}) ([a-z_, ]+)/g)].flatMap(([, status, codes]) =>
    codes.split(", ").map((/** @type {string} */ code) => `${code} ${status}`),
  );
  const told = rows(README, "Problems").flatMap(([code = "", status]) =>
    code.startsWith("`") ? [`${code.replaceAll("`", "")} ${status}`] : [],
  );
  assert.deepEqual(told.toSorted(), known.toSorted());
  assert.deepEqual(sorted(explained("Problems")), sorted(OPENAPI.components.schemas.Code.enum));
});

test("every route is in the table of routes, and no other", () => {
  const known = Object.keys(OPENAPI.paths).map((path) => path.replaceAll(/\{\w+\}/g, "{}"));
  const told = rows(README, "HTTP")
    .map(([first = ""]) => /`(?:[A-Z]+ )?(\/[^?[`]*)/.exec(first)?.[1])
    .filter((path) => path !== undefined)
    .map((path) => path.replaceAll(/\{[^}]+\}/g, "{}"));
  assert.deepEqual(sorted(told), sorted(known));
});

test("every state of a connection is explained, and no other", () => {
  const { state } = OPENAPI.components.schemas.Connection.properties;
  const told = explained("HTTP").filter((name) => name !== "state");
  assert.deepEqual(sorted(told), sorted(state.enum));
});

test("every word of the audit trail is explained, and no other", () => {
  const { what } = OPENAPI.components.schemas.Entry.properties;
  const told = explained("Audit trail").filter((name) => name !== "what");
  assert.deepEqual(sorted(told), sorted(what.enum));
});

for (const path of DOCUMENTS) {
  test(`every link of ${path} leads somewhere`, () => {
    const text = document(path);
    const broken = links(text).filter(
      (link) => !/^(https|mailto):/.test(link) && !leads(path, link),
    );
    assert.deepEqual(broken, []);
  });
}

/** @param {string} path of the document @param {string} link */
function leads(path, link) {
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? path : join(dirname(path), file);
  if (!existsSync(inRoot(target))) return false;
  return anchor === undefined || anchors(document(target)).includes(anchor);
}

/** Files that a document names as code, such as `tests/wall/wall.test.js`. @param {string} text */
const namedFiles = (text) =>
  [...text.matchAll(/`((?:src|worker|tests|scripts|demo)\/[\w./-]+\.\w+)`/g)].map(
    ([, file]) => file ?? "",
  );

for (const path of ["README.md", "SECURITY.md", "CONTRIBUTING.md", "worker/STORAGE.md"]) {
  test(`every file that ${path} names is there`, () => {
    const named = namedFiles(document(path));
    assert.notEqual(named.length, 0);
    assert.deepEqual(
      named.filter((file) => !existsSync(inRoot(file))),
      [],
    );
  });
}
