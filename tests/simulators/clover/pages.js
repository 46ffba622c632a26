// What a person sees at the Clover simulator: sign-in and consent, the market, errors, the dashboard.
// Plain HTML without scripts or anything from elsewhere; every page says that it is a simulator.

import { STYLE } from "./style.js";

/** @import { LoginRequest } from "./authorize.js" */
/** @import { Clover, CloverApp, Merchant } from "./platform.js" */

/**
 * The first button is the one that Enter presses.
 * @param {LoginRequest} request
 * @param {string} id
 * @param {Merchant[]} merchants
 * @returns {string}
 */
export function consentPage({ app, redirectUri, responseType, merchant }, id, merchants) {
  const offered = merchant ? [merchant] : merchants;
  const returned = responseType === "token" ? "an access token" : "a one-time code";
  return layout(
    `Sign in to ${app.name}`,
    `<h1>Let ${text(app.name)} use your Clover account?</h1>
    <p>It will act for the business that you choose.</p>
    <form method="post" action="/oauth/authorize">
      <input type="hidden" name="request" value="${text(id)}">
      <fieldset>
        <legend>${merchant ? "Signed in as" : "Sign in as"}</legend>
        ${offered.map((one, index) => choice(one, index === 0)).join("\n")}
      </fieldset>
      <h2>${text(app.name)} will be able to</h2>
      <ul><li>read your business name and owner</li><li>read your items</li><li>read and create orders</li></ul>
      <div class="actions">
        <button class="main" name="decision" value="allow">Allow</button>
        <button name="decision" value="cancel">Cancel</button>
      </div>
    </form>
    <p class="fine">You return to <code>${text(originOf(redirectUri))}</code> with ${returned}.</p>`,
  );
}

/**
 * @param {CloverApp} app
 * @param {Merchant} merchant
 * @returns {string}
 */
export function marketPage(app, merchant) {
  return layout(
    `${app.name} in the App Market`,
    `<h1>${text(app.name)}</h1>
    <p>${text(merchant.name)} does not have this app yet. Until it is installed, the app hears nothing
    of this visit.</p>
    <form method="post" action="/appmarket/app">
      <input type="hidden" name="client_id" value="${text(app.client_id)}">
      <input type="hidden" name="merchant_id" value="${text(merchant.id)}">
      <div class="actions"><button class="main">Install and open</button></div>
    </form>`,
  );
}

/**
 * @param {string[]} reasons
 * @returns {string}
 */
export function errorPage(reasons) {
  return layout(
    "This request cannot go on",
    `<h1>This request cannot go on</h1>
    <p>The app sent you here in a way that Clover does not document:</p>
    <ul>${reasons.map((reason) => `<li>${text(reason)}</li>`).join("")}</ul>`,
  );
}

/**
 * @param {Clover} clover
 * @returns {string}
 */
export function dashboard(clover) {
  const pairs = clover.merchants.flatMap((merchant) =>
    clover.apps.list().map((app) => launchRow(app, merchant)),
  );
  return layout(
    "Merchant dashboard",
    `<h1>Merchant dashboard</h1>
    <p>Opening an app brings its merchant to it with a code and without state, as from the App Market.</p>
    <h2>Apps</h2>
    ${pairs.join("\n")}
    <p class="fine">For tests: <code>/__sim/counters</code>, <code>/__sim/requests</code>,
    <code>/__sim/undocumented</code>.</p>`,
    "wide",
  );
}

/**
 * @param {CloverApp} app
 * @param {Merchant} merchant
 */
function launchRow(app, merchant) {
  const query = new URLSearchParams({ client_id: app.client_id, merchant_id: merchant.id });
  const isInstalled = !app.not_installed.includes(merchant.id);
  return `<div class="row">
    <span><b>${text(app.name)}</b><small>${text(merchant.name)} · ${text(merchant.id)}</small></span>
    <a class="button main" href="/launch?${text(`${query}`)}">${isInstalled ? "Open" : "Install"}</a>
  </div>`;
}

/**
 * @param {Merchant} merchant
 * @param {boolean} checked
 */
function choice({ id, name, owner }, checked) {
  return `<label class="choice">
          <input type="radio" name="merchant_id" value="${text(id)}"${checked ? " checked" : ""}>
          <span><b>${text(name)}</b><small>${text(owner)} · ${text(id)}</small></span>
        </label>`;
}

/**
 * @param {string} title
 * @param {string} content
 * @param {string} [width]
 */
function layout(title, content, width = "") {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${text(title)} · Clover simulator</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <main class="${width}">
    <div class="brand"><span class="leaf"><i></i><i></i><i></i><i></i></span>clover
      <span class="tag">Clover simulator</span></div>
    ${content}
    </main>
  </body>
</html>
`;
}

/** @param {string} uri */
function originOf(uri) {
  return URL.canParse(uri) ? new URL(uri).origin : uri;
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * @param {string} value
 * @returns {string} As text in HTML and in a quoted attribute.
 */
function text(value) {
  return value.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");
}
