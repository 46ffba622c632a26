// What a small café has at Clopos: a menu that never changes, and orders that a test can add to.

export const categories = [
  { id: 1, name: "Coffee", position: 1 },
  { id: 2, name: "Tea", position: 2 },
  { id: 3, name: "Kitchen", position: 3 },
];

export const products = [
  { id: 101, name: "Espresso", category_id: 1, price: 2.4, type: "GOODS" },
  { id: 102, name: "Flat white", category_id: 1, price: 3.6, type: "GOODS" },
  { id: 103, name: "Black tea with thyme", category_id: 2, price: 2.9, type: "GOODS" },
  { id: 104, name: "Shakarbura", category_id: 3, price: 1.8, type: "DISH" },
  { id: 105, name: "Qutab with herbs", category_id: 3, price: 4.5, type: "DISH" },
];

/** @typedef {Record<string, unknown> & {id: number}} Order */

export class OrderBook {
  /** @type {Map<string, Order[]>} */
  #orders = new Map();
  #lastId = 5000;

  /**
   * @param {string} brand
   * @returns {Order[]}
   */
  of(brand) {
    return this.#orders.get(brand) ?? [];
  }

  /**
   * Adds an order each time it is called, for equal fields too: the platform does not notice a
   * repeated request.
   * @param {string} brand
   * @param {Record<string, unknown>} fields
   * @param {number} now
   * @returns {Order}
   */
  add(brand, fields, now) {
    this.#lastId += 1;
    const made = { ...fields, id: this.#lastId, status: "NEW", created_at: now };
    this.#orders.set(brand, [...this.of(brand), made]);
    return made;
  }

  reset() {
    this.#orders.clear();
  }
}
