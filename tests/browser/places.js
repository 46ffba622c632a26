// Everywhere that a page can look for a token: run in Chromium, by `page.evaluate`, so each function here stands alone.

/**
 * The places in which a text is found, by name.
 * @param {string} text
 * @returns {Promise<string[]>}
 */
export async function findInPage(text) {
  /** @param {unknown[]} values */
  const holds = (...values) => values.some((value) => String(value).includes(text));
  const navigations = performance.getEntriesByType("navigation");
  const legacy = ["input", "lastMatch", "lastParen", "leftContext", "rightContext", "$1"];
  const { activation } = navigation;
  const keys = await Promise.all(
    (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
  );
  /** @type {Record<string, boolean>} */
  const places = {
    "`location`": holds(location.href, document.URL, document.documentURI, document.baseURI),
    "`history.state`": holds(JSON.stringify(history.state)),
    "`navigation.entries()`": navigation.entries().some(({ url }) => holds(url)),
    "`navigation.activation.entry.url`": holds(activation?.entry?.url),
    "`navigation.activation.from.url`": holds(activation?.from?.url),
    '`performance.getEntriesByType("navigation")[0].name`': navigations.some(({ name }) =>
      holds(name),
    ),
    "other performance entries": performance
      .getEntries()
      .some((entry) => entry.entryType !== "navigation" && holds(JSON.stringify(entry))),
    "`document.referrer`": holds(document.referrer),
    "`document.cookie`": holds(document.cookie),
    "`window.name`": holds(window.name),
    "`localStorage`": holds(JSON.stringify(localStorage)),
    "`sessionStorage`": holds(JSON.stringify(sessionStorage)),
    "`indexedDB`": (await indexedDB.databases()).length > 0,
    "`caches`": holds(...keys.flat().map(({ url }) => url)),
    "`RegExp`": legacy.some((name) => holds(Reflect.get(RegExp, name))),
    "the document": holds(document.documentElement.outerHTML),
  };
  return Object.keys(places).filter((place) => places[place]);
}

/**
 * Where a text is found on a walk from the global object over every property, inherited ones and getters too.
 * @param {string} text
 * @returns {string[]} paths
 */
export function walkOverGlobals(text) {
  /** @type {string[]} */
  const found = [];
  const seen = new Set();
  /** @type {[path: string, value: unknown, depth: number][]} */
  const queue = [["globalThis", globalThis, 0]];
  for (const [path, value, depth] of queue) {
    if (typeof value === "string" && value.includes(text)) found.push(path);
    if ((typeof value !== "object" && typeof value !== "function") || value === null) continue;
    if (seen.has(value) || depth > 5) continue;
    seen.add(value);
    for (let owner = value; owner !== null; owner = Object.getPrototypeOf(owner)) {
      for (const key of Reflect.ownKeys(owner)) {
        try {
          queue.push([`${path}.${String(key)}`, Reflect.get(owner, key, value), depth + 1]);
        } catch {
          // A getter that wants another object than this one.
        }
      }
    }
  }
  return found;
}

/**
 * What the page's service worker has seen.
 * @param {string} text
 * @returns {Promise<string[]>} the places in which a text is found
 */
export async function findInServiceWorker(text) {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  navigator.serviceWorker.controller?.postMessage("what have you seen?", [port2]);
  /** @type {{ requests: string[], clients: string[] }} */
  const { requests, clients } = await answer;
  /** @type {[string, string[]][]} */
  const places = [
    ["a service worker's `FetchEvent.request.url`", requests],
    ["a service worker's `Client.url`", clients],
  ];
  return places.filter(([, urls]) => urls.some((url) => url.includes(text))).map(([name]) => name);
}

/** The service worker: it remembers every request, and tells. */
export const SERVICE_WORKER = `
const requests = [];
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => requests.push(event.request.url));
addEventListener("message", async ({ ports }) => {
  const all = await clients.matchAll({ includeUncontrolled: true });
  ports[0].postMessage({ requests, clients: all.map(({ url }) => url) });
});`;
