// A problem document for a person: what happened, what to do, and whom to tell what if it goes on.

import { el } from "./dom.js";
import { loginUrl } from "./login-url.js";

/** @typedef {import("./call.js").Problem} Problem */

/**
 * @param {Problem} problem
 * @returns {HTMLElement}
 */
export function notice({ title, detail, code, request_id, login_url, retry_after }) {
  const login = login_url && loginUrl(login_url);
  return el(
    "div.notice",
    { role: "alert" },
    el("h3", {}, title),
    el("p", {}, detail),
    retry_after !== undefined && el("p", {}, `Worth another try in ${retry_after} s.`),
    login && el("p", {}, el("a.button", { href: login }, "Log in with Clover")),
    code !== undefined &&
      el("p.fine", {}, el("code", {}, code), request_id ? ` · request ${request_id}` : ""),
  );
}
