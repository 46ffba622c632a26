// Where the code flow begins: always at the worker, and always with the way back to this page.

import { settings } from "./settings.js";

/**
 * @param {string} [given] a problem's `login_url`
 * @returns {string | null} null: it leads somewhere else than to the worker, so it is not offered
 */
export function loginUrl(given = `${settings.workerUrl}/login/till`) {
  if (!URL.canParse(given)) return null;
  const url = new URL(given);
  if (url.origin !== settings.workerUrl) return null;
  url.searchParams.set("return_to", `${location.origin}/#orders`);
  return url.href;
}
