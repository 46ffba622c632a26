// What `npm start` shows when everything runs: where to look, and calls to copy.

/** @typedef {import("./ports.js").Ports} Ports */
/** @typedef {ReturnType<typeof import("./colour.js").palette>} Palette */

/**
 * Calls that return what the platforms' documentation shows.
 * @param {Ports} ports
 * @param {string} apiKey
 * @returns {[string, string][]}
 */
export function exampleCalls({ worker }, apiKey) {
  const url = `http://localhost:${worker}`;
  const key = `-H "Authorization: Bearer ${apiKey}"`;
  return [
    ["Clopos: a token for a back-end", `curl -X POST ${key} ${url}/token/cafe/openapitest.1`],
    ["Clopos v1: products", `curl ${key} ${url}/api/cafe/openapitest.1/menu/products`],
    ["Clopos v2: products", `curl ${key} ${url}/api/cafe2/openapitest/menu/products`],
    ["Clearline: a till's status", `curl ${key} ${url}/api/loyalty/main/pos/demo/status`],
    ["All connections", `curl ${key} ${url}/connections`],
  ];
}

/**
 * @param {Ports} ports
 * @param {string} apiKey
 * @param {Palette} paint
 */
export function welcome(ports, apiKey, paint) {
  /** @param {number} port */
  const at = (port) => paint.cyan(`http://localhost:${port}`);
  const places = [
    ["Demo shop", at(ports.demo)],
    ["Worker", `${at(ports.worker)}  ${paint.dim("/health  /openapi.json")}`],
    ["Clover login", paint.cyan(`http://localhost:${ports.worker}/login/till`)],
    ["Simulators", `Clopos ${at(ports.clopos)}  Clearline ${at(ports.clearline)}`],
    ["", `Clover ${at(ports.clover)}`],
  ].map(([name, where]) => `  ${paint.bold((name ?? "").padEnd(13))} ${where}`);
  const calls = exampleCalls(ports, apiKey).flatMap(([what, call]) => [
    `  ${paint.dim(`# ${what}`)}`,
    `  ${call}`,
  ]);
  const keep = "State and logs are in .tillgate/ and stay; npm start -- --clean empties it.";
  return [
    "",
    ...places,
    "",
    ...calls,
    "",
    paint.dim(`  ${keep}`),
    paint.bold("  Ctrl-C ends everything."),
  ].join("\n");
}
