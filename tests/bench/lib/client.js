// The load generator: sockets that stay open, each with one request under way at a time. A request is bytes that were
// made before, and of an answer only as much is read as tells where it ends.

import { connect } from "node:net";

const HEAD_END = "\r\n\r\n";
const CHUNKED_END = Buffer.from("0\r\n\r\n");
/** Longer than any answer takes: a load that hangs is an error of the benchmark or of the worker. */
const TIMEOUT_MS = 60_000;

/**
 * @typedef {object} Load
 * @property {number} port
 * @property {number} connections
 * @property {number} requests
 * @property {(connection: number, index: number) => Buffer} request the bytes of a request
 * @property {number} [status] what every answer has to have; 200 where none is named, 0 for any
 */

/** @typedef {{ seconds: number, latencies: Float64Array }} Outcome `latencies` in milliseconds, sorted */

/**
 * The bytes of a request.
 * @param {string} method
 * @param {string} path
 * @param {{ headers?: Record<string, string>, body?: Buffer }} [content]
 */
export function bytesOf(method, path, { headers = {}, body } = {}) {
  const length =
    body === undefined && method === "GET" ? {} : { "content-length": body?.length ?? 0 };
  const lines = Object.entries({ host: "127.0.0.1", ...headers, ...length });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`),
    body ?? Buffer.alloc(0),
  ]);
}

/** One answer as it arrives. */
class Reading {
  #head = "";
  /** Bytes that are still to come; of a chunked answer unknown. @type {number | undefined} */
  #missing;
  /** @type {Buffer} */
  #tail = Buffer.alloc(0);
  status = 0;

  /** @param {Buffer} bytes @returns {boolean} whether the answer is complete */
  take(bytes) {
    if (this.status !== 0) return this.#body(bytes);
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return false;
    this.status = Number(this.#head.slice(9, 12));
    const rest = Buffer.from(this.#head.slice(end + HEAD_END.length), "latin1");
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head.slice(0, end));
    this.#missing = length === null ? undefined : Number(length[1]);
    return this.#body(rest);
  }

  /** @param {Buffer} bytes */
  #body(bytes) {
    if (this.#missing !== undefined) {
      this.#missing -= bytes.length;
      return this.#missing <= 0;
    }
    // No body here ends like the last chunk of one, so that the chunks need not be counted.
    const end = bytes.length >= CHUNKED_END.length ? bytes : Buffer.concat([this.#tail, bytes]);
    this.#tail = end.subarray(-CHUNKED_END.length);
    return this.#tail.equals(CHUNKED_END);
  }
}

/**
 * Sends requests over several connections and waits for all answers.
 * @param {Load} load
 * @returns {Promise<Outcome>}
 * @throws {Error} an answer has another status, or did not come
 */
export async function run({ port, connections, requests, request, status = 200 }) {
  const latencies = new Float64Array(requests);
  let next = 0;
  /** @param {number} connection @returns {Promise<void>} */
  const one = (connection) =>
    new Promise((resolve, reject) => {
      let reading = new Reading();
      let begun = 0;
      let index = 0;
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      const send = () => {
        if (next === requests) {
          socket.end();
          resolve();
          return;
        }
        index = next++;
        reading = new Reading();
        begun = performance.now();
        socket.write(request(connection, index));
      };
      socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error("no answer came")));
      socket.once("connect", send);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the connection was closed")));
      socket.on("data", (bytes) => {
        if (!reading.take(bytes)) return;
        if (status !== 0 && reading.status !== status)
          return socket.destroy(new Error(`answered ${reading.status}: ${bytes}`));
        latencies[index] = performance.now() - begun;
        send();
      });
    });
  const begun = performance.now();
  await Promise.all(Array.from({ length: Math.min(connections, requests) }, (_, i) => one(i)));
  return { seconds: (performance.now() - begun) / 1000, latencies: latencies.sort() };
}
