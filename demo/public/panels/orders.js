// The orders at Clover, by the code flow: a session at the worker, which this page can use and not read.

import { call } from "../call.js";
import { el } from "../dom.js";
import { loginUrl } from "../login-url.js";
import { Panel } from "../panel.js";
import { settings } from "../settings.js";
import { sight } from "../sight.js";
import { afterwards } from "../tell.js";

/** @typedef {{ account: string, employee_id?: string, expires_at: number }} Session */
/** @typedef {{ id: string, title?: string, state?: string, total?: number, currency?: string }} Order */

/** @returns {import("../panel.js").Held} */
const nothing = () => ({
  short: "nothing held",
  text: "Nothing. After the login it holds one cookie that no script can read.",
  counts: sight(),
});

/** @returns {import("../panel.js").Held} */
const cookie = () => ({
  short: "1 unreadable cookie",
  text: "One HttpOnly cookie of tillgate’s, a session. Scripts on this page see:",
  counts: sight(),
});

/** The header says that one of our pages meant this call; the cookie alone does nothing. */
const AS_SESSION = /** @type {const} */ ({
  credentials: "include",
  headers: { "X-Tillgate": "1" },
});

export function startOrders() {
  const panel = new Panel("orders", nothing());
  panel.part("login").setAttribute("href", loginUrl() ?? "");
  panel.part("ask").addEventListener("click", () => panel.busy(() => load(panel)));
  panel.part("logout").addEventListener("click", () => panel.busy(() => logout(panel)));
  panel.busy(() => load(panel));
}

/** @param {Panel} panel */
async function load(panel) {
  const session = await call("GET session", `${settings.workerUrl}/session`, AS_SESSION);
  panel.print(session);
  if (session.problem?.code === "unauthenticated") return asGuest(panel, "Nobody is logged in.");
  if (session.problem !== null) return panel.show(session.problem);
  asStaff(panel);
  const { account } = /** @type {Session} */ (session.data);
  const path = `api/till/me/v3/merchants/${account}/orders`;
  const orders = await call("GET orders", `${settings.workerUrl}/${path}`, AS_SESSION);
  panel.print(orders);
  panel.show(orders.problem);
  if (orders.problem !== null) return panel.say("");
  panel.fill(badge(session.data), table(orders.data.elements));
  panel.say(`${orders.data.elements.length} orders. ${afterwards(orders)}`);
}

/** @param {Panel} panel */
async function logout(panel) {
  const url = `${settings.workerUrl}/logout`;
  const ended = await call("POST logout", url, { method: "POST", ...AS_SESSION });
  panel.print(ended);
  panel.show(ended.problem);
  if (ended.problem !== null) return;
  asGuest(panel, "Logged out. The session is over, here and at tillgate.");
  panel.part("login").focus();
}

/** @param {Panel} panel @param {string} text */
function asGuest(panel, text) {
  setLoggedIn(panel, false);
  panel.show(null);
  panel.fill();
  panel.say(text);
}

/** @param {Panel} panel */
const asStaff = (panel) => setLoggedIn(panel, true);

/** @param {Panel} panel @param {boolean} isLoggedIn */
function setLoggedIn(panel, isLoggedIn) {
  panel.part("guest").hidden = isLoggedIn;
  panel.part("staff").hidden = !isLoggedIn;
  panel.part("held").textContent = isLoggedIn ? "a cookie it cannot read" : "nothing";
  panel.holds(isLoggedIn ? cookie() : nothing());
}

/** @param {Session} session */
function badge({ account, employee_id, expires_at }) {
  const until = new Date(expires_at * 1000).toLocaleTimeString("en-GB", { timeStyle: "short" });
  return el(
    "p.badge",
    {},
    "Logged in for ",
    el("b", {}, account),
    employee_id !== undefined && ` as ${employee_id}`,
    `, until ${until}`,
  );
}

/** @param {Order[]} orders */
function table(orders) {
  const head = ["Order", "State", "Total"].map((name) => el("th", { scope: "col" }, name));
  return el(
    "table.orders",
    {},
    el("caption.unseen", {}, "Orders at Clover"),
    el("thead", {}, el("tr", {}, ...head)),
    el("tbody", {}, ...orders.map(orderRow)),
  );
}

/** @param {Order} order */
function orderRow({ id, title = "Order", state = "", total = 0, currency = "EUR" }) {
  const money = new Intl.NumberFormat("en-IE", { style: "currency", currency });
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, title, el("small", {}, id)),
    el("td", {}, el("span.state", { "data-state": state }, state)),
    el("td.price", {}, money.format(total / 100)),
  );
}
