// An HTTP client that sends what it is given: targets and headers are not normalised, redirects are not followed,
// bodies are not decoded. And a client for bytes, where even the request line is the test's.

import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";

/** A request that is not answered within this many milliseconds fails its test. */
const LIMIT_MS = 45_000;

const agent = new Agent({ keepAlive: true });

/**
 * @typedef {string | Buffer | AsyncIterable<Uint8Array>} Body an iterable is sent in chunks
 *
 * @typedef {object} Sent
 * @property {Record<string, string | string[]>} [headers] an array repeats the header
 * @property {Body} [body]
 * @property {AbortSignal} [signal]
 */

/** An answer with its body read to the end. */
export class Answer {
  /**
   * @param {number} status
   * @param {string[]} rawHeaders names and values by turns, as they came
   * @param {Buffer} bytes the body as it came
   */
  constructor(status, rawHeaders, bytes) {
    this.status = status;
    this.rawHeaders = rawHeaders;
    this.bytes = bytes;
    this.headers = new Headers();
    for (let index = 0; index < rawHeaders.length; index += 2)
      this.headers.append(rawHeaders[index] ?? "", rawHeaders[index + 1] ?? "");
  }

  /** The body, its content coding undone if there is anything. */
  get text() {
    const zipped = this.headers.get("content-encoding") === "gzip" && this.bytes.length > 0;
    return (zipped ? gunzipSync(this.bytes) : this.bytes).toString("utf8");
  }

  /** The body as JSON. @returns {any} any: tests compare it with what it should be */
  get json() {
    return JSON.parse(this.text);
  }
}

/**
 * @param {string} origin
 * @param {string} method
 * @param {string} target sent as it is
 * @param {Sent} [sent]
 * @returns {Promise<Answer>}
 */
export async function send(origin, method, target, sent = {}) {
  try {
    return await sendOnce(origin, method, target, sent);
  } catch (error) {
    // An idle connection may be closed by the server in the moment it is used again: then nothing was received.
    if (!(error instanceof ClosedWhileIdle)) throw error;
    return sendOnce(origin, method, target, sent);
  }
}

/** A connection that was kept turned out to be closed. */
class ClosedWhileIdle extends Error {}

/**
 * @param {string} origin
 * @param {string} method
 * @param {string} target
 * @param {Sent} sent
 */
async function sendOnce(origin, method, target, { headers = {}, body, signal }) {
  const { hostname, port } = new URL(origin);
  const limit = AbortSignal.timeout(LIMIT_MS);
  const outgoing = request({
    hostname,
    port,
    method,
    path: target,
    headers: { ...framing(body), ...headers },
    agent,
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  const answered = once(outgoing, "response").catch((error) => {
    const again = outgoing.reusedSocket && error.code === "ECONNRESET" && isWhole(body);
    throw again ? new ClosedWhileIdle() : error;
  });
  const written = write(outgoing, body);
  const [incoming] = await answered;
  const chunks = await incoming.toArray();
  await written;
  return new Answer(incoming.statusCode ?? 0, incoming.rawHeaders, Buffer.concat(chunks));
}

/**
 * Whether a body is there as a whole, or none at all.
 * @param {Body | undefined} body
 * @returns {body is string | Buffer | undefined}
 */
const isWhole = (body) => body === undefined || typeof body === "string" || Buffer.isBuffer(body);

/** @param {Body | undefined} body @returns {Record<string, string>} */
function framing(body) {
  if (body === undefined) return {};
  return isWhole(body)
    ? { "content-length": String(Buffer.byteLength(body)) }
    : { "transfer-encoding": "chunked" };
}

/**
 * Writes a body. Who answers before its end may close the connection, which then is no failure.
 * @param {import("node:http").ClientRequest} outgoing
 * @param {Body | undefined} body
 */
async function write(outgoing, body) {
  outgoing.on("error", () => {});
  if (isWhole(body)) outgoing.end(body);
  else await pipeline(body, outgoing).catch(() => {});
}

/**
 * Sends bytes and reads what comes until the other side closes the connection: ask for that with `Connection: close`.
 * @param {number} port
 * @param {string | Buffer} bytes a string is sent as Latin-1
 * @returns {Promise<Buffer>}
 */
export async function sendBytes(port, bytes) {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(LIMIT_MS, () => socket.destroy());
  /** @type {Buffer[]} */
  const chunks = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => {});
  socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  await once(socket, "close");
  return Buffer.concat(chunks);
}

/**
 * Reads an answer out of bytes. The body is what follows the head, chunks not undone.
 * @param {Buffer} bytes
 */
export function parseAnswer(bytes) {
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end < 0 ? undefined : end).split("\r\n");
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const status = Number(statusLine.split(" ")[1] ?? 0);
  return new Answer(status, headers, bytes.subarray(end < 0 ? bytes.length : end + 4));
}
