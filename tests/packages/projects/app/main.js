// A shop's page: both ways of logging in, and no other trace of the token than `loggedIn`.

import { completeLogin, popupLogin, startLogin } from "tillgate";
import { settings } from "./settings.js";

const options = { ...settings, redirectUri: location.href };

/** @param {import("tillgate").Login} login */
function show(login) {
  window.loggedIn = (token) => login.accessToken === token && login.merchantId;
}

/** @param {string} id @param {() => void} run */
function onClick(id, run) {
  const button = /** @type {HTMLButtonElement} */ (document.getElementById(id));
  button.onclick = run;
}

const login = completeLogin();
if (login !== null) show(login);

onClick("redirect", () => startLogin(options));
onClick("popup", async () => {
  show(await popupLogin({ ...options, redirectUri: new URL("popup.html", location.href).href }));
});
