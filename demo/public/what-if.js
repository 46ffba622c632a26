// The "what if" buttons: they ask the shop's back-end to make a simulator misbehave, where it has one.

import { call } from "./call.js";
import { settings } from "./settings.js";

/** @typedef {import("./panel.js").Panel} Panel */

/** @type {Record<string, string>} */
const NOW = {
  "clopos-forgets": "Every token at Clopos is void now. Ask again and see what tillgate does.",
  "clopos-down": "Nothing answers at Clopos for 5 seconds. Ask again, now and later.",
  "clearline-down": "Nothing answers at Clearline for 5 seconds. Try it, now and later.",
  "clover-revokes": "The merchant’s token is void now. Ask again.",
};

/**
 * @param {Element | null} place null: this panel offers none
 * @param {Panel} panel
 */
export function offerMishaps(place, panel) {
  for (const button of place?.querySelectorAll("button") ?? []) {
    const { mishap = "", simulator = "" } = button.dataset;
    button.hidden = !settings.simulators.includes(simulator);
    if (!button.hidden) place?.removeAttribute("hidden");
    button.addEventListener("click", () => panel.busy(() => cause(mishap, panel)));
  }
}

/** @param {string} mishap @param {Panel} panel */
async function cause(mishap, panel) {
  const { problem } = await call(mishap, `/shop/what-if/${mishap}`, { method: "POST" });
  panel.show(problem);
  if (problem === null) panel.say(NOW[mishap] ?? "");
}
