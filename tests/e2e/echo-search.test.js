// The search for a token in a body, by itself: what it finds is what is there. How answers with a token are held back is in
// echo.test.js.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Echo } from "../../worker/echo.js";
import { numbers } from "./numbers.js";

const CASES = 100_000;
const SEED = 20_261_122;
/** Few different bytes, so that tokens and their beginnings are often there by chance. */
const ALPHABET = "ab/\\";

/** @param {(token: string, body: string) => void} check */
function forMadeUp(check) {
  const next = numbers(SEED);
  /** @param {number} least @param {number} most @param {number} letters */
  const text = (least, most, letters) =>
    Array.from({ length: least + next(most - least) }, () => ALPHABET[next(letters)]).join("");
  for (let made = 0; made < CASES; made += 1) {
    const letters = 1 + next(ALPHABET.length);
    check(text(1, 9, letters), text(0, 40, letters));
  }
}

/** @param {string} token */
const forms = (token) => [token, token.replaceAll("/", "\\/")];
/** @param {string} text */
const bytes = (text) => new TextEncoder().encode(text);

test("a token is found where a body has it, as it is or with escaped slashes, and nowhere else", () => {
  let found = 0;
  forMadeUp((token, body) => {
    const expected = forms(token).some((form) => body.includes(form));
    assert.equal(new Echo(token).isIn(bytes(body)), expected, `${token} in ${body}`);
    found += Number(expected);
  });
  assert.ok(found > CASES / 10 && found < CASES - CASES / 10, `${found} of ${CASES} had it`);
});

test("the longest beginning of a token at the end of a piece is what is held back", () => {
  forMadeUp((token, body) => {
    const lengths = forms(token).flatMap((form) =>
      Array.from(form, (_, length) => (body.endsWith(form.slice(0, length)) ? length : 0)),
    );
    assert.equal(new Echo(token).beginning(bytes(body)), Math.max(...lengths), `${token}, ${body}`);
  });
});

test("a token of hundreds of bytes is found at every place of a body that is like it", () => {
  const next = numbers(SEED);
  const token = Array.from({ length: 900 }, () => String.fromCharCode(97 + next(20))).join("");
  const filling = token.slice(0, -1);
  for (let at = 0; at < 2000; at += 1) {
    const before = filling.repeat(3).slice(0, at);
    assert.ok(new Echo(token).isIn(bytes(`${before}${token}${filling}`)), `at ${at}`);
    assert.ok(!new Echo(token).isIn(bytes(`${before}${filling}`)), `${at} bytes and nearly all`);
  }
});
