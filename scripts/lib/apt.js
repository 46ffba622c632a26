// Installs Debian packages where that is possible, with progress; says what to do where it is not.

import { outputOf, run } from "./exec.js";
import { StepError } from "./steps.js";

const ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };

/**
 * What a line of apt's status channel says, for instance `pmstatus:chromium:62.5:Unpacking chromium`.
 * @param {string} line
 */
export function aptProgress(line) {
  const status = /^(dl|pm)status:[^:]*(?::\w+)?:([\d.]+):(.*)$/.exec(line);
  if (status === null) return undefined;
  const doing = status[1] === "dl" ? "download" : "install";
  return `${doing} ${Math.round(Number(status[2]))} % ${status[3]}`;
}

/** @param {string[]} args @param {(text: string) => void} report */
async function apt(args, report) {
  await run("apt-get", ["-o", "APT::Status-Fd=1", ...args], {
    env: ENVIRONMENT,
    timeoutSeconds: 1200,
    onLine(line) {
      const progress = aptProgress(line);
      if (progress !== undefined) report(progress);
      return progress === undefined;
    },
  });
}

/** Whether apt's lists name a version of a package; they are empty on a fresh machine. @param {string} name */
async function isListed(name) {
  const policy = await outputOf("apt-cache", ["policy", name]);
  return policy !== undefined && /Candidate: (?!\(none\))/.test(policy);
}

/**
 * Installs packages, with fresh lists only where the present ones do not do.
 * @param {string[]} names
 * @param {(text: string) => void} report
 */
export async function aptInstall(names, report) {
  const command = `apt-get install -y --no-install-recommends ${names.join(" ")}`;
  if (process.getuid?.() !== 0 || (await outputOf("apt-get", ["--version"])) === undefined) {
    throw new StepError(`${names.join(" and ")}: not installed, and this script may not do it`, {
      advice: `as root, run ${command}; elsewhere than on Debian, install the same by its own means.`,
    });
  }
  const install = ["install", "-y", "--no-install-recommends", ...names];
  const listed = (await Promise.all(names.map(isListed))).every(Boolean);
  if (listed) {
    try {
      await apt(install, report);
      return;
    } catch {
      // Old lists name versions that are no longer served: look again with new ones.
    }
  }
  report("apt-get update");
  await apt(["update"], report);
  await apt(install, report);
}
