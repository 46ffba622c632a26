// What the demo shop answers with: a value that the server writes out, and the headers that every answer carries.

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} headers
 * @property {string | Uint8Array} body
 */

/** On everything: nobody frames it, guesses its type, learns where a visitor came from, or keeps it. */
export const COMMON_HEADERS = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** @param {string} type @param {string | Uint8Array} body @returns {Answer} */
export const ok = (type, body) => ({ status: 200, headers: { "content-type": type }, body });

/**
 * An error in the form in which the worker has them too (RFC 9457).
 * @param {number} status @param {string} title @param {string} detail
 * @returns {Answer}
 */
export function problem(status, title, detail) {
  const body = JSON.stringify({ type: "about:blank", title, status, detail });
  return { status, headers: { "content-type": "application/problem+json" }, body };
}
