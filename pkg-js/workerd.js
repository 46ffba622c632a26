// The package in Workers, which take a module only as a file: loginUrl works, and there is no page to return to.

import wasm from "./dist/tillgate_bg.wasm";
import { engine } from "./lib/engine.js";
import { needsPage } from "./lib/errors.js";
import { beginLogin } from "./lib/login.js";

export { TillgateError } from "./lib/errors.js";

/** @type {typeof import("./index.d.ts").loginUrl} */
export function loginUrl(options) {
  const { url, state } = beginLogin(
    engine(() => wasm),
    options,
  );
  return { url, state };
}

/** @type {typeof import("./index.d.ts").completeLogin} */
export const completeLogin = () => null;

/** @type {typeof import("./index.d.ts").startLogin} */
export function startLogin() {
  throw needsPage("startLogin");
}

/** @type {typeof import("./index.d.ts").popupLogin} */
export async function popupLogin() {
  throw needsPage("popupLogin");
}
