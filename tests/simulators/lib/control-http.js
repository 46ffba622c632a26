// The control of a simulator over HTTP, under `/__sim/`, for tests and people outside its process.
// Requests to it are neither recorded nor disturbed by faults.

import { json } from "./answer.js";
import { KINDS } from "./recorder.js";

/** @import { Answer } from "./answer.js" */
/** @import { Control } from "./control.js" */
/** @import { Received } from "./received.js" */
/** @import { Kind } from "./recorder.js" */
/** @import { Credentials } from "./registry.js" */

/** How long `/__sim/refuse` may refuse connections: it cannot be called back over HTTP. */
const MAX_REFUSE_MS = 60_000;

/**
 * @typedef {Control<any, any>} AnyControl
 * @typedef {Record<string, any>} Input
 * @typedef {(control: AnyControl, input: Input) => unknown} Route
 */

/** @type {Record<string, Route>} */
const ROUTES = {
  "GET counters": (control) => control.counters(),
  "GET requests": (control, { kind, client, account }) =>
    control.requests({ kind, client, account }),
  "GET undocumented": (control) => control.undocumented(),
  "GET faults": (control) => control.faults.list(),
  "POST faults": (control, input) => ({ ids: control.faults.add(input) }),
  "DELETE faults": (control, { id }) =>
    id === undefined ? control.faults.clear() : { removed: control.faults.remove(id) },
  "POST release": (control, { name }) => ({ released: control.faults.release(name) }),
  "GET tokens": (control) => control.tokens.list(),
  "POST expire": (control, filter) => ({ expired: control.expire(filter) }),
  "POST revoke": (control, filter) => ({ revoked: control.revoke(filter) }),
  "GET clock": (control) => clockState(control),
  "POST clock": moveClock,
  "GET settings": (control) => control.settings,
  "POST settings": (control, changes) => control.set(changes),
  "GET apps": (control) => control.apps.list(),
  "POST apps": (control, app) => control.apps.add(/** @type {Credentials} */ (app)),
  "GET wait": waitForRequests,
  "POST refuse": refuseFor,
  "POST reset": (control) => control.reset(),
};

/**
 * @param {AnyControl} control
 * @param {Received} received
 * @returns {Promise<Answer>}
 */
export async function answerControl(control, received) {
  if (received.all("origin").length > 0) {
    return json(403, { error: "the control is not for pages in a browser" });
  }
  const route = ROUTES[`${received.method} ${received.path.slice("/__sim/".length)}`];
  if (!route) return json(404, { error: "no such control", known: Object.keys(ROUTES) });
  try {
    return json(200, (await route(control, readInput(received))) ?? { ok: true });
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * @param {Received} received
 * @returns {Input} The query, or the JSON body where there is one.
 */
function readInput(received) {
  if (received.body.length === 0) return Object.fromEntries(received.query);
  return JSON.parse(received.body.toString("utf8"));
}

/** @param {AnyControl} control */
function clockState({ clock, tokens }) {
  return { now: clock.now(), offset: clock.offset, token_lifetime: tokens.lifetime };
}

/** @type {Route} */
function moveClock(control, { offset, advance, token_lifetime }) {
  if (offset !== undefined) control.clock.setOffset(offset);
  if (advance !== undefined) control.clock.advance(advance);
  if (token_lifetime !== undefined) control.tokens.lifetime = Number(token_lifetime);
  return clockState(control);
}

/** @type {Route} */
function waitForRequests(control, { kind, count = 1, timeout_ms = 30_000 }) {
  if (!KINDS.includes(kind)) throw new RangeError(`kind: one of ${KINDS.join(", ")} is needed`);
  return control.waitForRequests(/** @type {Kind} */ (kind), Number(count), {
    timeoutMs: Number(timeout_ms),
  });
}

/** @type {Route} */
function refuseFor(control, { ms }) {
  if (!(Number(ms) > 0 && Number(ms) <= MAX_REFUSE_MS)) {
    throw new RangeError(`ms: a number from 1 to ${MAX_REFUSE_MS} is needed`);
  }
  // After this answer is on its way, as refusing cuts this very connection too.
  setTimeout(() => {
    control.refuse();
    setTimeout(() => control.accept(), Number(ms)).unref();
  }, 50).unref();
  return { refusing_ms: Number(ms) };
}
