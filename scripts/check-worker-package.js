// Before `npm pack` in worker/: refuses to pack what was not built. Building is the work of build.js.

import { existsSync, readFileSync } from "node:fs";
import { inRoot } from "./lib/paths.js";

/** @type {{ files: string[] }} */
const { files } = JSON.parse(readFileSync(inRoot("worker", "package.json"), "utf8"));
const missing = files
  .filter((name) => name.startsWith("dist/"))
  .filter((name) => !existsSync(inRoot("worker", name)));

if (missing.length > 0) {
  console.error(
    `tillgate-worker: ${missing.join(", ")} is not there: run npm run build in the repository first`,
  );
  process.exitCode = 1;
}
