// What the worker did for some calls, in one sentence.

/** @typedef {import("./call.js").Call} Call */

/** @type {Record<string, string>} */
const SENTENCES = {
  memory: "The token was in tillgate’s memory",
  vault: "The token came out of tillgate’s vault",
  exchange: "The token is fresh from the platform",
};

/** @param {...Call} calls one after another: a token that the first one brought, the others find in memory */
export function afterwards(...calls) {
  const token = calls[0]?.metrics.find(({ name }) => name === "token")?.desc ?? "";
  const sentence = SENTENCES[token] ?? "tillgate answered";
  const ms = calls.reduce((sum, call) => sum + call.ms, 0);
  return `${sentence}; all in all ${Math.round(ms)} ms.`;
}
