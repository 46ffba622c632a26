// A reporter for node:test: one JSON object per line for each test that ended, so that nobody has to read prose.
// Printing for people is done by node-tests.js, which reads these lines.

/** @typedef {import("node:test/reporters").TestEvent} TestEvent */

/** @typedef {{ kind: "pass" | "fail" | "skip", name: string, file: string, error: string }} TestLine */

/**
 * What a failed test threw, with its cause: node:test wraps the error that a test throws in one of its own.
 * @param {unknown} error
 */
function describe(error) {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

/**
 * @param {TestEvent} event
 * @returns {TestLine | undefined} undefined: not the end of a test
 */
function lineOf(event) {
  if (event.type !== "test:pass" && event.type !== "test:fail") return undefined;
  const { name, file, skip, details } = event.data;
  // A suite, and a file that only holds tests, would be counted beside the tests in it.
  if (details.type === "suite" && event.type === "test:pass") return undefined;
  const error = event.type === "test:fail" ? event.data.details.error : undefined;
  if (isOnlyAboutSubtests(error)) return undefined;
  const kind = event.type === "test:fail" ? "fail" : skip === undefined ? "pass" : "skip";
  return { kind, name, file: file ?? "", error: error === undefined ? "" : describe(error) };
}

/** Whether a failure only says that a test inside failed, which has its own line. @param {unknown} error */
function isOnlyAboutSubtests(error) {
  return error instanceof Error && "failureType" in error && error.failureType === "subtestsFailed";
}

/** @param {AsyncIterable<TestEvent>} source */
export default async function* nodeReporter(source) {
  for await (const event of source) {
    const line = lineOf(event);
    if (line !== undefined) yield `${JSON.stringify(line)}\n`;
    else if (event.type === "test:stdout" || event.type === "test:stderr") yield event.data.message;
  }
}
