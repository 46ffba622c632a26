// What the four panels share: their parts in the document, waiting, saying how it went, and the receipt beside them.

import { find } from "./dom.js";
import { notice } from "./notice.js";
import { Receipt } from "./receipt.js";
import { offerMishaps } from "./what-if.js";

/** @typedef {import("./call.js").Call} Call */
/** @typedef {import("./call.js").Problem} Problem */

/**
 * What this browser holds: in few words for the page's head, and in a sentence for the receipt.
 * @typedef {{ short: string, text: string, counts?: [string, string][] }} Held
 */

export class Panel {
  #root;
  #receipt;

  /**
   * @param {string} id
   * @param {Held} held
   * @param {string} [uncalled] for the receipt, as long as the worker was not called
   */
  constructor(id, held, uncalled = "nothing yet") {
    this.id = id;
    this.#root = find(`#${id}`);
    this.#receipt = new Receipt(find(".printer", this.#root), uncalled);
    this.holds(held);
    offerMishaps(this.#root.querySelector(".what-if"), this);
  }

  /** @param {string} name @returns {HTMLElement} */
  part(name) {
    return find(`[data-part="${name}"]`, this.#root);
  }

  /** @param {Held} held */
  holds(held) {
    find(`[data-held="${this.id}"]`).textContent = held.short;
    this.#receipt.hold(held);
  }

  /** Prints calls on the receipt, the last one on top. @param {...Call} calls */
  print(...calls) {
    this.#receipt.print(calls);
  }

  /** Says how it went, also to a screen reader. @param {string} text */
  say(text) {
    find(".status", this.#root).textContent = text;
  }

  /** Shows a problem in place of the last one. @param {Problem | null} problem null: there is none */
  show(problem) {
    find(".notices", this.#root).replaceChildren(...(problem ? [notice(problem)] : []));
  }

  /** Puts something into the panel's middle. @param {...Node} nodes */
  fill(...nodes) {
    this.part("content").replaceChildren(...nodes);
  }

  /** Brings a person who just came back to the panel they left. */
  focus() {
    const title = find("h2", this.#root);
    title.scrollIntoView({ block: "start" });
    title.focus({ preventScroll: true });
  }

  /**
   * Marks the panel as busy while something runs; meanwhile its buttons do nothing.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T | undefined>} undefined: something runs already
   */
  async busy(work) {
    if (this.#root.getAttribute("aria-busy") === "true") return undefined;
    this.#root.setAttribute("aria-busy", "true");
    try {
      return await work();
    } finally {
      this.#root.removeAttribute("aria-busy");
    }
  }
}
