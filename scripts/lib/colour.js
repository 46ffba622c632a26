// Colour for terminals: only where one is looking, and never against NO_COLOR (no-color.org). No layout here.

/** @param {NodeJS.WriteStream} stream */
export function wantsColour(stream) {
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== "0";
  return stream.isTTY === true && process.env.TERM !== "dumb";
}

/** @param {boolean} enabled */
export function palette(enabled) {
  /** @param {string} code */
  const paint = (code) => (/** @type {string} */ text) =>
    enabled ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    bold: paint("1"),
    dim: paint("2"),
    red: paint("31"),
    green: paint("32"),
    yellow: paint("33"),
    cyan: paint("36"),
  };
}
