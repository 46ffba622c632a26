// Reads Markdown as far as the documentation's tests need it: code blocks, headings, links, tables, and calls of curl.

import { readFileSync } from "node:fs";
import { inRoot } from "../../scripts/lib/paths.js";

/** @typedef {{ heading: string, language: string, code: string }} Block */

/** The text of a document. @param {string} path from the repository's root */
export const document = (path) => readFileSync(inRoot(path), "utf8");

/** The code blocks, each under the nearest heading above it. @param {string} text @returns {Block[]} */
export function blocks(text) {
  let heading = "";
  return [...text.matchAll(/^#+ ([^\n]+)$|^```(\w*)\n(.*?)^```$/gms)].flatMap(
    ([, title, language, code]) => {
      heading = title ?? heading;
      return code === undefined ? [] : [{ heading, language: language ?? "", code }];
    },
  );
}

/** The text without its code blocks and code spans. @param {string} text */
const prose = (text) => text.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`\n]*`/g, "");

/** The names under which a page shows its headings. @param {string} text */
export function anchors(text) {
  const headings = text.replaceAll(/^```.*?^```$/gms, "").matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Where the links and pictures of a document lead. @param {string} text */
export const links = (text) =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? "");

/** The cells of every row of the tables below a heading, without their code marks. @param {string} text @param {string} heading */
export function rows(text, heading) {
  const section = text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const lines = section.split("\n").filter((line) => /^\|(?!---)/.test(line));
  return lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/**
 * The calls of curl in a shell snippet.
 * @param {string} code
 * @param {Record<string, string>} variables what `$NAME` stands for
 */
export const curls = (code, variables) =>
  code
    .split("\n")
    .filter((line) => line.startsWith("curl "))
    .map((line) => curl(line, variables));

/** @param {string} line @param {Record<string, string>} variables */
function curl(line, variables) {
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, expanded, verbatim, bare]) =>
      verbatim ??
      (expanded ?? bare ?? "").replaceAll(/\$(\w+)/g, (_, name) => variables[name] ?? ""),
  );
  const headers = new Headers();
  /** @type {RequestInit & { url: string }} */
  const call = { url: "", method: "GET", headers, redirect: "manual" };
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "-X") call.method = words[++at] ?? "";
    else if (word === "-H") headers.append(.../** @type {[string, string]} */ (pair(words[++at])));
    else if (word === "-d") call.body = words[++at] ?? "";
    else if (word.startsWith("http")) call.url = word;
    else if (word !== "-i") throw new Error(`curl's ${word} is not known here: ${line}`);
  }
  return call;
}

/** @param {string} [header] */
const pair = (header = "") => header.split(/: (.*)/s).slice(0, 2);
