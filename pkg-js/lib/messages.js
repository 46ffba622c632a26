// What the popup and the page that opened it say to each other. Both stand on the same origin and nobody else hears it.

/** @typedef {import("./address.js").Answer} Answer */

/**
 * The channel of one login. Its name holds the state, which nobody but the two can know, and which is used once.
 * @param {string} state
 */
export const openChannel = (state) => new BroadcastChannel(`tillgate:${state}`);

/** What the popup hears once its answer has been taken. */
export const RECEIVED = "tillgate:received";

/** @param {Answer} answer */
export const answerMessage = ({ query, fragment }) => ({
  type: "tillgate:answer",
  query,
  fragment,
});

/**
 * @param {unknown} data of a message event
 * @returns {Answer | null} null: it is something else
 */
export function readAnswerMessage(data) {
  if (typeof data !== "object" || data === null) return null;
  const { type, query, fragment } = /** @type {Record<string, unknown>} */ (data);
  if (type !== "tillgate:answer" || typeof query !== "string" || typeof fragment !== "string")
    return null;
  return { query, fragment };
}
