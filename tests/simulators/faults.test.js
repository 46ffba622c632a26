// The fault plan: which requests it meets, and what a client then sees on the wire.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { startSimulators } from "./index.js";
import {
  CLOPOS_V1_BODY,
  clearlineToken,
  cloposAuth,
  cloverAccess,
  sendRaw,
} from "./lib/testing.js";

/** @import { Simulators } from "./index.js" */

/** @type {Simulators} */
let simulators;

before(async () => {
  simulators = await startSimulators();
});
beforeEach(() => simulators.reset());
after(() => simulators.close());

const clopos = () => simulators.clopos.control;

/** The documented v1 token request, as bytes. */
function authBytes() {
  const body = JSON.stringify(CLOPOS_V1_BODY);
  return `POST /open-api/auth HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

test("a rule is used once unless it says otherwise, then the platform answers again", async () => {
  clopos().faults.add({ match: "token", action: { type: "answer", status: 503, body: "busy" } });
  const busy = await cloposAuth(simulators);
  assert.deepEqual([busy.status, await busy.text()], [503, "busy"]);
  assert.equal((await cloposAuth(simulators)).status, 200);
  const { token } = clopos().counters();
  assert.deepEqual([token.faulted, token.succeeded], [1, 1]);
});

test("rules in a queue make a platform flap", async () => {
  const down = { type: /** @type {const} */ ("answer"), status: 502 };
  clopos().faults.add([
    { action: down },
    { action: { type: "pass" } },
    { action: down, times: null },
  ]);
  const statuses = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await cloposAuth(simulators)).status);
  assert.deepEqual(statuses, [502, 200, 502, 502]);
  clopos().faults.clear();
  assert.equal((await cloposAuth(simulators)).status, 200);
});

test("a rule can be for one account, and for the merchant proof alone", async () => {
  const down = { type: /** @type {const} */ ("answer"), status: 500 };
  clopos().faults.add({ match: "token", where: { account: "openapitest.2" }, action: down });
  assert.equal((await cloposAuth(simulators)).status, 200);
  assert.equal((await cloposAuth(simulators, { ...CLOPOS_V1_BODY, venue_id: "2" })).status, 500);
  simulators.clover.control.faults.add({ match: "proof", action: down });
  const headers = { authorization: `Bearer ${await cloverAccess(simulators)}` };
  const merchant = `${simulators.clover.url}/v3/merchants/MERCHANT00001`;
  assert.equal((await fetch(`${merchant}/orders`, { headers })).status, 200);
  assert.equal((await fetch(merchant, { headers })).status, 500);
});

test("a gate holds answers until it is released", async () => {
  const gate = clopos().faults.hold({ match: "token" });
  const answers = [cloposAuth(simulators), cloposAuth(simulators)];
  await gate.arrived(2);
  assert.equal(clopos().counters().held, 2);
  assert.equal(gate.release(), 2);
  assert.deepEqual(
    (await Promise.all(answers)).map((answer) => answer.status),
    [200, 200],
  );
  assert.equal((await cloposAuth(simulators)).status, 200);
});

test("a patch changes the platform's own answer, whose token stays good", async () => {
  clopos().faults.add({
    match: "token",
    action: { type: "patch", set: { expires_in: "60" }, unset: ["message"] },
  });
  const body = await (await cloposAuth(simulators)).json();
  assert.equal(body.expires_in, "60");
  assert.equal("message" in body, false);
  assert.equal(clopos().tokens.check(body.token, "v1").state, "live");
});

test("a hang before the headers leaves the platform out; by option it has executed", async () => {
  clopos().faults.add([
    { match: "token", action: { type: "hang" } },
    { match: "token", action: { type: "hang", execute: true } },
  ]);
  for (let sent = 1; sent <= 2; sent += 1) {
    const socket = connect(simulators.clopos.port, "127.0.0.1");
    socket.write(authBytes());
    await clopos().waitForRequests("token", sent);
    await clopos().waitFor(({ token }) => token.faulted + token.succeeded === sent);
    socket.destroy();
  }
  await clopos().waitFor(({ in_flight }) => in_flight === 0);
  assert.equal(clopos().tokens.list().length, 1);
});

test("resets come before the headers, after them, or within the body", async () => {
  const seen = [];
  for (const when of /** @type {const} */ (["before_headers", "after_headers", "mid_body"])) {
    clopos().faults.add({ match: "token", action: { type: "reset", when } });
    const { received, error } = await sendRaw(simulators.clopos.port, authBytes());
    assert.equal(error, "ECONNRESET");
    seen.push(received.split("\r\n\r\n").map((part) => part.length > 0));
  }
  assert.deepEqual(seen, [[false], [true, false], [true, true]]);
});

test("a truncated answer ends before its content-length", async () => {
  clopos().faults.add({ match: "token", action: { type: "truncate" } });
  const { received, error } = await sendRaw(simulators.clopos.port, authBytes());
  const announced = Number(/content-length: (\d+)/.exec(received)?.[1]);
  assert.equal(error, undefined);
  assert.ok((received.split("\r\n\r\n")[1]?.length ?? 0) < announced);
});

test("a dripped answer arrives whole", async () => {
  for (const part of /** @type {const} */ (["headers", "body"])) {
    clopos().faults.add({ match: "token", action: { type: "drip", part, bytes: 64, ms: 1 } });
    assert.equal((await (await cloposAuth(simulators)).json()).success, true);
  }
});

for (const where of /** @type {const} */ (["head", "chunks", "body"])) {
  test(`garbage in the ${where} is no token answer`, async () => {
    clopos().faults.add({ match: "token", action: { type: "garbage", where } });
    await assert.rejects(async () => (await cloposAuth(simulators)).json());
  });
}

test("a huge answer streams as many bytes as asked for", async () => {
  clopos().faults.add({ match: "token", action: { type: "huge", bytes: 3_000_001 } });
  const answer = await cloposAuth(simulators);
  assert.equal((await answer.arrayBuffer()).byteLength, 3_000_001);
});

test("a gzip bomb is small on the wire and large inside", async () => {
  clopos().faults.add({ match: "token", action: { type: "gzip_bomb", bytes: 5_000_000 } });
  const bytes = authBytes().replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
  const { received } = await sendRaw(simulators.clopos.port, bytes);
  const zipped = Buffer.from(received.slice(received.indexOf("\r\n\r\n") + 4), "latin1");
  assert.ok(zipped.length < 20_000);
  assert.equal(gunzipSync(zipped).length, 5_000_000);
});

for (const status of [301, 302, 303, 307, 308]) {
  test(`a ${status} redirect goes where the rule says`, async () => {
    const location = "https://evil.example/steal";
    clopos().faults.add({ match: "token", action: { type: "redirect", status, location } });
    const url = `${simulators.clopos.url}/open-api/auth`;
    const answer = await fetch(url, { method: "POST", redirect: "manual" });
    assert.deepEqual([answer.status, answer.headers.get("location")], [status, location]);
  });
}

test("an answer's headers keep their order and duplicates", async () => {
  clopos().faults.add({
    match: "token",
    action: {
      type: "answer",
      headers: [
        ["X-One", "1"],
        ["x-one", "2"],
      ],
    },
  });
  const bytes = authBytes().replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
  const { received } = await sendRaw(simulators.clopos.port, bytes);
  assert.match(received, /X-One: 1\r\nx-one: 2\r\n/);
});

test("a connection can be reset or left silent before a request is read", async () => {
  clopos().faults.add([
    { match: "connection", action: { type: "reset" } },
    { match: "connection", action: { type: "hang" } },
  ]);
  assert.equal((await sendRaw(simulators.clopos.port, authBytes())).error, "ECONNRESET");
  const silent = connect(simulators.clopos.port, "127.0.0.1");
  silent.write(authBytes());
  await clopos().waitFor(({ connections }) => connections === 2);
  assert.equal(clopos().counters().requests, 0);
  silent.destroy();
});

test("a refusing simulator has no open port, and answers again on the same one", async () => {
  const { port } = simulators.clearline;
  await simulators.clearline.control.refuse();
  assert.equal((await sendRaw(port, "GET / HTTP/1.1\r\n\r\n")).error, "ECONNREFUSED");
  await simulators.clearline.control.accept();
  assert.equal(simulators.clearline.port, port);
  assert.equal((await clearlineToken(simulators)).status, 200);
});

test("what is no HTTP is counted", async () => {
  const { received } = await sendRaw(simulators.clopos.port, "NOT HTTP\r\n\r\n");
  assert.match(received, /^HTTP\/1.1 400/);
  assert.equal(clopos().counters().malformed, 1);
});

for (const [rule, message] of /** @type {const} */ ([
  [{ action: { type: "explode" } }, /rule\.action\.type: one of pass, answer/],
  [{ match: "tokens", action: { type: "pass" } }, /rule\.match: one of token/],
  [{ action: { type: "delay" } }, /rule\.action\.ms: delay needs it/],
  [{ action: { type: "delay", ms: -1 } }, /rule\.action\.ms: a whole number/],
  [{ action: { type: "reset", when: "later" } }, /rule\.action\.when: one of before_headers/],
  [{ action: { type: "pass", ms: 1 } }, /rule\.action \(pass\): unknown key ms/],
  [{ action: { type: "pass" }, count: 1 }, /rule: unknown key count/],
  [{ action: { type: "pass" }, times: 0 }, /rule\.times/],
  [{ match: "connection", action: { type: "huge" } }, /rule\.action\.type: one of hang/],
])) {
  test(`the rule ${JSON.stringify(rule)} is refused with the key that is wrong`, () => {
    assert.throws(() => clopos().faults.add(/** @type {any} */ (rule)), message);
    assert.deepEqual(clopos().faults.list(), []);
  });
}
