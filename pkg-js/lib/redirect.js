// The login in which this page goes to Clover and comes back. Between the two, the tab's session storage holds the
// state; the token is never in any storage.

import { hasPage, setQueryAndFragment, takeAnswer } from "./address.js";
import { engine } from "./engine.js";
import { needsPage, TillgateError } from "./errors.js";
import { beginLogin, readAnswer } from "./login.js";

/** @typedef {import("./address.js").Answer} Answer */
/** @typedef {import("./engine.js").Compile} Compile */
/** @typedef {import("../index.d.ts").Login} Login */
/** @typedef {import("../index.d.ts").LoginOptions} LoginOptions */
/** @typedef {{ login: Login | null, error: unknown }} Outcome */

const STORAGE_KEY = "tillgate:login";

/**
 * What this page load came to; the first call decides.
 * @type {Outcome | undefined}
 */
let outcome;

/** @param {Compile} compile @param {LoginOptions} options */
export function goToLogin(compile, options) {
  if (!hasPage()) throw needsPage("startLogin");
  const { url, record } = beginLogin(engine(compile), options);
  remember(record);
  location.assign(url);
}

/**
 * @param {Compile} compile @param {{ clientId?: string }} [options]
 * @returns {Login | null}
 */
export function takeLogin(compile, options) {
  if (!hasPage()) return null;
  const answer = takeAnswer();
  const found =
    answer === null ? { login: null, error: null } : judge(compile, answer, options?.clientId);
  outcome ??= found;
  if (outcome.error !== null) throw outcome.error;
  return outcome.login;
}

/**
 * @param {Compile} compile @param {Answer} answer @param {string} [clientId]
 * @returns {Outcome}
 */
function judge(compile, answer, clientId) {
  try {
    const reading = readAnswer(engine(compile), answer, remembered(), clientId);
    if (reading.kept !== "") setQueryAndFragment(reading.kept);
    // Used up, whatever it said: a state counts once.
    if (reading.login !== null || reading.error !== null) sessionStorage.removeItem(STORAGE_KEY);
    return reading;
  } catch (error) {
    return { login: null, error };
  }
}

/** @param {string} record */
function remember(record) {
  try {
    sessionStorage.setItem(STORAGE_KEY, record);
  } catch (cause) {
    throw new TillgateError(
      "state_missing",
      "This page may not use sessionStorage, which has to remember the login. Use popupLogin.",
      { cause },
    );
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(STORAGE_KEY) ?? "";
  } catch {
    // A page that may not read it could not have remembered anything either.
    return "";
  }
}
