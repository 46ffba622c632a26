// Two resources that every simulator offers behind its token and no platform has: one tells a test
// what arrived, the other answers whatever the test asks for.

import { gzipSync } from "node:zlib";
import { json } from "./answer.js";
import { succeed } from "./outcome.js";

/** @import { Answer, HeaderPair } from "./answer.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Received } from "./received.js" */

/** @type {Record<string, string>} */
const TYPES = {
  json: "application/json",
  html: "text/html; charset=utf-8",
  svg: "image/svg+xml",
  text: "text/plain; charset=utf-8",
  binary: "application/octet-stream",
};

/** @type {Record<string, string>} */
const SAMPLES = {
  json: '{"sample":true}',
  html: "<!doctype html><title>sample</title><script>document.title = 'ran'</script>",
  svg: '<svg xmlns="http://www.w3.org/2000/svg"><script>window.ran = true</script></svg>',
  text: "sample",
  binary: "\u0000\u0001sample",
};

/**
 * @param {Received} received
 * @param {string} rest The path behind the API's prefix, without a leading slash.
 * @returns {Outcome | undefined} Undefined when the path names none of these resources.
 */
export function useTool(received, rest) {
  const name = rest.split("/")[0];
  if (name === "__echo") return succeed("any.tool", echo(received));
  if (name === "__echo_redacted") return succeed("any.tool", echo(redacted(received)));
  if (name === "__answer") return succeed("any.tool", asked(received.query));
  return undefined;
}

/**
 * @param {Received | Pick<Received, "method" | "target" | "path" | "rawQuery" | "headers" | "body">} received
 * @returns {Answer}
 */
function echo({ method, target, path, rawQuery, headers, body }) {
  return json(200, {
    method,
    target,
    path,
    query: rawQuery,
    headers,
    body: body.toString("utf8"),
    body_base64: body.toString("base64"),
  });
}

/** @param {Received} received */
function redacted({ method, target, path, rawQuery, headers, body }) {
  /** @type {HeaderPair[]} */
  const hidden = headers.map(([name, value]) =>
    /^(x-token|authorization)$/i.test(name)
      ? [name, value.replace(/[^ ]+$/, "(redacted)")]
      : [name, value],
  );
  return { method, target, path, rawQuery, headers: hidden, body };
}

/**
 * The answer that a query describes: `status`, `type` (json, html, svg, text, binary), `body`,
 * `header` (`name: value`, repeatable), `location`, `gzip=1`, `size` (bytes of streamed filler).
 * @param {URLSearchParams} query
 * @returns {Answer}
 */
function asked(query) {
  const type = query.get("type") ?? "json";
  const body = Buffer.from(query.get("body") ?? SAMPLES[type] ?? "");
  const zipped = query.get("gzip") === "1";
  const size = Number(query.get("size") ?? 0);
  /** @type {HeaderPair[]} */
  const headers = [["content-type", TYPES[type] ?? type], ...askedHeaders(query)];
  if (zipped) headers.push(["content-encoding", "gzip"]);
  return {
    status: askedStatus(query),
    headers,
    body: size > 0 ? Buffer.alloc(0) : zipped ? gzipSync(body) : body,
    ...(size > 0 && { streamed: size }),
  };
}

/** @param {URLSearchParams} query */
function askedStatus(query) {
  const status = Number(query.get("status") ?? (query.has("location") ? 302 : 200));
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : 400;
}

/**
 * @param {URLSearchParams} query
 * @returns {HeaderPair[]}
 */
function askedHeaders(query) {
  /** @type {HeaderPair[]} */
  const headers = query.getAll("header").map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const location = query.get("location");
  return location === null ? headers : [...headers, ["location", location]];
}
