// Every behaviour of the simulators, with how well it is known, so that nobody takes an assumption
// for a fact. Code names behaviours by these ids; README.md shows the table.

/**
 * @typedef {"documented" | "also" | "seen" | "assumed"} Mark
 *   `documented`: in the platform's authentication page that tillgate treats as the contract.
 *   `also`: in its other public documentation. `seen`: observed by third parties.
 *   `assumed`: nobody says; our choice, which a client must not depend on.
 *
 * @typedef {keyof typeof behaviours} BehaviourId
 */

/** @satisfies {Record<string, {mark: Mark, text: string}>} */
export const behaviours = {
  "clopos.v1.token": {
    mark: "documented",
    text: "POST /open-api/auth with four JSON keys: 200, `oauth_…` token, 3600 seconds",
  },
  "clopos.v1.credentials": {
    mark: "documented",
    text: "Wrong client, secret, brand or venue: 400",
  },
  "clopos.v1.form": {
    mark: "assumed",
    text: "Another method: 405; a key missing, too many or no string: 400; sentences as `error`",
  },
  "clopos.v1.api": {
    mark: "documented",
    text: "API calls take bare x-token, x-brand and x-venue, optionally x-stage",
  },
  "clopos.v1.api.form": {
    mark: "assumed",
    text: "Headers missing, twice or of another scheme: 401 `Headers are missing`",
  },
  "clopos.v1.api.token": {
    mark: "documented",
    text: "Invalid or expired token: 401",
  },
  "clopos.v1.api.mismatch": {
    mark: "assumed",
    text: "A token for another brand or venue than the headers': 401",
  },
  "clopos.v1.api.scope": {
    mark: "documented",
    text: "Insufficient permissions: 403",
  },
  "clopos.v2.token": {
    mark: "documented",
    text: "POST /open-api/v2/auth with four JSON keys: 200, a JWT, expires_in and expires_at",
  },
  "clopos.v2.credentials": {
    mark: "also",
    text: "Wrong client, secret or brand: 401 with `message` only",
  },
  "clopos.v2.missing": {
    mark: "also",
    text: "A key missing: 400 `Missing client_id, client_secret, brand, or integrator_id`",
  },
  "clopos.v2.integrator": {
    mark: "also",
    text: "Unknown integrator: 400 `Invalid integrator_id`",
  },
  "clopos.v2.test-mode": {
    mark: "also",
    text: "A `test_` integrator and a brand not in test mode: 200 with success:false",
  },
  "clopos.v2.form": {
    mark: "assumed",
    text: "Another method: 405; a key too many or no string: 400",
  },
  "clopos.v2.api": {
    mark: "documented",
    text: "API calls take bare x-token only",
  },
  "clopos.v2.api.venue": {
    mark: "also",
    text: "x-venue may override the token's venue",
  },
  "clopos.v2.api.venue-unknown": {
    mark: "assumed",
    text: "An x-venue that is none of the brand's: 400 `Invalid venue`",
  },
  "clopos.v2.api.form": {
    mark: "also",
    text: "No x-token: 401 `Headers are missing`; so too, assumed, for headers that do not belong",
  },
  "clopos.v2.api.token": {
    mark: "also",
    text: "401 `Invalid token`, or `Token expired` with an ISO string as expires_at",
  },
  "clopos.v2.api.scope": {
    mark: "also",
    text: "Module missing: 403",
  },
  "clopos.limit": {
    mark: "also",
    text: "With `auth_per_minute`: 429 beyond it; X-RateLimit-* (v1), RateLimit-* (v2), Reset in seconds. Body and counting are assumed",
  },
  "clopos.resource": {
    mark: "assumed",
    text: "Contents of products, categories and orders; POST orders makes one each time",
  },
  "clopos.not-found": {
    mark: "seen",
    text: "No such path: 404 with an array of objects as `error`",
  },
  "clearline.token": {
    mark: "documented",
    text: "POST /connect/token, form and Basic: 200, Bearer, 3600 seconds, scope pos_integration",
  },
  "clearline.client": {
    mark: "also",
    text: "Unknown client or wrong secret: 400 invalid_client without WWW-Authenticate",
  },
  "clearline.client-401": {
    mark: "also",
    text: "With `errors: 401`, as other servers do: 401 invalid_client and WWW-Authenticate: Basic",
  },
  "clearline.form": {
    mark: "also",
    text: "400 invalid_request, unsupported_grant_type or invalid_scope. That a missing scope or another order of parameters is refused is assumed",
  },
  "clearline.api": {
    mark: "documented",
    text: "API calls take Authorization: Bearer",
  },
  "clearline.api.token": {
    mark: "assumed",
    text: "No live token: 401 and WWW-Authenticate: Bearer, without a body",
  },
  "clearline.api.scope": {
    mark: "assumed",
    text: "Not permitted: 403 without a body",
  },
  "clearline.resource": {
    mark: "assumed",
    text: "GET /pos/{id}/status and POST /pos/{id}/transaction, under the documented path prefix",
  },
  "clearline.not-found": {
    mark: "assumed",
    text: "No such path: 404 without a body",
  },
  "clover.authorize": {
    mark: "documented",
    text: "GET /oauth/authorize: sign-in and consent; 302 with merchant_id, client_id, employee_id and code; without redirect_uri to the site URL",
  },
  "clover.authorize.token": {
    mark: "documented",
    text: "response_type=token: 302 to `…?&merchant_id=…#access_token=…`",
  },
  "clover.authorize.signed-in": {
    mark: "documented",
    text: "With `consent: allow`, a merchant who is signed in and has the app comes straight back",
  },
  "clover.authorize.form": {
    mark: "assumed",
    text: "Unknown client, redirect_uri or parameter: an error page and no redirect. redirect_uri must be registered; an app without any takes loopback ones",
  },
  "clover.authorize.cancel": {
    mark: "assumed",
    text: "Cancel: 302 with error=access_denied, client_id and the state",
  },
  "clover.state": {
    mark: "assumed",
    text: "state of the token flow comes back in the query (setting `token_state`: fragment, both, none)",
  },
  "clover.employee-missing": {
    mark: "also",
    text: "With `employee_id: false` the parameter is left out",
  },
  "clover.market": {
    mark: "seen",
    text: "An app that is not installed: to its page in the market, no callback",
  },
  "clover.launch": {
    mark: "also",
    text: "GET /launch, for the dashboard's Open: 302 to the site URL with a code and without state",
  },
  "clover.token": {
    mark: "documented",
    text: '/oauth/token?client_id&client_secret&code: 200 `{"access_token"}`, a year; no CORS. GET is the default, POST with JSON is seen',
  },
  "clover.token.code": {
    mark: "seen",
    text: "Code unknown, used, too old (30 s assumed) or of another app: 401 Failed to validate authentication code.",
  },
  "clover.token.client": {
    mark: "also",
    text: "401 Unknown Client ID; for a wrong secret, assumed, the message for codes",
  },
  "clover.token.form": {
    mark: "assumed",
    text: "Another method, parameter or body: 400 with status and message; a page's Origin too",
  },
  "clover.merchant": {
    mark: "documented",
    text: "GET /v3/merchants/{mId} with its own token: 200; expand=owner names the owner. Other fields are assumed",
  },
  "clover.api": {
    mark: "also",
    text: "API calls take Authorization: Bearer",
  },
  "clover.api.token": {
    mark: "also",
    text: "Token expired, uninstalled, someone else's or not permitted: 401. Its body is assumed",
  },
  "clover.resource": {
    mark: "assumed",
    text: "Contents of orders and items; POST orders makes one each time",
  },
  "clover.not-found": {
    mark: "assumed",
    text: "No such path: 404 with a message",
  },
  "any.method": {
    mark: "assumed",
    text: "A resource asked with another method: 405",
  },
  "any.page": {
    mark: "assumed",
    text: "Dashboard and market pages",
  },
  "any.tool": {
    mark: "assumed",
    text: "__echo and __answer behind the token are the simulators' own, for tests",
  },
};

/** @returns {string} The table for README.md. */
export function behavioursTable() {
  const rows = Object.entries(behaviours).map(
    ([id, { mark, text }]) => `| \`${id}\` | ${mark} | ${text} |`,
  );
  return ["| id | mark | behaviour |", "|---|---|---|", ...rows].join("\n");
}
