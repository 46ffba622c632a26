// Starts the machine's own Chromium under playwright-core, without a network beyond what a test opens.

import { chromium } from "playwright-core";
import { findChromium } from "../../../scripts/lib/tools.js";

/** Chromium's own traffic (updates, field trials, sign-in) is not ours to test and must not reach anybody. */
const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-features=OptimizationHints,MediaRouter,Translate",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  "--no-pings",
  // Only loopback answers; any other name or address fails at once, and nobody is asked for it.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
];

/**
 * Starts a browser with a profile of its own. Contexts and pages are made from it; `close` ends it and removes
 * the profile. It ends with this process at the latest.
 * @param {{ args?: string[], backForwardCache?: boolean }} [options] `args`: further command line arguments;
 *   `backForwardCache`: pages stay alive behind the next one, as for users
 */
export async function startChromium({ args = [], backForwardCache = false } = {}) {
  const executablePath = await findChromium();
  if (executablePath === undefined) {
    throw new Error("no Chromium found: install it or set the environment variable CHROMIUM");
  }
  // Chromium's sandbox does not start for root, as which CI runs.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...QUIET, ...sandbox, ...args],
    ignoreDefaultArgs: backForwardCache ? ["--disable-back-forward-cache"] : [],
  });
}
