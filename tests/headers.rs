//! Which headers pass in each direction, and which content is served as a download.

use tillgate_core::gate::{REQUEST_HEADERS, RESPONSE_HEADERS, is_active_content};

/// Names that pass in neither direction, by what they would let one side do.
const FORBIDDEN: &[&str] = &[
    // Credentials, ours and the caller's.
    "authentication-info authorization cookie cookie2 dpop proxy-authenticate proxy-authentication-info \
     proxy-authorization set-cookie set-cookie2 www-authenticate x-api-key x-brand x-stage x-tillgate x-token x-venue",
    // Redirects and side requests.
    "alt-svc alt-used content-location early-data expect host link location nel origin referer refresh report-to \
     reporting-endpoints sourcemap speculation-rules x-sourcemap",
    // What changes a browser's view of our origin.
    "accept-ch clear-site-data content-security-policy content-security-policy-report-only critical-ch document-policy \
     feature-policy origin-agent-cluster permissions-policy public-key-pins referrer-policy server-timing \
     service-worker service-worker-allowed set-login strict-transport-security supports-loading-mode \
     timing-allow-origin x-content-type-options x-dns-prefetch-control x-frame-options \
     x-permitted-cross-domain-policies x-xss-protection",
    // Caching of what belongs to one caller.
    "age cache-control cdn-cache-control cloudflare-cdn-cache-control date expires no-vary-search pragma \
     surrogate-control vary x-accel-buffering x-accel-redirect x-sendfile",
    // Hop-by-hop and framing.
    "connection content-length http2-settings keep-alive max-forwards proxy-connection te trailer transfer-encoding upgrade",
    // Who asked, for what, and by which way.
    "accept-encoding client-ip fastly-client-ip forwarded server true-client-ip user-agent via x-client-ip \
     x-cluster-client-ip x-host x-http-method x-http-method-override x-method-override x-powered-by x-real-ip \
     x-request-id x-rewrite-url",
];

/// Families of names that pass in neither direction.
const FORBIDDEN_PREFIXES: &str = "access-control- cf- cross-origin- proxy- sec- tillgate- x-amz- x-clopos- x-envoy- \
    x-forwarded- x-original- x-tillgate-";

/// Separated by `|`, since a media type may hold spaces.
const ACTIVE: &[&str] = &[
    "text/html|TEXT/HTML; charset=utf-8| text/html|application/xhtml+xml|image/svg+xml",
    "text/xml|application/xml|application/rss+xml|application/vnd.x+xml|text/xsl",
    "text/javascript|application/javascript|application/ecmascript|text/css|application/wasm|text/vtt",
    "application/pdf|multipart/x-mixed-replace|multipart/related|message/rfc822|application/x-shockwave-flash",
    "| |json|text|*/*|application/+json|application/a b+json|application/<x>+json|image/svg+json|text/plain/html",
    "text\0/plain|application/json, text/html|application/json; a=b, text/html",
];

const INERT: &[&str] = &[
    "application/json|application/json;charset=utf-8|Application/JSON ; charset=UTF-8|application/problem+json",
    "application/vnd.clover.v3+json|text/plain|text/csv; header=present|image/png|image/jpeg",
    "application/octet-stream|text/event-stream",
];

#[test]
fn no_forbidden_header_passes_in_either_direction() {
    let forbidden: Vec<_> = FORBIDDEN
        .iter()
        .flat_map(|names| names.split_whitespace())
        .collect();
    for name in REQUEST_HEADERS.iter().chain(RESPONSE_HEADERS) {
        assert!(!forbidden.contains(name), "{name}");
        assert!(
            !FORBIDDEN_PREFIXES
                .split_whitespace()
                .any(|prefix| name.starts_with(prefix)),
            "{name}"
        );
    }
}

#[test]
fn header_names_are_lower_case_without_underscore_sorted_and_once() {
    for list in [REQUEST_HEADERS, RESPONSE_HEADERS] {
        assert!(list.is_sorted_by(|a, b| a < b));
        for name in list {
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{name}"
            );
        }
    }
}

#[test]
fn what_a_till_needs_passes() {
    for name in "accept content-type idempotency-key if-match range traceparent x-clover-device-id"
        .split(' ')
    {
        assert!(REQUEST_HEADERS.contains(&name), "{name}");
    }
    for name in
        "content-encoding content-type etag ratelimit-reset retry-after x-ratelimit-tokenlimit"
            .split(' ')
    {
        assert!(RESPONSE_HEADERS.contains(&name), "{name}");
    }
}

#[test]
fn what_a_browser_could_run_is_active() {
    for content_type in ACTIVE.iter().flat_map(|types| types.split('|')) {
        assert!(is_active_content(content_type), "{content_type:?}");
    }
}

#[test]
fn data_is_not_active() {
    for content_type in INERT.iter().flat_map(|types| types.split('|')) {
        assert!(!is_active_content(content_type), "{content_type:?}");
    }
}
