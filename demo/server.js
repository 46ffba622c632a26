// The demo shop as a program: `node demo/server.js [--port 8080]`. Where the worker and the simulators are and which API
// key the shop has come from the environment; lib/settings.js lists them. Runs until SIGINT or SIGTERM.

import { parseArgs } from "node:util";
import { readSettings } from "./lib/settings.js";
import { startDemo } from "./lib/start.js";

try {
  const { values } = parseArgs({ options: { port: { type: "string", default: "8080" } } });
  const demo = await startDemo(readSettings(process.env, values.port));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, demo.close);
  process.stdout.write(`demo shop: ${demo.url}\n`);
} catch (error) {
  process.stderr.write(`demo shop: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
