// The stamp card: every stamp is a transaction that Clearline accepted, sent by the shop's back-end.

import { call } from "../call.js";
import { el } from "../dom.js";
import { Panel } from "../panel.js";
import { afterwards } from "../tell.js";

const HELD = {
  short: "nothing held",
  text: "Nothing. The API key stays with the shop’s back-end, the Clearline token with tillgate.",
};

const PLACES = 10;

export function startLoyalty() {
  const panel = new Panel("loyalty", HELD);
  let stamps = 0;
  panel.fill(card(stamps));
  panel.part("stamp").addEventListener("click", () =>
    panel.busy(async () => {
      if (!(await stamp(panel))) return;
      stamps += 1;
      panel.fill(card(stamps));
    }),
  );
  panel.busy(() => greet(panel));
}

/** @param {Panel} panel */
async function greet(panel) {
  const till = await call("GET status", "/shop/loyalty/till");
  panel.print(till);
  panel.show(till.problem);
  if (till.problem === null) {
    panel.say(`The till ${till.data.posSystemId} is ${till.data.status}. ${afterwards(till)}`);
  }
}

/** @param {Panel} panel @returns {Promise<boolean>} whether there is a stamp for it */
async function stamp(panel) {
  const transaction = await call("POST transaction", "/shop/loyalty/stamp", { method: "POST" });
  panel.print(transaction);
  panel.show(transaction.problem);
  if (transaction.problem !== null) {
    panel.say("");
    return false;
  }
  const { transactionId, status } = transaction.data;
  panel.say(`Transaction ${transactionId} ${status}. ${afterwards(transaction)}`);
  return true;
}

/** @param {number} stamps all of them; a full card is followed by an empty one */
function card(stamps) {
  const given = stamps === 0 ? 0 : ((stamps - 1) % PLACES) + 1;
  const places = Array.from({ length: PLACES }, (_, index) =>
    el("span", index < given ? { class: "stamped" } : {}, index < given ? "~" : ""),
  );
  const label = `${given} of ${PLACES} stamps`;
  const full = given === PLACES && el("p.full", {}, "The next one is on the house.");
  const terms = "Stamps last as long as this page; the transactions are Clearline’s.";
  return el(
    "div.card",
    {},
    el("div.places", { role: "img", "aria-label": label }, ...places),
    full,
    el("p.terms", {}, terms),
  );
}
