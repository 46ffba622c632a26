//! Which headers pass, in both directions, and which content a browser could run in our origin.
//!
//! The lists are data for whoever copies headers: build a new set from the names listed here, then set our own last.
//! What is absent is dropped. In particular never listed, because each would let one side act in the other's name:
//! credentials (`authorization`, `cookie`, `set-cookie`, `www-authenticate`), the platforms' own (`x-token`, `x-brand`,
//! `x-venue`, `x-stage`), hop-by-hop and framing headers (RFC 9110 §7.6.1), forwarding headers, redirects (`location`,
//! `refresh`, `link`), and what changes a browser's view of our origin (`access-control-*`, `clear-site-data`,
//! `service-worker-allowed`, security and caching headers).
//!
//! Not in here: the token's headers (`platform`), and what the worker itself adds to an answer.

/// Headers of a caller's request that are passed on to the platform's API, in lower case and sorted.
pub const REQUEST_HEADERS: &[&str] = &[
    // Which representation the caller wants.
    "accept",
    "accept-language",
    // What the body is. Its length is the runtime's business.
    "content-encoding",
    "content-language",
    "content-type",
    // Repeating a write without doing it twice (Clover's payment endpoints require it).
    "idempotency-key",
    // Conditions: changing only what was read, reading only what changed (RFC 9110 §13.1).
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    // Preferences about the answer (RFC 7240).
    "prefer",
    // Part of a large answer (RFC 9110 §14.2).
    "range",
    // One trace through caller, worker and platform (W3C Trace Context).
    "traceparent",
    "tracestate",
    // Which device shows the payment, and which till asks (required by Clover's REST Pay Display API).
    "x-clover-device-id",
    "x-pos-id",
];

/// Headers of the platform's answer that are passed on to the caller, in lower case and sorted.
pub const RESPONSE_HEADERS: &[&str] = &[
    // What could be asked instead: ranges, and methods after a 405.
    "accept-ranges",
    "allow",
    // What the body is. The encoding stays, because workerd encodes a decoded body again where it is named; the length
    // does not, because it then differs.
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-range",
    "content-type",
    // Announced ends of an endpoint (RFC 9745, RFC 8594).
    "deprecation",
    // For a later conditional request.
    "etag",
    "last-modified",
    // Which preference was honoured (RFC 7240).
    "preference-applied",
    // How much may still be asked, and when again: the draft standard's names, Clopos v2's, Clopos v1's, Clover's.
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "sunset",
    "x-ratelimit-crosstokenconcurrentlimit",
    "x-ratelimit-crosstokenlimit",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-tokenconcurrentlimit",
    "x-ratelimit-tokenlimit",
];

/// Media types that no browser runs or renders as a document with scripts, given `X-Content-Type-Options: nosniff`.
const INERT: &[&str] = &[
    "application/gzip",
    "application/json",
    "application/octet-stream",
    "application/x-ndjson",
    "application/zip",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/event-stream",
    "text/plain",
];

/// Whether a body of this `Content-Type` must be served as a download, because a browser could run or render it in our
/// origin.
///
/// It is so unless the type is known to be harmless: JSON (`+json` included), plain text, CSV, event streams, raster
/// images, archives, `application/octet-stream`. Everything else counts as active: HTML, SVG, every XML, JavaScript,
/// CSS, PDF and `multipart/*`; types not known here; an empty, malformed or merged value (`text/plain, text/html`),
/// where a browser would guess. A download is no hindrance to a caller that reads the body by script.
pub fn is_active_content(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or(content_type);
    let essence = essence.trim_matches([' ', '\t']).to_ascii_lowercase();
    let is_json = essence
        .strip_prefix("application/")
        .and_then(|name| name.strip_suffix("+json"));
    let inert = INERT.contains(&essence.as_str()) || is_json.is_some_and(is_token);
    // A comma, even among the parameters, may be where two headers were merged.
    !inert || content_type.contains(',')
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
