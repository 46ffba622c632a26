// A rate limit over fixed windows of the simulator's clock, as platforms with `RateLimit-*` headers
// keep it. Which requests count and what is answered beyond the limit is the platform's business.

/** @import { HeaderPair } from "./answer.js" */

const WINDOW_SECONDS = 60;

export class RateLimit {
  #start = 0;
  #used = 0;

  /**
   * Counts one request.
   * @param {number} limit Requests a minute; 0 for no limit.
   * @param {number} now
   * @param {string} prefix Of the header names: `RateLimit` or `X-RateLimit`.
   * @returns {{exceeded: boolean, headers: HeaderPair[]}} `Reset` is in seconds from now.
   */
  take(limit, now, prefix) {
    if (limit === 0) return { exceeded: false, headers: [] };
    if (now - this.#start >= WINDOW_SECONDS || now < this.#start) {
      this.#start = now;
      this.#used = 0;
    }
    this.#used += 1;
    return {
      exceeded: this.#used > limit,
      headers: [
        [`${prefix}-Limit`, String(limit)],
        [`${prefix}-Remaining`, String(Math.max(0, limit - this.#used))],
        [`${prefix}-Reset`, String(this.#start + WINDOW_SECONDS - now)],
      ],
    };
  }

  reset() {
    this.#start = 0;
    this.#used = 0;
  }
}
