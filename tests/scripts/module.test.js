// What the scripts do to a wasm module that is compiled: its functions stand where they compress well and do what they did,
// and its imports are counted. What that saves is tests/e2e/size.test.js's.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { orderFunctions } from "../../scripts/lib/function-order.js";
import { countImports } from "../../scripts/lib/import-names.js";
import { bySimilarity } from "../../scripts/lib/similarity.js";

/** @type {string} */
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tillgate-module-"));
});
after(() => rm(folder, { recursive: true }));

test("functions stand beside those that they resemble", () => {
  const bodies = ["one loop over bytes", "a table of digits", "one loop over words"].concat([
    "another table of digits",
    "a last loop over words",
  ]);
  const order = bySimilarity(bodies.map((body) => Buffer.from(body)));
  assert.deepEqual(order, [0, 2, 4, 1, 3]);
});

test("functions that have nothing in common keep their order", () => {
  const bodies = ["", "aaaaaa", "bbbbbb", "c"].map((body) => Buffer.from(body));
  assert.deepEqual(bySimilarity(bodies), [0, 1, 2, 3]);
});

/** @param {string} name @param {string} text */
async function fileWith(name, text) {
  const path = join(folder, name);
  await writeFile(path, text, "latin1");
  return path;
}

/** `f` is `times3(x) + 7`; between them stands a function that calls `log`, which is imported. */
const SECTIONS = [
  [1, [2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0]],
  [2, [1, 1, 0x6d, 3, 0x6c, 0x6f, 0x67, 0, 1]],
  [3, [3, 0, 1, 0]],
  [7, [2, 1, 0x66, 0, 3, 1, 0x67, 0, 2]],
  [
    10,
    [
      ...[3, 7, 0, 0x20, 0, 0x41, 3, 0x6c, 0x0b],
      ...[4, 0, 0x10, 0, 0x0b],
      ...[9, 0, 0x20, 0, 0x10, 1, 0x41, 7, 0x6a, 0x0b],
    ],
  ],
].map(([id, content]) => [
  id,
  /** @type {number[]} */ (content).length,
  .../** @type {number[]} */ (content),
]);
const MODULE = Buffer.from([
  0,
  0x61,
  0x73,
  0x6d,
  1,
  0,
  0,
  0,
  .../** @type {number[]} */ (SECTIONS.flat()),
]);

test("a module whose functions are ordered anew does what it did, and has no names", async () => {
  const path = join(folder, "ordered.wasm");
  await writeFile(path, MODULE);
  await orderFunctions(path);
  const bytes = await readFile(path);
  let calls = 0;
  const { instance, module } = await WebAssembly.instantiate(new Uint8Array(bytes), {
    m: {
      log: () => {
        calls += 1;
      },
    },
  });
  const { f, g } = /** @type {Record<string, (x?: number) => number>} */ (
    /** @type {unknown} */ (instance.exports)
  );
  assert.equal(f?.(5), 22);
  g?.();
  assert.equal(calls, 1);
  assert.deepEqual(WebAssembly.Module.customSections(module, "name"), []);
});

test("the same module is ordered in the same way each time", async () => {
  const paths = ["once.wasm", "twice.wasm"].map((name) => join(folder, name));
  for (const path of paths) {
    await writeFile(path, MODULE);
    await orderFunctions(path);
  }
  const [once, twice] = await Promise.all(paths.map((path) => readFile(path)));
  assert.deepEqual(once, twice);
});

test("imports of one name are counted, in the module and in its glue alike", async () => {
  const names = [
    "__wbg_get_0123456789abcdef",
    "__wbg_put_00ff00ff00ff00ff",
    "__wbg_get_fedcba9876543210",
  ];
  const module = await fileWith("counted.wasm", `\x03m\xff\x1a${names.join("\x00\x1a")}\x00`);
  const glue = await fileWith("counted.js", names.toReversed().join(";"));
  countImports(module, glue);
  const counted = [
    "__wbg_get_0000000000000000",
    "__wbg_put_0000000000000000",
    "__wbg_get_0000000000000001",
  ];
  assert.equal(await readFile(module, "latin1"), `\x03m\xff\x1a${counted.join("\x00\x1a")}\x00`);
  assert.equal(await readFile(glue, "latin1"), counted.toReversed().join(";"));
});
