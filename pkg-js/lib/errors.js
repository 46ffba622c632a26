// The one error type that a page gets. Wrong options are TypeErrors, since only a developer can mend them.

/** @typedef {import("../index.d.ts").TillgateErrorCode} TillgateErrorCode */

export class TillgateError extends Error {
  /**
   * @param {TillgateErrorCode} code
   * @param {string} message never holds anything that came in a URL
   * @param {ErrorOptions} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = "TillgateError";
    /** @readonly */
    this.code = code;
  }
}

/** The function was called where there is no page. @param {string} name */
export const needsPage = (name) => new TypeError(`tillgate: ${name} needs a page in a browser`);
