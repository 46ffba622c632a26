// A server that imports the browser package, as one does that renders pages: nothing happens, and URLs can be built.

import { completeLogin, loginUrl, popupLogin, startLogin, TillgateError } from "tillgate";
import "tillgate/popup";

const { url, state } = loginUrl({ clientId: "A", region: "eu", merchantId: "M&1" });

/** @param {() => unknown} attempt */
async function messageOf(attempt) {
  try {
    await attempt();
    return "nothing";
  } catch (error) {
    return error.message;
  }
}

console.log(
  JSON.stringify({
    login: completeLogin(),
    url: url.replace(state, "STATE"),
    stateLength: state.length,
    start: await messageOf(() => startLogin({ clientId: "A", region: "eu" })),
    popup: await messageOf(() => popupLogin({ clientId: "A", region: "eu" })),
    error: new TillgateError("malformed", "text").code,
  }),
);
