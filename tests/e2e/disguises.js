// Addresses that pretend to lead to an origin that is allowed, collected and made up.

import { SHOP } from "./configuration.js";

/** Where nobody may be sent after a login. */
const EVIL = "evil.example";
/** What makes browsers and servers disagree about where an address leads. */
export const DISGUISES = [
  `//${EVIL}`,
  `///${EVIL}`,
  `////${EVIL}`,
  `/\\${EVIL}`,
  `\\\\${EVIL}`,
  `\\/${EVIL}`,
  `/\\/${EVIL}`,
  `/\t/${EVIL}`,
  `/\n/${EVIL}`,
  `/\r/${EVIL}`,
  `\t//${EVIL}`,
  ` //${EVIL}`,
  `\u0000//${EVIL}`,
  `/%09/${EVIL}`,
  `/%2f${EVIL}`,
  `/%5c${EVIL}`,
  `%2f%2f${EVIL}`,
  `/.//${EVIL}`,
  `/..//${EVIL}`,
  `/./\\${EVIL}`,
  `/;@${EVIL}`,
  `/@${EVIL}`,
  `http:${EVIL}`,
  `http:/${EVIL}`,
  `http:///${EVIL}`,
  `https:${EVIL}`,
  `https:/\\${EVIL}`,
  `https://${EVIL}`,
  `javascript:alert(1)`,
  `java\nscript:alert(1)`,
  `JaVaScRiPt://%0aalert(1)`,
  `data:text/html,x`,
  `blob:${SHOP}/x`,
  `vbscript:x`,
  `file:///etc/passwd`,
  `about:blank`,
  `view-source:${SHOP}`,
  `mailto:a@${EVIL}`,
  `ftp://${EVIL}`,
  `${SHOP}@${EVIL}`,
  `${SHOP}:@${EVIL}`,
  `${SHOP}:443@${EVIL}`,
  `${SHOP}:80`,
  `${SHOP}.${EVIL}`,
  `${SHOP}${EVIL}`,
  `${SHOP}%2e${EVIL}`,
  `${SHOP}\\@${EVIL}`,
  `${SHOP}\\.${EVIL}`,
  `${SHOP}\t.${EVIL}`,
  `${SHOP}%00.${EVIL}`,
  `${SHOP}/\\${EVIL}`,
  `${SHOP}//${EVIL}`,
  `${SHOP}/..//${EVIL}`,
  `${SHOP}?@${EVIL}`,
  `${SHOP}#@${EVIL}`,
  `${SHOP};@${EVIL}`,
  `${SHOP}&@${EVIL}`,
  `${SHOP}。${EVIL}`,
  `https://ｅvil.example`,
  `https:///shop.example@${EVIL}`,
  `https://shop.example:pass@${EVIL}`,
  `https://${EVIL}/${SHOP}`,
  `https://${EVIL}?${SHOP}`,
  `https://${EVIL}#${SHOP}`,
  `https://${EVIL}\\.shop.example`,
  `https://xshop.example`,
  `http://shop.example`,
  `HTTPS://shop.example/x`,
  `https://SHOP.example`,
  `https://shop.example.`,
  `https://shop%2eexample`,
  `//shop.example`,
  `shop.example`,
  ``,
  `.`,
  `..`,
  `?`,
  `#`,
  `*`,
  `/`,
  `/x y`,
  `/é`,
  `/\u2028`,
  `/‮`,
  `/${"a".repeat(3000)}`,
  `https://[::1]`,
  `https://0x7f.1`,
];
/** Pieces from which further disguises are made. */
const PIECES = [
  "/",
  "//",
  "\\",
  "\t",
  "\n",
  "\r",
  " ",
  "%2f",
  "%5c",
  "%09",
  "%00",
  "@",
  ":",
  "?",
  "#",
  ";",
  ".",
  "..",
  "//.",
  EVIL,
  "shop.example",
  SHOP,
  "https:",
  "http:",
  "javascript:",
  "127.0.0.1",
  "localhost",
  "é",
  "。",
  "／",
  "＼",
  "[",
  "]",
];
const MADE = 500;

/** Numbers that look random and are the same in every run. @param {number} seed */
function numbers(seed) {
  let state = seed;
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Texts out of those pieces. @returns {string[]} */
export function madeUp() {
  const next = numbers(20_261_117);
  const piece = () => PIECES[next(PIECES.length)] ?? "";
  const beginning = () => ["", "", "/", "/", SHOP, `${SHOP}/`][next(6)] ?? "";
  return Array.from({ length: MADE }, () =>
    [beginning(), ...Array.from({ length: 1 + next(5) }, piece)].join(""),
  );
}
