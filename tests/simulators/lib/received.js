// A request as it arrived, as a value: nothing decoded, merged or normalised unless asked for.

/** @import { IncomingMessage } from "node:http" */

/** What a simulator reads of one request; larger ones are cut and answered with 413. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

export class Received {
  /**
   * @param {string} method
   * @param {string} target The request target, byte for byte.
   * @param {import("./answer.js").HeaderPair[]} headers In order, duplicates kept.
   * @param {Buffer} body
   */
  constructor(method, target, headers, body) {
    this.method = method;
    this.target = target;
    this.headers = headers;
    this.body = body;
    const mark = target.indexOf("?");
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.rawQuery = mark < 0 ? "" : target.slice(mark + 1);
  }

  get query() {
    return new URLSearchParams(this.rawQuery);
  }

  /**
   * @param {string} name
   * @returns {string[]} Every value of that header, in order.
   */
  all(name) {
    const wanted = name.toLowerCase();
    return this.headers.filter(([other]) => other.toLowerCase() === wanted).map(([, v]) => v);
  }

  /**
   * @param {string} name
   * @returns {string | undefined} The value of a header that was sent exactly once.
   */
  one(name) {
    const values = this.all(name);
    return values.length === 1 ? values[0] : undefined;
  }

  /** @returns {string | undefined} The token of a single `Authorization: Bearer` header. */
  bearer() {
    return /^Bearer ([!-~]+)$/.exec(this.one("authorization") ?? "")?.[1];
  }

  /** @returns {Record<string, unknown> | undefined} The body as a JSON object, if it is one. */
  jsonObject() {
    try {
      const value = JSON.parse(this.body.toString("utf8"));
      return value !== null && typeof value === "object" && !Array.isArray(value)
        ? value
        : undefined;
    } catch {
      return undefined;
    }
  }
}

/**
 * @param {IncomingMessage} message
 * @returns {Promise<Received | undefined>} Undefined when the body is larger than a simulator reads.
 */
export async function receive(message) {
  /** @type {Buffer[]} */
  const chunks = [];
  let length = 0;
  for await (const chunk of message) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new Received(
    message.method ?? "",
    message.url ?? "",
    headerPairs(message.rawHeaders),
    Buffer.concat(chunks),
  );
}

/**
 * @param {string[]} raw Node's flat list of names and values.
 * @returns {import("./answer.js").HeaderPair[]}
 */
export function headerPairs(raw) {
  /** @type {import("./answer.js").HeaderPair[]} */
  const pairs = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return pairs;
}
