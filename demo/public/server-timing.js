// Reads a Server-Timing header: https://www.w3.org/TR/server-timing/#the-server-timing-header-field

/** @typedef {{ name: string, desc: string, dur: number | null }} Metric `dur` in milliseconds */

/** A metric, or a parameter of one: a quoted text may hold the separators. */
const METRIC = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const PARAMETER = /;\s*(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;

/**
 * @param {string} header
 * @returns {Metric[]}
 */
export function parseServerTiming(header) {
  return [...header.matchAll(METRIC)].map(([text]) => {
    /** @type {Record<string, string>} */
    const parameters = {};
    for (const [, key = "", quoted, plain] of text.matchAll(PARAMETER)) {
      parameters[key] ??= quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "";
    }
    const dur = Number.parseFloat(parameters.dur ?? "");
    const name = text.split(";", 1)[0] ?? "";
    return { name: name.trim(), desc: parameters.desc ?? "", dur: Number.isNaN(dur) ? null : dur };
  });
}
