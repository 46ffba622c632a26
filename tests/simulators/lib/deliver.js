// Sending an answer: whole, or broken in the way a fault action asks. Faults that HTTP libraries
// would never send are written to the socket byte by byte.

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { framedHeaders, headBytes, json, redirect } from "./answer.js";

/** @import { ServerResponse } from "node:http" */
/** @import { Socket } from "node:net" */
/** @import { Answer, HeaderPair } from "./answer.js" */
/** @import { FaultAction, When } from "./rules.js" */

/** Size of `huge` and `gzip_bomb` where the rule names none: 100 MB. */
const BIG_BYTES = 100 * 1000 * 1000;
const FILLER = Buffer.alloc(64 * 1024, "x");
/** A reset overtakes bytes that the other side has not read yet; this lets them be read first. */
const BEFORE_RESET_MS = 25;
const GARBAGE = Buffer.from(
  "\x16\x03\x01\x02\x00\x01\x00 this is no HTTP \xff\xfe\r\n\r\n",
  "latin1",
);

/**
 * @param {FaultAction} action
 * @returns {Promise<Answer | undefined>} The answer that is sent in the platform's place, if the
 *   action has one.
 */
export async function standIn(action) {
  switch (action.type) {
    case "answer":
      return written(action);
    case "redirect":
      return redirect(action.status ?? 307, action.location);
    case "huge":
      return { ...json(200, null), body: Buffer.alloc(0), streamed: action.bytes ?? BIG_BYTES };
    case "gzip_bomb":
      return gzipBomb(action.bytes ?? BIG_BYTES);
    case "garbage":
      return { ...json(200, null), body: GARBAGE };
    default:
      return undefined;
  }
}

/**
 * @param {Answer} answer The platform's.
 * @param {FaultAction} action
 * @returns {Answer} With the changes of a `patch`; any other action changes nothing.
 */
export function patched(answer, action) {
  if (action.type !== "patch") return answer;
  const value = JSON.parse(answer.body.toString() || "{}");
  Object.assign(value, action.set);
  for (const key of action.unset ?? []) delete value[key];
  const replaced = new Set((action.headers ?? []).map(([name]) => name.toLowerCase()));
  const kept = answer.headers.filter(([name]) => !replaced.has(name.toLowerCase()));
  return {
    status: action.status ?? answer.status,
    headers: [...kept, ...(action.headers ?? [])],
    body: Buffer.from(JSON.stringify(value)),
  };
}

/**
 * @param {ServerResponse} response
 * @param {Answer} answer
 * @param {FaultAction | undefined} action
 * @returns {Promise<void>} Resolved when nothing more will be sent, or the other side is gone.
 */
export async function deliver(response, answer, action) {
  const socket = response.socket;
  if (!socket || socket.destroyed) return;
  switch (action?.type) {
    case "hang":
      await writeUntil(socket, answer, action.when ?? "before_headers");
      return;
    case "reset":
      await writeUntil(socket, answer, action.when ?? "before_headers");
      await pause(BEFORE_RESET_MS);
      socket.resetAndDestroy();
      return;
    case "truncate":
      await writeUntil(socket, answer, "mid_body");
      socket.end();
      return;
    case "drip":
      return drip(socket, answer, action);
    case "garbage":
      return garbage(socket, answer, action.where ?? "head");
    default:
      return whole(response, answer);
  }
}

/**
 * What a `connection` rule does to a socket before anything is read from it.
 * @param {Socket} socket
 * @param {FaultAction} action
 */
export function disturbConnection(socket, action) {
  socket.on("error", () => {});
  if (action.type === "reset") socket.resetAndDestroy();
  if (action.type === "garbage") socket.end(GARBAGE);
}

/**
 * @param {Extract<FaultAction, {type: "answer"}>} action
 * @returns {Answer}
 */
function written({ status = 200, headers = [], body = "" }) {
  if (typeof body !== "string") return json(status, body, headers);
  return { status, headers, body: Buffer.from(body) };
}

/** @type {Map<number, Promise<Buffer>>} */
const bombs = new Map();

/**
 * @param {number} bytes
 * @returns {Promise<Answer>}
 */
async function gzipBomb(bytes) {
  const bomb = bombs.get(bytes) ?? promisify(gzip)(Buffer.alloc(bytes, " "));
  bombs.set(bytes, bomb);
  const answer = json(200, null, [["content-encoding", "gzip"]]);
  return { ...answer, body: await bomb };
}

/**
 * @param {ServerResponse} response
 * @param {Answer} answer
 */
async function whole(response, answer) {
  const headers = framedHeaders(answer).flat();
  // Node's types know a flat list only as strings or numbers by name; the runtime takes this one,
  // which keeps order and duplicates.
  response.writeHead(answer.status, /** @type {string[]} */ (headers));
  if (answer.body.length > 0) response.write(answer.body);
  if (answer.streamed === undefined) response.end();
  // A reader who has had enough goes away; that is no failure of the simulator.
  else await pipeline(Readable.from(filler(answer.streamed)), response).catch(() => {});
}

/** @param {number} bytes */
function* filler(bytes) {
  for (let left = bytes; left > 0; left -= FILLER.length) {
    yield FILLER.subarray(0, Math.min(left, FILLER.length));
  }
}

/**
 * Writes an answer up to a point and leaves it there.
 * @param {Socket} socket
 * @param {Answer} answer
 * @param {When} when
 */
async function writeUntil(socket, answer, when) {
  if (when === "before_headers") return;
  await write(socket, headBytes({ ...answer, headers: framedHeaders(answer) }));
  if (when === "mid_body") {
    await write(socket, answer.body.subarray(0, Math.floor(answer.body.length / 2)));
  }
}

/**
 * @param {Socket} socket
 * @param {Answer} answer
 * @param {Extract<FaultAction, {type: "drip"}>} action
 */
async function drip(socket, answer, { part = "body", bytes = 1, ms = 20 }) {
  /** @type {HeaderPair[]} */
  const headers = [...framedHeaders(answer), ["connection", "close"]];
  const head = headBytes({ ...answer, headers });
  if (part === "body") await write(socket, head);
  const dripped = part === "body" ? answer.body : Buffer.concat([head, answer.body]);
  const step = Math.max(1, bytes);
  for (let at = 0; at < dripped.length && !socket.destroyed; at += step) {
    await write(socket, dripped.subarray(at, at + step));
    await pause(ms);
  }
  socket.end();
}

/**
 * @param {Socket} socket
 * @param {Answer} answer
 * @param {"head" | "chunks" | "body"} where
 */
async function garbage(socket, answer, where) {
  if (where === "head") {
    socket.end(GARBAGE);
    return;
  }
  /** @type {HeaderPair} */
  const framing =
    where === "chunks"
      ? ["transfer-encoding", "chunked"]
      : ["content-length", String(GARBAGE.length)];
  await write(socket, headBytes({ ...answer, headers: [...answer.headers, framing] }));
  socket.end(where === "chunks" ? Buffer.from("zz\r\nnot a chunk\r\n") : GARBAGE);
}

/**
 * @param {Socket} socket
 * @param {Buffer} bytes
 * @returns {Promise<void>} Resolved when they are handed over or the socket is gone.
 */
function write(socket, bytes) {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.write(bytes, () => resolve());
  });
}
