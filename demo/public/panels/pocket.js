// The implicit flow with the npm package: the one token that this browser gets to hold, and how to be rid of it.

import { startLogin } from "tillgate";
import { el } from "../dom.js";
import { Panel } from "../panel.js";
import { settings } from "../settings.js";
import { sight } from "../sight.js";

/** @typedef {import("../arrival.js").Arrival} Arrival */
/** @typedef {import("../arrival.js").Login} Login */

/** @returns {import("../panel.js").Held} */
const nothing = () => ({
  short: "nothing held",
  text: "Nothing. After the login it holds one value, in this page’s memory only.",
  counts: sight(),
});

/** @param {Login} login @returns {import("../panel.js").Held} */
const oneValue = ({ accessToken }) => ({
  short: "1 value in memory",
  text: "One value in this page’s memory. A reload ends it. Storage and cookies hold no copy:",
  counts: [["token", `${accessToken.length} characters`], ...sight()],
});

/** Said rather than promised: what a page cannot reach. */
const TERMS =
  "Gone from the address bar and from Back. What the browser notes for itself when it loads a page, its navigation timing and its history file, is out of a page’s reach.";

const UNCALLED = "Nothing: it is not asked. Clover hands the token to this page.";

/** @param {Arrival} arrival */
export function startPocket({ login, error }) {
  const panel = new Panel("pocket", nothing(), UNCALLED);
  panel.part("login").addEventListener("click", goToClover);
  if (error !== null) {
    panel.show({ title: "Clover’s answer was not taken", detail: error.message, code: error.code });
    panel.focus();
  }
  if (login !== null) arrive(panel, login);
}

function goToClover() {
  startLogin({
    clientId: settings.clientId,
    authorizeUrl: settings.authorizeUrl,
    redirectUri: `${location.origin}/`,
  });
}

/** @param {Panel} panel @param {Login} login */
function arrive(panel, login) {
  panel.fill(addressBar(), facts(login), el("p.terms", {}, TERMS));
  setHeld(panel, true);
  panel.holds(oneValue(login));
  panel.say("Logged in. The token went from the address bar into memory; no request was made.");
  panel.part("forget").addEventListener("click", () => {
    login.forget();
    forgotten(panel, login);
  });
  panel.focus();
}

/** @param {Panel} panel @param {Login} login */
function forgotten(panel, { accessToken }) {
  panel.fill();
  setHeld(panel, accessToken !== "");
  panel.holds(nothing());
  panel.say(
    "Forgotten. At Clover the token stays valid until it ends: Clover has no way to revoke it.",
  );
  panel.part("login").focus();
}

/** @param {Panel} panel @param {boolean} isHeld */
function setHeld(panel, isHeld) {
  panel.part("login").hidden = isHeld;
  panel.part("forget").hidden = !isHeld;
  panel.part("held").textContent = isHeld ? "the token, in memory" : "nothing";
}

/** Read from the address bar, not assumed. */
function addressBar() {
  const isClean = location.search === "" && location.hash === "";
  return el(
    "p.address",
    {},
    el("span.unseen", {}, "Address bar: "),
    el("code", {}, location.href),
    el("b", {}, isClean ? "clean" : "not clean"),
  );
}

/** @param {Login} login */
function facts({ merchantId, employeeId }) {
  return el(
    "dl.facts",
    {},
    el("dt", {}, "Merchant"),
    el("dd", {}, merchantId ?? "not said"),
    el("dt", {}, "Employee"),
    el("dd", {}, employeeId ?? "not said"),
  );
}
