// What the shop's back-end tells the page, in its document's head. No secret is among it.

/** @param {string} name */
const meta = (name) =>
  document.querySelector(`meta[name="shop:${name}"]`)?.getAttribute("content") ?? "";

export const settings = Object.freeze({
  workerUrl: meta("worker-url"),
  clientId: meta("client-id"),
  authorizeUrl: meta("authorize-url"),
  /** Those that the back-end can make misbehave. */
  simulators: meta("simulators").split(" ").filter(Boolean),
});
