// What both ways of logging in share: beginning a login and reading its answer. The rules are in the module; here
// texts go in, and its decisions become values and errors. Nothing is kept here.

import { TillgateError } from "./errors.js";

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./address.js").Answer} Answer */
/** @typedef {import("../index.d.ts").Login} Login */
/** @typedef {import("../index.d.ts").LoginOptions} LoginOptions */

/** @typedef {{ url: string, state: string, record: string }} Begun `record` goes to `readAnswer` with the answer */
/** @typedef {{ kept: string, login: Login | null, error: TillgateError | null }} Reading */

const STATE_BYTES = 32;

/** The module takes an empty text for what is absent. @param {unknown} option */
const text = (option) => String(option ?? "");

/**
 * @param {Engine} engine
 * @param {LoginOptions} options
 * @returns {Begun}
 * @throws {TypeError} an option is wrong; the message names it
 */
export function beginLogin(engine, options) {
  /** @type {Begun | undefined} */
  let begun;
  let problem = "";
  const decision = {
    /** @param {string} url @param {string} state @param {string} record */
    go(url, state, record) {
      begun = { url, state, record };
    },
    /** @param {string} message */
    mistake(message) {
      problem = message;
    },
  };
  engine.begin_login(
    decision,
    crypto.getRandomValues(new Uint8Array(STATE_BYTES)),
    text(options?.clientId),
    text(options?.region),
    text(options?.authorizeUrl),
    text(options?.redirectUri),
    text(options?.merchantId),
  );
  if (begun === undefined) throw new TypeError(`tillgate: ${problem}`);
  return begun;
}

/**
 * @param {Engine} engine
 * @param {Answer} answer
 * @param {string} record of the login that waits for it, or empty
 * @param {string} [clientId] the app that the page expects
 * @returns {Reading} neither login nor error: there was no answer, and everything may stay
 */
export function readAnswer(engine, answer, record, clientId) {
  /** @type {Reading} */
  let reading = { kept: answer.query + answer.fragment, login: null, error: null };
  const decision = {
    unrelated() {},
    /**
     * @param {string} kept @param {string} accessToken
     * @param {string} merchantId @param {string} employeeId @param {string} clientId
     */
    granted(kept, accessToken, merchantId, employeeId, clientId) {
      reading = {
        kept,
        login: makeLogin(accessToken, merchantId, employeeId, clientId),
        error: null,
      };
    },
    /** @param {string} kept @param {string} code @param {string} message */
    refused(kept, code, message) {
      const known = /** @type {import("../index.d.ts").TillgateErrorCode} */ (code);
      reading = { kept, login: null, error: new TillgateError(known, message) };
    },
  };
  engine.read_answer(decision, answer.query, answer.fragment, record, text(clientId));
  return reading;
}

/**
 * The token is held by the two functions alone: no enumeration, JSON, clone or console output reaches it.
 * @param {string} token @param {string} merchantId @param {string} employeeId @param {string} clientId
 * @returns {Login}
 */
function makeLogin(token, merchantId, employeeId, clientId) {
  const login = Object.defineProperties(/** @type {Login} */ ({}), {
    accessToken: { get: () => token },
    forget: {
      value: () => {
        token = "";
      },
    },
  });
  const ids = {
    merchantId: merchantId || null,
    employeeId: employeeId || null,
    clientId: clientId || null,
  };
  return Object.freeze(Object.assign(login, ids));
}
