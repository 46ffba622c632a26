// What a deployment uploads stays small: a cold start takes 0.027 ms longer for every KB of the module. Measured on the
// very files that `wrangler deploy` would upload.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { MOST_UPLOAD_BYTES } from "../budget.js";
import { releasedWorker } from "./harness/artifact.js";

test("the upload stays within its budget", async () => {
  const { directory, modules } = await releasedWorker();
  const sizes = modules.map((name) => {
    const { length } = gzipSync(readFileSync(join(directory, name)));
    return { name, length };
  });
  const total = sizes.reduce((sum, { length }) => sum + length, 0);
  const list = sizes.map(({ name, length }) => `${name} ${length}`).join(", ");
  assert.ok(total <= MOST_UPLOAD_BYTES, `${total} of ${MOST_UPLOAD_BYTES} bytes: ${list}`);
  assert.ok(
    modules.some((name) => name.endsWith(".wasm")),
    list,
  );
});
