// The oracle of promise P1: secrets and tokens reach only their own platform. It is told every secret and where that one
// may appear, and everything that came out; it then looks for any 12 characters of a secret in a row: raw, in base64 and
// base64url at every alignment, in hexadecimal, percent-encoded and escaped as in JSON.

/**
 * @typedef {object} Place where something was seen
 * @property {"answer" | "log" | "storage" | "upstream"} kind
 * @property {string} name of an answer its route, of a file its path, of an upstream request its platform and kind
 *
 * @typedef {object} Secret
 * @property {string} label for the report, which never shows the secret
 * @property {string} text
 * @property {(place: Place) => boolean} [mayAppear] nowhere, unless given
 */

/** How many characters of a secret in a row are a leak. */
export const WINDOW = 12;
/** Two hexadecimal digits for each of them. */
const HEX_WINDOW = 2 * WINDOW;

export class Leaks {
  /** @type {Map<string, Secret>} by their text */
  #secrets = new Map();
  /** @type {{ place: Place, bytes: Buffer }[]} */
  #seen = [];

  /** @param {Secret} secret */
  add(secret) {
    if (secret.text.length < WINDOW) throw new Error(`${secret.label} is too short to look for`);
    this.#secrets.set(secret.text, secret);
  }

  /** What is looked for. @returns {{ label: string, text: string }[]} */
  secrets() {
    return [...this.#secrets.values()].map(({ label, text }) => ({ label, text }));
  }

  /** @param {Place} place @param {string | Buffer} content */
  saw(place, content) {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    if (bytes.length > 0) this.#seen.push({ place, bytes });
  }

  /** @returns {string[]} one line for each secret that appeared where it may not, without the secret */
  find() {
    const index = new WindowIndex([...this.#secrets.values()]);
    const found = this.#seen.flatMap(({ place, bytes }) =>
      [...index.find(bytes)]
        .filter(({ mayAppear }) => !mayAppear?.(place))
        .map(({ label }) => `${label} appeared in ${place.kind} ${place.name}`),
    );
    return [...new Set(found)];
  }

  /** @throws {Error} a secret appeared where it may not */
  assertNone() {
    const found = this.find();
    if (found.length > 0) throw new Error(`secrets leaked:\n${found.join("\n")}`);
  }
}

/** All windows of all secrets. Most texts are passed over by a look at two characters. */
class WindowIndex {
  /** @type {Map<string, Set<Secret>>} */
  #windows = new Map();
  /** @type {Map<string, Set<Secret>>} */
  #hexWindows = new Map();
  #beginnings = new Uint8Array(1 << 16);

  /** @param {Secret[]} secrets */
  constructor(secrets) {
    for (const secret of secrets) {
      const bytes = Buffer.from(secret.text);
      for (const text of [bytes.toString("latin1"), ...base64Forms(bytes)])
        for (const window of windows(text, WINDOW)) this.#put(this.#windows, window, secret);
      for (const window of windows(bytes.toString("hex"), HEX_WINDOW))
        this.#put(this.#hexWindows, window, secret);
    }
  }

  /** @param {Map<string, Set<Secret>>} map @param {string} window @param {Secret} secret */
  #put(map, window, secret) {
    const secrets = map.get(window) ?? new Set();
    map.set(window, secrets.add(secret));
    this.#beginnings[beginning(window, 0)] = 1;
  }

  /** @param {Buffer} bytes @returns {Set<Secret>} */
  find(bytes) {
    /** @type {Set<Secret>} */
    const found = new Set();
    for (const text of readings(bytes.toString("latin1"))) {
      this.#scan(text, WINDOW, this.#windows, found);
      if (/[0-9a-f]{24}/i.test(text))
        this.#scan(text.toLowerCase(), HEX_WINDOW, this.#hexWindows, found);
    }
    return found;
  }

  /**
   * @param {string} text
   * @param {number} length
   * @param {Map<string, Set<Secret>>} map
   * @param {Set<Secret>} found
   */
  #scan(text, length, map, found) {
    for (let at = 0; at + length <= text.length; at += 1) {
      if (this.#beginnings[beginning(text, at)] === 0) continue;
      for (const secret of map.get(text.slice(at, at + length)) ?? []) found.add(secret);
    }
  }
}

/** @param {string} text of bytes as characters @param {number} at */
const beginning = (text, at) => (text.charCodeAt(at) << 8) | text.charCodeAt(at + 1);

/** @param {string} text @param {number} length */
function windows(text, length) {
  const count = Math.max(0, text.length - length + 1);
  return Array.from({ length: count }, (_, at) => text.slice(at, at + length));
}

/**
 * What stands in base64 wherever these bytes do, behind 0, 1 or 2 other bytes.
 * @param {Buffer} bytes
 */
function base64Forms(bytes) {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(Math.ceil((before * 8) / 6), whole);
  });
}

/**
 * A text as it stands and with its escapes undone, once and twice.
 * @param {string} text of bytes as characters
 * @returns {Set<string>}
 */
function readings(text) {
  const all = new Set([text]);
  for (let round = 0; round < 2; round += 1)
    for (const reading of [...all]) for (const undo of UNDO) all.add(undo(reading));
  return all;
}

/** @param {string} hex */
const character = (hex) =>
  Buffer.from(String.fromCharCode(Number.parseInt(hex, 16))).toString("latin1");
/** @param {string} hex */
const byte = (hex) => String.fromCharCode(Number.parseInt(hex, 16));

/** @type {((text: string) => string)[]} */
const UNDO = [
  (text) => text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => byte(hex)),
  (text) => text.replaceAll("+", " "),
  (text) =>
    text.replaceAll(/\\u([0-9a-f]{4})/gi, (_, hex) => character(hex)).replaceAll(/\\(.)/g, "$1"),
  (text) => text.replaceAll("-", "+").replaceAll("_", "/"),
  (text) => text.replaceAll("\u0000", ""),
];
