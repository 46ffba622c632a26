// The login in a popup, on the side of the page that opens it and keeps the token. The page in the popup is `popup.js`.

import { hasPage } from "./address.js";
import { engine } from "./engine.js";
import { needsPage, TillgateError } from "./errors.js";
import { beginLogin, readAnswer } from "./login.js";
import { openChannel, RECEIVED, readAnswerMessage } from "./messages.js";

/** @typedef {import("./address.js").Answer} Answer */
/** @typedef {import("./engine.js").Compile} Compile */
/** @typedef {import("../index.d.ts").Login} Login */
/** @typedef {import("../index.d.ts").LoginOptions} LoginOptions */

const WINDOW_FEATURES = "popup,width=520,height=720";

const LOOK_EVERY_MS = 250;

/**
 * How long a popup counts as alive that reports itself closed while this page has the focus. A popup whose page cut
 * the tie to its opener (Cross-Origin-Opener-Policy) reports itself closed too, and may still answer.
 */
const CLOSED_AFTER_MS = 3000;

/**
 * @param {Compile} compile @param {LoginOptions & { signal?: AbortSignal }} options
 * @returns {Promise<Login>}
 */
export async function loginInPopup(compile, options) {
  if (!hasPage()) throw needsPage("popupLogin");
  const signal = options?.signal;
  if (signal?.aborted) throw aborted(signal);
  const module = engine(compile);
  const { url, state, record } = beginLogin(module, options);
  requireOwnOrigin(options.redirectUri);
  // No await before this line: a browser opens popups only while it still handles the user's click.
  const popup = window.open(url, "_blank", WINDOW_FEATURES);
  if (popup === null) throw blocked();
  const { login, error } = readAnswer(
    module,
    await answerOf(popup, state, signal),
    record,
    options.clientId,
  );
  if (login !== null) return login;
  throw error ?? new TillgateError("malformed", "The popup came back without an answer.");
}

/**
 * Waits for the popup's answer, and cleans up whatever comes.
 * @param {Window} popup @param {string} state @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
async function answerOf(popup, state, signal) {
  const channel = openChannel(state);
  const ending = new AbortController();
  try {
    return await Promise.race([
      directAnswer(popup, ending.signal),
      channelAnswer(channel),
      whenClosed(popup, ending.signal),
      whenAborted(ending.signal, signal),
    ]);
  } finally {
    ending.abort();
    channel.close();
    popup.close();
  }
}

/** @param {Window} popup @param {AbortSignal} ending @returns {Promise<Answer>} */
function directAnswer(popup, ending) {
  return new Promise((resolve) => {
    /** @param {MessageEvent} event */
    const onMessage = (event) => {
      if (event.source !== popup || event.origin !== location.origin) return;
      const answer = readAnswerMessage(event.data);
      if (answer !== null) resolve(answer);
    };
    addEventListener("message", onMessage, { signal: ending });
  });
}

/** @param {BroadcastChannel} channel @returns {Promise<Answer>} */
function channelAnswer(channel) {
  return new Promise((resolve) => {
    channel.onmessage = (event) => {
      const answer = readAnswerMessage(event.data);
      if (answer === null) return;
      channel.postMessage(RECEIVED);
      resolve(answer);
    };
  });
}

/** @param {Window} popup @param {AbortSignal} ending @returns {Promise<never>} */
function whenClosed(popup, ending) {
  return new Promise((_, reject) => {
    let closedForMs = 0;
    const timer = setInterval(() => {
      const userIsBack = popup.closed && document.hasFocus();
      closedForMs = userIsBack ? closedForMs + LOOK_EVERY_MS : 0;
      if (closedForMs < CLOSED_AFTER_MS) return;
      reject(
        new TillgateError("popup_closed", "The popup was closed before the login was finished."),
      );
    }, LOOK_EVERY_MS);
    ending.addEventListener("abort", () => clearInterval(timer));
  });
}

/** @param {AbortSignal} ending @param {AbortSignal} [signal] @returns {Promise<never>} */
function whenAborted(ending, signal) {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(aborted(signal)), { signal: ending });
  });
}

/** @param {AbortSignal} signal */
const aborted = (signal) =>
  new TillgateError("aborted", "The login was aborted by its signal.", { cause: signal.reason });

const blocked = () =>
  new TillgateError(
    "popup_blocked",
    "The browser blocked the popup. Call popupLogin directly in a click handler.",
  );

/** The popup hands its answer to its own origin only. @param {string} [redirectUri] */
function requireOwnOrigin(redirectUri) {
  if (!redirectUri || new URL(redirectUri).origin === location.origin) return;
  throw new TypeError(
    `tillgate: redirectUri: must be on this page's origin, ${location.origin}, for popupLogin`,
  );
}
