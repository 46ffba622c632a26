// The menu: products and categories from Clopos, through the shop's back-end, by either version of Clopos's API.

import { call } from "../call.js";
import { el } from "../dom.js";
import { Panel } from "../panel.js";
import { afterwards } from "../tell.js";

/** @typedef {import("../call.js").Call} Call */
/** @typedef {{ id: number, name: string }} Category */
/** @typedef {{ id: number, name: string, category_id: number, price: number }} Product */

const HELD = {
  short: "nothing held",
  text: "Nothing. The API key stays with the shop’s back-end, the Clopos token with tillgate.",
};

export function startMenu() {
  const panel = new Panel("menu", HELD);
  const refresh = () => panel.busy(() => load(panel));
  panel.part("ask").addEventListener("click", refresh);
  for (const choice of document.querySelectorAll('input[name="api"]')) {
    choice.addEventListener("change", refresh);
  }
  refresh();
}

/** @param {Panel} panel */
async function load(panel) {
  const version = document.querySelector('input[name="api"]:checked')?.getAttribute("value");
  const categories = await call("GET categories", `/shop/menu/${version}/categories`);
  panel.print(categories);
  if (failed(panel, categories)) return;
  const products = await call("GET products", `/shop/menu/${version}/products`);
  panel.print(products);
  if (failed(panel, products)) return;
  panel.show(null);
  panel.fill(...courses(categories.data.data, products.data.data));
  const count = `${products.data.data.length} products from Clopos ${version}.`;
  panel.say(`${count} ${afterwards(categories, products)}`);
}

/** What was on the table stays there. @param {Panel} panel @param {Call} call */
function failed(panel, { problem }) {
  if (problem === null) return false;
  panel.show(problem);
  panel.say("");
  return true;
}

/** @param {Category[]} categories @param {Product[]} products */
function courses(categories, products) {
  return categories.map(({ id, name }) => {
    const items = products.filter(({ category_id }) => category_id === id).map(line);
    return el("div.course", {}, el("h3", {}, name), el("ul", {}, ...items));
  });
}

/** @param {Product} product */
function line({ name, price }) {
  return el("li", {}, el("span.dish", {}, name), el("span.price", {}, price.toFixed(2)));
}
