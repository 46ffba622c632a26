// How the scripts run commands: nothing hangs, nothing is left behind, and what went wrong is said. On real processes.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError, run, startGroup, stopGroup } from "../../scripts/lib/exec.js";

/** Whether a process is still there and not merely waiting to be collected. @param {string} pid */
function isAlive(pid) {
  const status = `/proc/${pid}/stat`;
  return existsSync(status) && !/\) Z /.test(readFileSync(status, "utf8"));
}

/** @param {() => boolean} condition */
async function until(condition) {
  while (!condition()) await sleep(10);
}

test("a command's lines arrive one by one, and those that are progress are not kept", async () => {
  /** @type {string[]} */
  const lines = [];
  const { output } = await run("printf", ["1 of 2\\r2 of 2\\ndone\\nlast"], {
    onLine(line) {
      lines.push(line);
      return !line.includes(" of ");
    },
  });
  assert.deepEqual(lines, ["1 of 2", "2 of 2", "done", "last"]);
  assert.equal(output, "done\nlast");
});

test("a command that fails is an error with its exit code and what it printed", async () => {
  await assert.rejects(run("sh", ["-c", "echo why; exit 3"]), (error) => {
    assert.ok(error instanceof CommandError);
    assert.match(error.message, /exit code 3$/);
    assert.equal(error.output, "why");
    return true;
  });
});

test("a command that is not there is an error that names it", async () => {
  await assert.rejects(run("no-such-program-of-ours", []), /no-such-program-of-ours could not be/);
});

test("a command that takes too long is ended together with what it has started", async () => {
  const script = "sleep 1000 & echo $!; wait";
  const result = await run("sh", ["-c", script], { timeoutSeconds: 0.2, check: false });
  assert.equal(result.timedOut, true);
  await until(() => !isAlive(result.output));
});

test("a group that ignores the polite signal is ended all the same", async () => {
  const child = startGroup("sh", ["-c", "trap '' TERM; echo $$; while :; do sleep 0.1; done"]);
  const pid = await new Promise((resolve) => {
    child.stdout?.once("data", (text) => resolve(String(text).trim()));
  });
  await stopGroup(child, 100);
  assert.equal(isAlive(pid), false);
});
