// The receipt beside a panel: what this browser holds for it, and the latest calls with what the worker did for each.

import { el } from "./dom.js";

/** @typedef {import("./call.js").Call} Call */
/** @typedef {import("./panel.js").Held} Held */

/** As long as a till roll may hang down. */
const MOST_CALLS = 4;

export class Receipt {
  #held = el("div.held");
  #calls = el("ol.calls");
  #paper;

  /** @param {HTMLElement} printer @param {string} uncalled */
  constructor(printer, uncalled) {
    this.#paper = el(
      "div.paper",
      {},
      el("p.head", { "aria-hidden": "true" }, "~ Café Tilde ~"),
      el("h3", {}, "In this browser"),
      this.#held,
      el("h3", {}, "What tillgate did"),
      this.#calls,
    );
    this.#calls.append(el("li.none", {}, uncalled));
    printer.append(el("div.feed", {}, this.#paper));
  }

  /** @param {Held} held */
  hold({ text, counts = [] }) {
    const rows = counts.map(([name, value]) => row(name, value));
    this.#held.replaceChildren(el("p", {}, text), ...rows);
  }

  /** @param {Call[]} calls the last one is the latest */
  print(calls) {
    this.#calls.querySelector(".none")?.remove();
    this.#calls.prepend(...calls.map(entry).reverse());
    while (this.#calls.children.length > MOST_CALLS) this.#calls.lastElementChild?.remove();
    this.#paper.classList.remove("printing");
    // Read so that the browser starts the movement anew.
    void this.#paper.offsetWidth;
    this.#paper.classList.add("printing");
  }
}

/** @param {Call} call */
function entry({ name, status, ms, metrics, serverTiming }) {
  const token = metrics.find((metric) => metric.name === "token")?.desc;
  const worker = metrics.find((metric) => metric.name === "worker")?.dur;
  return el(
    "li",
    {},
    row(name, status === 0 ? "no answer" : String(status), "p.call"),
    token !== undefined && row("token", token),
    worker != null && row("shop waited", milliseconds(worker)),
    row("page waited", milliseconds(ms)),
    serverTiming !== "" && el("p.raw", {}, `Server-Timing: ${serverTiming}`),
  );
}

/** @param {string} name @param {string} value @param {string} [tag] */
const row = (name, value, tag = "p.row") => el(tag, {}, el("span", {}, name), el("b", {}, value));

/** @param {number} ms */
const milliseconds = (ms) => `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
