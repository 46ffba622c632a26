// The faults of a platform, each with what a token request and a merchant proof that meet it have to come to. What a
// forwarded call makes of them is in answers.test.js.

/** @import { FaultAction } from "../simulators/lib/rules.js" */

/**
 * @typedef {object} Fault
 * @property {string} what of a platform that …
 * @property {FaultAction} action
 * @property {string} [token] the problem of a token request; none: it succeeds
 * @property {string} [proof] the problem of a login whose merchant proof meets it; none: it succeeds
 */

/** @param {number} status @param {unknown} [body] @param {[string, string][]} [headers] @returns {FaultAction} */
const answers = (status, body = "", headers = []) => ({ type: "answer", status, body, headers });

const HTML = "<!doctype html><title>Welcome</title>";
const DEEP = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

/** @type {(code: string) => { token: string, proof: string }} */
const both = (code) => ({ token: code, proof: code });
const down = both("platform_unavailable");
const slow = both("platform_timeout");
const nonsense = both("platform_answer_invalid");

/** @type {Fault[]} */
export const FAULTS = [
  { what: "is silent after accepting the request", action: { type: "hang" }, ...slow },
  { what: "is silent after the headers", action: { type: "hang", when: "after_headers" }, ...slow },
  { what: "stalls in the middle of the body", action: { type: "hang", when: "mid_body" }, ...slow },
  { what: "drips its headers", action: { type: "drip", part: "headers", ms: 200 }, ...slow },
  { what: "drips its body for too long", action: { type: "drip", ms: 500 }, ...slow },
  { what: "sends its body byte by byte", action: { type: "drip", ms: 1 } },
  { what: "resets before the headers", action: { type: "reset" }, ...down },
  { what: "resets after the headers", action: { type: "reset", when: "after_headers" }, ...down },
  {
    what: "resets in the middle of the body",
    action: { type: "reset", when: "mid_body" },
    ...down,
  },
  { what: "ends in the middle of the body", action: { type: "truncate" }, ...down },
  { what: "speaks no HTTP", action: { type: "garbage", where: "head" }, ...down },
  { what: "sends broken chunks", action: { type: "garbage", where: "chunks" }, ...down },
  { what: "sends bytes that are no JSON", action: { type: "garbage", where: "body" }, ...nonsense },
  { what: "sends 100 MB", action: { type: "huge" }, ...nonsense },
  { what: "sends a gzip bomb", action: { type: "gzip_bomb" }, ...nonsense },
  { what: "nests 100,000 deep", action: answers(200, DEEP), ...nonsense },
  { what: "answers 200 with nothing", action: answers(200), ...nonsense },
  { what: "answers 204", action: answers(204), ...nonsense },
  { what: "answers 200 with HTML", action: answers(200, HTML), ...nonsense },
  { what: "answers 200 with a list", action: answers(200, "[]"), ...nonsense },
  {
    what: "answers 200 with success:false",
    action: answers(200, { success: false, message: "no" }),
    token: "credentials_rejected",
    proof: "merchant_not_proved",
  },
  {
    what: "answers with another type than JSON",
    action: { type: "patch", headers: [["content-type", "text/html"]] },
  },
  {
    what: "repeats its headers",
    action: {
      type: "patch",
      headers: [
        ["content-type", "a/b"],
        ["content-type", "c/d"],
        ["date", "x"],
        ["date", "y"],
      ],
    },
  },
  ...[301, 302, 303, 307, 308].map((status) => ({
    what: `redirects with ${status} to another host`,
    action: /** @type {FaultAction} */ ({ type: "redirect", status, location: "" }),
    ...nonsense,
  })),
  {
    what: "answers 400",
    action: answers(400, {}),
    token: "credentials_rejected",
    proof: "merchant_not_proved",
  },
  {
    what: "answers 401",
    action: answers(401, {}),
    token: "credentials_rejected",
    proof: "merchant_not_proved",
  },
  {
    what: "answers 403",
    action: answers(403, {}),
    token: "access_denied",
    proof: "merchant_not_proved",
  },
  {
    what: "answers 404",
    action: answers(404, HTML),
    token: "platform_answer_invalid",
    proof: "merchant_not_proved",
  },
  { what: "answers 408", action: answers(408), ...down },
  { what: "answers 421", action: answers(421), ...nonsense },
  { what: "answers 429", action: answers(429), ...both("rate_limited") },
  ...[500, 502, 503, 504].map((status) => ({
    what: `answers ${status}`,
    action: answers(status, HTML),
    ...down,
  })),
];
