// Checks of a request's form against a platform's documentation. Each returns sentences about what
// departs from it; none means it is in form. Values of secrets appear in none of them.

/** @import { Received } from "./received.js" */

/** Headers that carry or could carry a credential or a caller's identity. */
const SENSITIVE = [
  "authorization",
  "cookie",
  "proxy-authorization",
  "x-api-key",
  "x-brand",
  "x-stage",
  "x-tillgate",
  "x-token",
  "x-venue",
];

/**
 * @param {Received} received
 * @param {string} method
 * @returns {string[]}
 */
export function methodIs(received, method) {
  return received.method === method
    ? []
    : [`method ${received.method} on ${received.path}; documented is ${method}`];
}

/**
 * @param {Received} received
 * @returns {string[]}
 */
export function noQuery(received) {
  return received.target.includes("?") ? [`a query on ${received.path}; none is documented`] : [];
}

/**
 * @param {Received} received
 * @returns {string[]}
 */
export function noBody(received) {
  return received.body.length === 0 ? [] : ["a body; none is documented"];
}

/**
 * @param {Received} received
 * @param {string} type
 * @returns {string[]}
 */
export function contentTypeIs(received, type) {
  const values = received.all("content-type");
  if (values.length === 1 && values[0]?.toLowerCase() === type) return [];
  return [`content-type is ${values.join(" and ") || "missing"}; documented is ${type}`];
}

/**
 * @param {Received} received
 * @param {string[]} allowed Lower-case names of the sensitive headers that belong there.
 * @returns {string[]}
 */
export function noOtherCredentials(received, allowed) {
  return SENSITIVE.flatMap((name) => {
    const count = received.all(name).length;
    if (count > 0 && !allowed.includes(name)) return [`header ${name}; it does not belong there`];
    return count > 1 ? [`header ${name} sent ${count} times`] : [];
  });
}

/**
 * @param {Received} received
 * @param {string[]} names
 * @returns {string[]}
 */
export function headersPresent(received, names) {
  return names.filter((name) => !received.one(name)).map((name) => `header ${name} is missing`);
}

/**
 * @param {Received} received
 * @param {readonly string[]} keys
 * @returns {string[]} Nothing for a flat JSON object of exactly these keys, each once, each text.
 */
export function exactJson(received, keys) {
  const value = received.jsonObject();
  if (!value) return ["the body is no JSON object"];
  const problems = keyProblems(Object.keys(value), keys);
  for (const key of keys) {
    if (Object.hasOwn(value, key) && typeof value[key] !== "string") {
      problems.push(`body key ${key} is no string`);
    }
  }
  if (problems.length === 0 && repeatsKey(received.body.toString("utf8"), keys.length)) {
    problems.push("a body key occurs twice");
  }
  return problems;
}

/**
 * @param {URLSearchParams} parameters
 * @param {readonly string[]} names
 * @returns {string[]} Nothing for exactly these parameters, each once.
 */
export function exactParameters(parameters, names) {
  return keyProblems([...parameters.keys()], names);
}

/**
 * @param {string[]} found
 * @param {readonly string[]} wanted
 * @returns {string[]}
 */
function keyProblems(found, wanted) {
  const missing = wanted.filter((key) => !found.includes(key)).map((key) => `${key} is missing`);
  const more = [...new Set(found)]
    .filter((key) => !wanted.includes(key))
    .map((key) => `${JSON.stringify(key)} is not documented`);
  const twice = wanted
    .filter((key) => found.filter((other) => other === key).length > 1)
    .map((key) => `${key} occurs twice`);
  return [...missing, ...more, ...twice];
}

/**
 * `JSON.parse` keeps the last of two equal keys. In a flat object of strings each key brings two
 * string literals, so a surplus gives the repetition away.
 * @param {string} text
 * @param {number} keys
 */
function repeatsKey(text, keys) {
  return (text.match(/"(?:[^"\\]|\\.)*"/g) ?? []).length !== keys * 2;
}
