// A simulator's own clock: the machine's, moved by an offset. Lifetimes of tokens and codes are
// counted on it, so that a test moves an hour in no time.

export class Clock {
  #offset = 0;

  /** @returns {number} Whole seconds since 1970. */
  now() {
    return Math.floor(Date.now() / 1000) + this.#offset;
  }

  /** Seconds that this clock is ahead of the machine's. */
  get offset() {
    return this.#offset;
  }

  /** @param {number} seconds */
  setOffset(seconds) {
    if (!Number.isSafeInteger(seconds)) {
      throw new RangeError("clock offset: a whole number of seconds is needed");
    }
    this.#offset = seconds;
  }

  /** @param {number} seconds */
  advance(seconds) {
    this.setOffset(this.#offset + seconds);
  }
}
