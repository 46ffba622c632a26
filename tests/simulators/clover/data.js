// What each merchant has at Clover: items, a few orders of today, and those that a test adds.

/** @typedef {Record<string, unknown> & {id: string}} CloverOrder */

const ITEMS = [
  { id: "ITEM000000001", name: "Cortado", price: 320 },
  { id: "ITEM000000002", name: "Filter coffee", price: 280 },
  { id: "ITEM000000003", name: "Almond croissant", price: 390 },
  { id: "ITEM000000004", name: "Soup of the day", price: 650 },
];

const FIRST_ORDERS = [
  { number: 1, title: "Table 4", total: 710, state: "locked" },
  { number: 2, title: "Takeaway", total: 320, state: "locked" },
  { number: 3, title: "Table 1", total: 1350, state: "open" },
];

export class MerchantData {
  /** @type {Map<string, CloverOrder[]>} */
  #added = new Map();
  #lastNumber = FIRST_ORDERS.length;

  items() {
    return ITEMS;
  }

  /**
   * @param {string} merchant
   * @returns {CloverOrder[]}
   */
  orders(merchant) {
    const first = FIRST_ORDERS.map(({ number, ...order }) => ({
      id: orderId(merchant, number),
      currency: "EUR",
      ...order,
    }));
    return [...first, ...(this.#added.get(merchant) ?? [])];
  }

  /**
   * Adds an order each time it is called, for equal fields too: the platform does not notice a
   * repeated request.
   * @param {string} merchant
   * @param {Record<string, unknown>} fields
   * @param {number} now
   * @returns {CloverOrder}
   */
  addOrder(merchant, fields, now) {
    this.#lastNumber += 1;
    const id = orderId(merchant, this.#lastNumber);
    const made = { currency: "EUR", state: "open", ...fields, id, createdTime: now * 1000 };
    this.#added.set(merchant, [...(this.#added.get(merchant) ?? []), made]);
    return made;
  }

  reset() {
    this.#added.clear();
  }
}

/**
 * @param {string} merchant
 * @param {number} number
 */
function orderId(merchant, number) {
  return `ORDER${merchant.slice(-3)}${String(number).padStart(5, "0")}`;
}
