// Bodies of a platform's answers that repeat the token they were asked with: what a caller gets of them, and that every
// other body arrives as it was sent. Headers that repeat it are in answers.test.js.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { assertProblem } from "./problems.js";
import { startStackWithUpstream } from "./upstream.js";

/** @import { Stack } from "./fixtures.js" */
/** @import { Upstream } from "./upstream.js" */

const PATH = "/api/bistro/openapitest.1/menu/products";
/** Longer than what is read before it is answered. */
const LARGE = 300_000;
/** Slashes, since some platforms write them as `\/` in JSON, and a beginning that repeats itself. */
const TOKEN = "tt/ttk0k3n/that+is=never/part-of_an.answer";

/** How an answer begins, how one in chunks does, and how that ends. */
const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const END = "0\r\n\r\n";

/** Bodies that could be taken for a token by mistake. @type {[string, Buffer][]} */
const HARMLESS = [
  ["is empty", Buffer.alloc(0)],
  ["ends with the beginning of the token", Buffer.from(`{"a":"${TOKEN.slice(0, -1)}`)],
  ["is the beginning of the token", Buffer.from(TOKEN.slice(0, 3))],
  ["has the token but for a byte", Buffer.from(`{"a":"${TOKEN.replace("k", "K")}"}`)],
  ["has parts of the token", Buffer.from(`${TOKEN.slice(0, 9)}${TOKEN.slice(3)}`)],
  ["is any bytes", Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))],
  ["begins with a byte order mark", Buffer.from("\ufeff{}")],
  ["is large", randomBytes(3_000_000)],
  ["is large and full of beginnings", Buffer.from(TOKEN.slice(0, 8).repeat(LARGE / 8))],
];

describe("an answer of a platform", () => {
  /** @type {Stack} */
  let stack;
  /** The API of `bistro`. @type {Upstream} */
  let upstream;

  before(async () => {
    ({ stack, upstream } = await startStackWithUpstream("bistro"));
    const body = { success: true, token: TOKEN, expires_in: 3600, message: "ok" };
    stack.sims.clopos.control.faults.add({
      match: "token",
      action: { type: "answer", status: 200, body },
    });
    const { json } = await stack.call("POST", "/token/bistro/openapitest.1");
    assert.equal(json.access_token, TOKEN);
  });
  beforeEach(() => upstream.until(() => upstream.open() === 0));
  after(() => stack.stop());

  /** Sends a call whose answer is read piece by piece. */
  const beginReading = () => {
    const headers = { authorization: `Bearer ${stack.canaries.keys.office}` };
    return upstream.arrived(() => fetch(`${stack.url}${PATH}`, { headers }));
  };

  /** @type {[string, string][]} */
  const forms = [
    ["as it is", TOKEN],
    ["with escaped slashes", TOKEN.replaceAll("/", "\\/")],
  ];
  for (const [how, form] of forms) {
    for (const [where, body] of /** @type {const} */ ([
      ["at its beginning", form],
      ["in the middle", `{"headers":{"authorization":"Bearer ${form}"}}`],
      ["after its beginning", `{"x-token":"${TOKEN.slice(0, 4)}${form}"}`],
      ["at its end", `{"x-token":"${form}`],
    ])) {
      test(`that has the token ${where}, ${how}, is held back`, async () => {
        const call = await upstream.arrived(() => stack.call("GET", PATH));
        upstream.answer(whole(Buffer.from(body)));
        const answer = await call.answer;
        assertProblem(answer, "platform_answer_invalid", { app: "bistro" });
      });
    }

    test(`that is large and has the token, ${how}, is cut off before it`, async () => {
      const { answer } = await beginReading();
      const body = Buffer.from(`${"x".repeat(LARGE)}${form}${"y".repeat(LARGE)}`);
      upstream.answer(whole(body));
      await assertCut(await answer);
    });

    test(`in chunks that has the token, ${how}, is cut off before it`, async () => {
      const { answer } = await beginReading();
      upstream.answer(Buffer.concat([Buffer.from(CHUNKED), chunk(`{"a":"${form}"}`)]));
      await assertCut(await answer);
    });

    for (const at of [1, 2, 3, 20, form.length - 1]) {
      test(`whose token, ${how}, arrives ${at} bytes first and then the rest is cut off before it`, async () => {
        const { answer } = await beginReading();
        upstream.say(CHUNKED, chunk(`beginning, ${form.slice(0, at)}`));
        const { body } = await answer;
        assert.ok(body);
        const reader = body.pipeThrough(new TextDecoderStream()).getReader();
        assert.equal((await reader.read()).value, "beginning, ");
        upstream.say(chunk(`${form.slice(at)}, end`));
        await assert.rejects(reader.read());
        upstream.answer(END);
      });
    }

    test(`that is compressed and has the token, ${how}, is cut off before it`, async () => {
      const { answer } = await beginReading();
      upstream.answer(whole(gzipSync(`{"a":"${form}"}`), ["Content-Encoding: gzip"]));
      await assertCut(await answer);
    });
  }

  for (const [what, body] of HARMLESS) {
    /** @type {[string, () => Buffer][]} */
    const framings = [
      ["of known length", () => whole(body)],
      [
        "in chunks",
        () => Buffer.concat([Buffer.from(CHUNKED), ...pieces(body).map(chunk), Buffer.from(END)]),
      ],
      [
        "until the connection ends",
        () => Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n\r\n"), body]),
      ],
      ["compressed", () => whole(gzipSync(body), ["Content-Encoding: gzip"])],
    ];
    for (const [how, bytes] of framings) {
      test(`that ${what} arrives whole, ${how}`, async () => {
        const { answer } = await beginReading();
        upstream.answer(bytes());
        const received = Buffer.from(await (await answer).arrayBuffer());
        assert.ok(received.equals(body), `${received.length} bytes of ${body.length}`);
      });
    }
  }

  test("arrives as far as it is there, before its end is", async () => {
    const { answer } = await beginReading();
    upstream.say(CHUNKED, chunk("beginning, "));
    const { body } = await answer;
    assert.ok(body);
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "beginning, ");
    upstream.say(chunk("middle, "));
    assert.equal((await reader.read()).value, "middle, ");
    upstream.answer(Buffer.concat([chunk("end"), Buffer.from(END)]));
    assert.equal((await reader.read()).value, "end");
    assert.ok((await reader.read()).done);
  });
});

/** An answer of known length. @param {Buffer} body @param {string[]} [headers] further ones */
function whole(body, headers = []) {
  const lines = [`Content-Length: ${body.length}`, ...headers, "", ""];
  return Buffer.concat([Buffer.from(`${HEAD}${lines.join("\r\n")}`), body]);
}

/** @param {string | Buffer} text */
const chunk = (text) =>
  Buffer.concat([
    Buffer.from(`${text.length.toString(16)}\r\n`),
    Buffer.from(text),
    Buffer.from("\r\n"),
  ]);

/** @param {Buffer} body in pieces of different lengths */
function pieces(body) {
  const all = [];
  for (
    let start = 0, size = 1;
    start < body.length;
    start += size, size = Math.min(size * 3, 50_000)
  )
    all.push(body.subarray(start, start + size));
  return all;
}

/** It ended with an error, and nothing of a token's beginning came. @param {Response} answer */
async function assertCut(answer) {
  /** @type {Uint8Array[]} */
  const received = [];
  await assert.rejects(async () => {
    for await (const piece of answer.body ?? []) received.push(piece);
  });
  const text = Buffer.concat(received).toString("latin1");
  assert.match(text, /^(x*|\{"a":")$/);
}
