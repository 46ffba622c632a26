// Runs before everything else on the page: if Clover's implicit flow has just returned here, the token leaves the
// address bar now, and what came of it is kept for the panel that shows it.

import { completeLogin, TillgateError } from "tillgate";
import { settings } from "./settings.js";

/** @typedef {import("tillgate").Login} Login */
/** @typedef {{ login: Login | null, error: TillgateError | null }} Arrival */

/** @returns {Arrival} */
function arrive() {
  try {
    return { login: completeLogin({ clientId: settings.clientId }), error: null };
  } catch (error) {
    if (error instanceof TillgateError) return { login: null, error };
    throw error;
  }
}

export const arrival = arrive();
