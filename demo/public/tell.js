// What the worker did for a call, in one sentence.

/** @typedef {import("./call.js").Call} Call */

/** @type {Record<string, string>} */
const SENTENCES = {
  memory: "The token was in tillgate’s memory",
  vault: "The token came out of tillgate’s vault",
  exchange: "The token is fresh from the platform",
};

/** @param {Call} call */
export function afterwards({ metrics, ms }) {
  const token = metrics.find(({ name }) => name === "token")?.desc ?? "";
  const sentence = SENTENCES[token] ?? "tillgate answered";
  return `${sentence}; all in all ${Math.round(ms)} ms.`;
}
