// Making and finding elements. Text goes in as text only: nothing here or elsewhere on the page parses markup.

/** @typedef {Node | string | false | null | undefined} Child */

/**
 * @param {string} tag with an optional class: `p.status`
 * @param {Record<string, string>} [attributes]
 * @param {...Child} children what is false, null or undefined is left out
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const [name = "div", className] = tag.split(".");
  const element = document.createElement(name);
  if (className) element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== false && child != null));
  return element;
}

/**
 * An element that the document is known to have.
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {HTMLElement}
 */
export function find(selector, within = document) {
  const found = within.querySelector(selector);
  if (found instanceof HTMLElement) return found;
  throw new Error(`the document has no ${selector}`);
}
