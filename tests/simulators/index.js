// Simulators of Clopos, Clearline and Clover for tests and for `npm start`: what tests import.
// README.md describes them; behaviours.js says how well each behaviour is known.

import { Clearline } from "./clearline/platform.js";
import { Clopos } from "./clopos/platform.js";
import { Clover } from "./clover/platform.js";
import { Simulator } from "./lib/simulator.js";

/** @import { ClearlineApp, ClearlineSettings } from "./clearline/platform.js" */
/** @import { CloposApp, CloposSettings } from "./clopos/platform.js" */
/** @import { CloverApp, CloverSettings, Merchant } from "./clover/platform.js" */
/** @import { Credentials } from "./lib/registry.js" */

export { CLEARLINE_DEFAULT_APP } from "./clearline/platform.js";
export { CLOPOS_DEFAULT_APP } from "./clopos/platform.js";
export { CLOVER_DEFAULT_APP, CLOVER_DEFAULT_MERCHANTS } from "./clover/platform.js";

/**
 * @typedef {object} SimulatorOptions
 * @property {{clopos?: number, clearline?: number, clover?: number}} [ports] Free ones by default.
 * @property {{apps?: (Partial<CloposApp> & Credentials)[],
 *   settings?: Partial<CloposSettings>}} [clopos]
 * @property {{apps?: (Partial<ClearlineApp> & Credentials)[],
 *   settings?: Partial<ClearlineSettings>}} [clearline]
 * @property {{apps?: (Partial<CloverApp> & Credentials)[], merchants?: Merchant[],
 *   settings?: Partial<CloverSettings>}} [clover]
 *
 * @typedef {Awaited<ReturnType<typeof startSimulators>>} Simulators
 */

/**
 * Starts all three on loopback.
 * @param {SimulatorOptions} [options]
 * @throws {Error} A port is taken; then none is left running.
 */
export async function startSimulators({ ports = {}, clopos, clearline, clover } = {}) {
  const simulators = {
    clopos: new Simulator(new Clopos(clopos?.apps, clopos?.settings)),
    clearline: new Simulator(new Clearline(clearline?.apps, clearline?.settings)),
    clover: new Simulator(new Clover(clover?.apps, clover?.merchants, clover?.settings)),
  };
  const all = Object.values(simulators);
  const close = async () => {
    await Promise.all(all.map((simulator) => simulator.close()));
  };
  const started = await Promise.allSettled([
    simulators.clopos.start(ports.clopos ?? 0),
    simulators.clearline.start(ports.clearline ?? 0),
    simulators.clover.start(ports.clover ?? 0),
  ]);
  const failed = started.find((one) => one.status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }
  return {
    ...simulators,
    close,
    /** Brings all three back to how they started. */
    reset: () => {
      for (const simulator of all) simulator.control.reset();
    },
    /** @throws {Error} Something undocumented was sent to one of them. */
    assertDocumented: () => {
      for (const simulator of all) simulator.control.assertDocumented();
    },
  };
}
