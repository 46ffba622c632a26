// The address bar: takes a possible answer out of it and puts back what may stay. What an answer is, is not decided here.

/** @typedef {{ query: string, fragment: string }} Answer as `location.search` and `location.hash` give them */

// Coarse on purpose: it may see an answer where there is none, and never misses one, since every parameter that makes
// an answer is spelled like this or with a `%`. No regular expression ever sees the text: `RegExp.input` would keep it.
const SIGNS_OF_AN_ANSWER = ["access_token", "error", "state", "%"];

export const hasPage = () => typeof document !== "undefined";

/** Replaces query and fragment of the current session history entry. @param {string} rest with its `?` and `#` */
export function setQueryAndFragment(rest) {
  const page = location.href.split("#", 1)[0]?.split("?", 1)[0];
  history.replaceState(history.state, "", page + rest);
}

/**
 * Erases the whole query and fragment and returns them, if an answer may be in them. It comes before everything else
 * and needs no WebAssembly, so the token is gone from the address bar whatever happens next.
 * @returns {Answer | null}
 */
export function takeAnswer() {
  const { search: query, hash: fragment } = location;
  const text = query + fragment;
  if (!SIGNS_OF_AN_ANSWER.some((sign) => text.includes(sign))) return null;
  setQueryAndFragment("");
  return { query, fragment };
}
