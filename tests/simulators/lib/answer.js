// An HTTP answer as a value, and the few shapes the simulators build. Sending it, whole or broken
// on purpose, is deliver.js.

import { STATUS_CODES } from "node:http";

/**
 * @typedef {[name: string, value: string]} HeaderPair
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {HeaderPair[]} headers In the order in which they are sent; a name may occur twice.
 * @property {Buffer} body
 * @property {number} [streamed] Bytes of filler to stream after `body`, without a `content-length`.
 */

/**
 * @param {number} status
 * @param {unknown} value
 * @param {HeaderPair[]} [headers]
 * @returns {Answer}
 */
export function json(status, value, headers = []) {
  return {
    status,
    headers: [["content-type", "application/json"], ...headers],
    body: Buffer.from(JSON.stringify(value)),
  };
}

/**
 * @param {number} status
 * @param {HeaderPair[]} [headers]
 * @returns {Answer}
 */
export function empty(status, headers = []) {
  return { status, headers, body: Buffer.alloc(0) };
}

/**
 * @param {number} status
 * @param {string} location
 * @returns {Answer}
 */
export function redirect(status, location) {
  return empty(status, [["location", location]]);
}

/**
 * A page for a person. Nothing from elsewhere is loaded and no other page may frame it.
 * @param {number} status
 * @param {string} markup
 * @returns {Answer}
 */
export function page(status, markup) {
  return {
    status,
    headers: [
      ["content-type", "text/html; charset=utf-8"],
      ["cache-control", "no-store"],
      [
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      ],
      ["referrer-policy", "no-referrer"],
    ],
    body: Buffer.from(markup),
  };
}

/**
 * The bytes of the status line and headers, for the faults that write to the socket themselves.
 * @param {Answer} answer
 * @returns {Buffer}
 */
export function headBytes(answer) {
  const lines = answer.headers.map(([name, value]) => `${name}: ${value}\r\n`);
  const reason = STATUS_CODES[answer.status] ?? "Unknown";
  return Buffer.from(`HTTP/1.1 ${answer.status} ${reason}\r\n${lines.join("")}\r\n`, "latin1");
}

/**
 * @param {Answer} answer
 * @returns {HeaderPair[]} The headers with `content-length`, where the answer does not set its own
 *   framing and may have a body at all.
 */
export function framedHeaders(answer) {
  const framed = answer.headers.some(([name]) =>
    /^(content-length|transfer-encoding)$/i.test(name),
  );
  const bodiless = answer.status === 204 || answer.status === 304 || answer.streamed !== undefined;
  if (framed || bodiless) return answer.headers;
  return [...answer.headers, ["content-length", String(answer.body.length)]];
}
