// A compiler that cannot build the worker is told before anything is compiled. What it is compiled with is in
// scripts/lib/wasm-flags.js.

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { StepError } from "../../scripts/lib/steps.js";
import { rustSource } from "../../scripts/lib/tools.js";
import { TRIED_COMPILER, tryFlags } from "../../scripts/lib/wasm-flags.js";

test("the compiler here knows every flag that the worker is compiled with", () => tryFlags());

test("a compiler that does not know a flag is refused, with what it says and with one that does", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tillgate-compiler-"));
  const path = process.env.PATH;
  try {
    await writeFile(join(folder, "rustc"), '#!/bin/sh\necho "error: unknown: $*" >&2\nexit 1\n');
    await chmod(join(folder, "rustc"), 0o755);
    process.env.PATH = folder + delimiter + path;
    await assert.rejects(
      rustSource.run(() => {}),
      (error) => {
        assert.ok(error instanceof StepError);
        assert.match(error.detail ?? "", /error: unknown: .*-Cpanic=immediate-abort/);
        assert.ok(error.advice?.includes(`RUSTUP_TOOLCHAIN=${TRIED_COMPILER}`), error.advice);
        return true;
      },
    );
  } finally {
    process.env.PATH = path;
    await rm(folder, { recursive: true });
  }
});
