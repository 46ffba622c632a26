// What the end-to-end tests share: the simulators, the released worker configured against them, a client, a login without
// a browser, and an end that scans everything that came out for secrets. The configuration is configuration.js.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noteCanaries } from "../leaks/ledger.js";
import { startSimulators } from "../simulators/index.js";
import { APPS, bindings, canaries, configuration, registrations } from "./configuration.js";
import { startWorker } from "./harness/worker.js";
import { parseAnswer, send, sendBytes } from "./http.js";
import { Leaks } from "./leaks.js";

/** @import { AppName, CallerName, Canaries } from "./configuration.js" */
/** @import { RunningWorker } from "./harness/worker.js" */
/** @import { Answer, Sent } from "./http.js" */
/** @import { Simulators } from "../simulators/index.js" */

export { APPS, CALLERS, SHOP, VENUES } from "./configuration.js";

/**
 * @typedef {object} StackOptions
 * @property {(config: { [key: string]: any }, sims: Simulators, canaries: Canaries) => unknown} [configure] changes the shared
 *   configuration, or returns what to use instead: an object or a string
 * @property {(secrets: Record<string, string>, canaries: Canaries) => Record<string, string>} [secrets] likewise for
 *   the secrets' bindings
 * @property {Record<string, unknown>} [vars] further variables
 * @property {Partial<import("./harness/worker.js").WorkerOptions>} [worker] `network`, `flags` …
 * @property {boolean} [persist] true: the storage outlives `restart`, and is removed by `stop`
 * @property {boolean} [documented] false: the platforms may be sent what they do not document
 *
 * @typedef {Omit<Sent, "body"> & { body?: Sent["body"], as?: CallerName | null, cookie?: string }} Call
 *   `as`: whose key is sent, `office` unless given; null for none. `cookie`: a session's; then no key is sent, but
 *   `X-Tillgate: 1`
 */

/** @typedef {Awaited<ReturnType<typeof startStack>>} Stack */

/**
 * Starts simulators and a worker that is configured against them.
 * @param {StackOptions} [options]
 */
export async function startStack(options = {}) {
  const secret = canaries();
  const sims = await startSimulators(registrations(secret));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const shared = configuration(sims, url, secret);
  const changed = options.configure?.(shared, sims, secret);
  const config = changed === undefined ? shared : changed;
  const secrets = options.secrets?.(bindings(secret), secret) ?? bindings(secret);
  const persist = options.persist ? mkdtempSync(join(tmpdir(), "tillgate-storage-")) : undefined;
  const start = () => {
    const storage = persist === undefined ? {} : { persist };
    const vars = options.vars ?? {};
    return startWorker({ config, secrets, vars, port, ...storage, ...options.worker });
  };
  const stack = new RunningStack(sims, secret, await start(), start);
  return Object.assign(stack, {
    config,
    url,
    port,
    async stop() {
      await stack.end(options.documented !== false);
      if (persist !== undefined) rmSync(persist, { recursive: true });
    },
  });
}

class RunningStack {
  #start;
  /** What came out of it so far, and what must not be in there. */
  leaks = new Leaks();

  /**
   * @param {Simulators} sims
   * @param {Canaries} canaries
   * @param {RunningWorker} worker
   * @param {() => Promise<RunningWorker>} start
   */
  constructor(sims, canaries, worker, start) {
    this.sims = sims;
    this.canaries = canaries;
    this.worker = worker;
    this.#start = start;
    addCanaries(this.leaks, canaries);
  }

  /**
   * Calls the worker.
   * @param {string} method
   * @param {string} target sent as it is
   * @param {Call} [call]
   * @returns {Promise<Answer>}
   */
  async call(method, target, { as = "office", cookie, headers = {}, ...sent } = {}) {
    /** @type {Record<string, string>} */
    const credentials =
      cookie !== undefined
        ? { cookie, "x-tillgate": "1" }
        : as === null
          ? {}
          : { authorization: `Bearer ${this.canaries.keys[as]}` };
    const answer = await send(this.worker.url, method, target, {
      ...sent,
      headers: { ...credentials, ...headers },
    });
    this.#saw(`${method} ${target}`, answer);
    return answer;
  }

  /**
   * Sends bytes to the worker. They should ask for `Connection: close`.
   * @param {string | Buffer} bytes a string is sent as Latin-1
   * @returns {Promise<Answer>}
   */
  async raw(bytes) {
    const received = await sendBytes(this.worker.port, bytes);
    this.leaks.saw({ kind: "answer", name: "to bytes" }, received);
    return parseAnswer(received);
  }

  /** @param {string} name @param {Answer} answer */
  #saw(name, answer) {
    this.leaks.saw({ kind: "answer", name }, `${answer.rawHeaders.join("\n")}\n${answer.text}`);
  }

  /**
   * Logs a merchant in as a browser would, without one.
   * @param {{ app?: "till" | "till-two", merchant?: string, returnTo?: string }} [login]
   * @returns {Promise<{ cookie: string, answer: Answer }>} the session's cookie, and the answer of /callback
   */
  async login({ app = "till", merchant = "MERCHANT00001", returnTo = "/" } = {}) {
    this.sims.clover.control.set({ consent: "allow", merchant });
    const query = new URLSearchParams({ return_to: returnTo, merchant_id: merchant });
    const begun = await this.call("GET", `/login/${app}?${query}`, { as: null });
    const authorize = new URL(begun.headers.get("location") ?? "");
    const allowed = await fetch(authorize, { redirect: "manual" });
    const back = new URL(allowed.headers.get("location") ?? "");
    const headers = { cookie: cookies(begun) };
    const answer = await this.call("GET", back.pathname + back.search, { as: null, headers });
    const cookie = cookies(answer)
      .split("; ")
      .find((pair) => /^(__Host-)?tillgate=./.test(pair));
    if (cookie === undefined) throw new Error(`no session: ${answer.status} ${answer.text}`);
    const ownCallback = `GET ${back.pathname}`;
    this.leaks.add({
      label: "a session's cookie",
      text: cookie.slice(cookie.indexOf("=") + 1),
      mayAppear: ({ kind, name }) => kind === "answer" && name.startsWith(ownCallback),
    });
    return { cookie, answer };
  }

  /** How many token requests Clopos has had for an account. @param {string} account */
  exchanges(account) {
    return this.sims.clopos.control.counters().token.by_account[account] ?? 0;
  }

  /** Ends the worker as a crash would if `crash`, and starts it anew on the same port and storage: needs `persist`. */
  async restart({ crash = false } = {}) {
    this.leaks.saw({ kind: "log", name: "before a restart" }, this.worker.logs());
    await (crash ? this.worker.kill9() : this.worker.stop());
    this.worker = await this.#start();
  }

  /** Ends everything and looks for leaks. @param {boolean} documented */
  async end(documented) {
    // The storage first: a worker that has ended removes its own.
    this.#sawStorage();
    await this.worker.stop();
    await this.sims.close();
    this.leaks.saw({ kind: "log", name: "of workerd" }, this.worker.logs());
    this.#sawUpstream();
    // What the whole run leaves behind is searched for them as well, at its end.
    noteCanaries(this.leaks.secrets());
    this.leaks.assertNone();
    if (documented) this.sims.assertDocumented();
  }

  #sawStorage() {
    const files = readdirSync(this.worker.storage, {
      recursive: true,
      withFileTypes: true,
    }).filter((file) => file.isFile());
    for (const { parentPath, name } of files)
      this.leaks.saw({ kind: "storage", name }, readFileSync(join(parentPath, name)));
  }

  #sawUpstream() {
    for (const platform of /** @type {const} */ (["clopos", "clearline", "clover"])) {
      const { control } = this.sims[platform];
      for (const { kind, target, headers, body } of control.requests()) {
        const place = { kind: /** @type {const} */ ("upstream"), name: `${platform} ${kind}` };
        this.leaks.saw(place, `${target}\n${headers.flat().join("\n")}\n${body}`);
      }
      for (const { token } of control.tokens.list()) addToken(this.leaks, platform, token);
    }
  }
}

/** @param {Leaks} leaks @param {Canaries} canaries */
function addCanaries(leaks, { secrets, keys, sealKeys }) {
  for (const [name, text] of Object.entries(secrets)) {
    const home = `${APPS[/** @type {AppName} */ (name)].platform} token`;
    leaks.add({
      label: `the client secret of ${name}`,
      text,
      mayAppear: (place) => place.kind === "upstream" && place.name === home,
    });
  }
  for (const [name, text] of Object.entries(keys)) leaks.add({ label: `the key of ${name}`, text });
  leaks.add({ label: "the seal key", text: sealKeys });
}

/** @param {Leaks} leaks @param {string} platform @param {string} token */
function addToken(leaks, platform, token) {
  /** @param {import("./leaks.js").Place} place */
  const mayAppear = ({ kind, name }) =>
    (kind === "upstream" && [`${platform} api`, `${platform} proof`].includes(name)) ||
    (kind === "answer" && /^POST (\/\w+)?\/token\//.test(name));
  for (const text of secretParts(token))
    leaks.add({ label: `a token of ${platform}`, text, mayAppear });
}

/**
 * What of a token is secret: of a JWT the signature and the token that its payload carries, since other tokens begin in
 * the same way.
 * @param {string} token
 */
function secretParts(token) {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return [token];
  const inner = JSON.parse(Buffer.from(payload, "base64url").toString()).token;
  return typeof inner === "string" ? [signature, inner] : [signature];
}

/** The cookies that an answer sets, as a browser would send them back. @param {Answer} answer */
export function cookies(answer) {
  const pairs = answer.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  return pairs.filter((pair) => !pair.endsWith("=")).join("; ");
}

/** A port below those that systems hand out by themselves, so that nobody else takes it meanwhile. @returns {Promise<number>} */
function freePort() {
  const port = 15_000 + Math.floor(Math.random() * 15_000);
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", () => freePort().then(resolve, reject));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      server.close(() => resolve(port)),
    );
  });
}
