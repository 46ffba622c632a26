// The package in browsers, bundlers, Node, Deno and Bun: the module's bytes come inlined. The types and their
// documentation are in index.d.ts; Workers take workerd.js instead.

import { compile } from "./dist/inline.js";
import { engine } from "./lib/engine.js";
import { beginLogin } from "./lib/login.js";
import { loginInPopup } from "./lib/opener.js";
import { goToLogin, takeLogin } from "./lib/redirect.js";

export { TillgateError } from "./lib/errors.js";

/** @type {typeof import("./index.d.ts").loginUrl} */
export function loginUrl(options) {
  const { url, state } = beginLogin(engine(compile), options);
  return { url, state };
}

/** @type {typeof import("./index.d.ts").startLogin} */
export function startLogin(options) {
  goToLogin(compile, options);
}

/** @type {typeof import("./index.d.ts").completeLogin} */
export function completeLogin(options) {
  return takeLogin(compile, options);
}

/** @type {typeof import("./index.d.ts").popupLogin} */
export function popupLogin(options) {
  return loginInPopup(compile, options);
}
