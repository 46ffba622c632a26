"use client";

import { useEffect, useState } from "react";
import { popupLogin, startLogin } from "tillgate";
import { settings } from "../settings.js";
import { login as returned } from "./returned.js";

export function Login() {
  const [login, setLogin] = useState(null);
  // A click before the page has come to life would be lost.
  const [alive, setAlive] = useState(false);
  useEffect(() => {
    setLogin(returned);
    setAlive(true);
  }, []);
  useEffect(() => {
    if (login === null) return;
    window.loggedIn = (token) => login.accessToken === token && login.merchantId;
  }, [login]);
  /** @param {string} path */
  const options = (path) => ({ ...settings, redirectUri: new URL(path, location.href).href });
  return (
    <>
      <button
        type="button"
        id="redirect"
        disabled={!alive}
        onClick={() => startLogin(options("/"))}
      >
        Log in
      </button>
      <button
        type="button"
        id="popup"
        disabled={!alive}
        onClick={async () => setLogin(await popupLogin(options("/popup")))}
      >
        Log in in a popup
      </button>
    </>
  );
}
