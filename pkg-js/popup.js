// The page that Clover's popup returns to, and all that it needs: it takes the answer out of its URL and hands it to
// the page that opened it. It reads nothing of the answer: that is done where the token is kept.

import { hasPage, takeAnswer } from "./lib/address.js";
import { answerMessage, openChannel, RECEIVED } from "./lib/messages.js";

/** @typedef {import("./lib/address.js").Answer} Answer */

/** @param {Answer} answer */
function deliver(answer) {
  const opener = /** @type {Window | null} */ (window.opener);
  // The opener closes this window.
  if (opener !== null) opener.postMessage(answerMessage(answer), location.origin);
  else for (const state of states(answer)) broadcast(answer, state);
}

/**
 * The states in an answer: they only address the channel; whether one is right, the other end decides. Ours need no
 * decoding, and no regular expression sees the text: `RegExp.input` would keep it.
 * @param {Answer} answer
 */
function states({ query, fragment }) {
  const pieces = [query, fragment].flatMap((part) => part.slice(1).split("&"));
  const found = pieces.filter((piece) => piece.startsWith("state="));
  return new Set(found.map((piece) => piece.slice("state=".length)));
}

/**
 * For a popup that Cross-Origin-Opener-Policy cut off from its opener.
 * @param {Answer} answer @param {string} state
 */
function broadcast(answer, state) {
  const channel = openChannel(state);
  channel.onmessage = (event) => {
    if (event.data === RECEIVED) leave();
  };
  channel.postMessage(answerMessage(answer));
}

/** A window that was cut off may not be allowed to close itself; loaded afresh, nothing in it knows the token. */
function leave() {
  window.close();
  location.replace(location.href);
}

const answer = hasPage() ? takeAnswer() : null;
if (answer !== null) deliver(answer);
