// The leak oracle itself: it finds a secret in each form that it promises to find, and nothing else.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { Leaks, WINDOW } from "./leaks.js";

const SECRET = "é a+Zk/9%Qw~7\"bN_x-2=Ys'Lp";
const PART = SECRET.slice(4, 4 + WINDOW);

/** @param {string | Buffer} text @param {string} behind how many bytes it stands */
const base64 = (text, behind) => Buffer.concat([Buffer.from(behind), Buffer.from(text)]);

/** @type {[string, string | Buffer][]} */
const FORMS = [
  ["raw", `before ${SECRET} after`],
  ["as a part", `before ${PART} after`],
  ["in UTF-16", Buffer.from(`before ${PART} after`, "utf16le")],
  ["percent-encoded", encodeURIComponent(PART)],
  ["percent-encoded twice", encodeURIComponent(encodeURIComponent(PART))],
  ["percent-encoded everywhere", Buffer.from(PART).toString("hex").replaceAll(/../g, "%$&")],
  ["in a form", new URLSearchParams({ x: PART }).toString()],
  ["in JSON", JSON.stringify({ x: PART })],
  ["in JSON in JSON", JSON.stringify(JSON.stringify({ x: PART }))],
  [
    "in JSON's numeric escapes",
    [...PART].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  ],
  ["in lower hexadecimal", `x${Buffer.from(PART).toString("hex")}`],
  ["in upper hexadecimal", Buffer.from(PART).toString("hex").toUpperCase()],
  ...["", "x", "xy"].flatMap(
    (behind) =>
      /** @type {[string, string][]} */ ([
        [`in base64 behind ${behind.length} bytes`, base64(SECRET, behind).toString("base64")],
        [
          `in base64url behind ${behind.length} bytes`,
          base64(SECRET, behind).toString("base64url"),
        ],
        [
          `as a part in base64 behind ${behind.length} bytes`,
          base64(PART, behind).toString("base64"),
        ],
        [
          `in percent-encoded base64 behind ${behind.length} bytes`,
          encodeURIComponent(base64(SECRET, behind).toString("base64")),
        ],
      ]),
  ),
];

for (const [form, content] of FORMS) {
  test(`a secret is found ${form}`, () => {
    const leaks = new Leaks();
    leaks.add({ label: "the secret", text: SECRET });
    leaks.saw({ kind: "log", name: "of a test" }, content);
    assert.deepEqual(leaks.find(), ["the secret appeared in log of a test"]);
    assert.throws(() => leaks.assertNone(), { message: /the secret appeared/ });
  });
}

test("a report does not hold the secret", () => {
  const leaks = new Leaks();
  leaks.add({ label: "the secret", text: SECRET });
  leaks.saw({ kind: "log", name: "of a test" }, SECRET);
  assert.ok(!leaks.find().join().includes(SECRET.slice(0, 4)));
});

test("a secret is no leak where it may appear, and is one elsewhere", () => {
  const leaks = new Leaks();
  const home = /** @type {const} */ ({ kind: "upstream", name: "clopos token" });
  leaks.add({ label: "the secret", text: SECRET, mayAppear: (place) => place.name === home.name });
  leaks.saw(home, SECRET);
  assert.deepEqual(leaks.find(), []);
  leaks.saw({ kind: "upstream", name: "clover token" }, SECRET);
  assert.deepEqual(leaks.find(), ["the secret appeared in upstream clover token"]);
});

test("a part one character short of a window, another case and random bytes are no leak", () => {
  const leaks = new Leaks();
  leaks.add({ label: "the secret", text: SECRET });
  for (const content of [PART.slice(1), SECRET.toUpperCase(), randomBytes(100_000)])
    leaks.saw({ kind: "log", name: "of a test" }, content);
  leaks.assertNone();
});

test("a secret too short to look for is refused", () => {
  assert.throws(() => new Leaks().add({ label: "the secret", text: "short" }), /too short/);
});
