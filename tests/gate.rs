//! What a platform's API may be asked through tillgate, as scenarios over the public API: rules, paths, queries.
//! Headers are in `headers.rs`, addresses in `endpoint.rs`, properties over generated input in `gate_properties.rs`.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail the test")]

use serde::Deserialize;
use tillgate_core::endpoint::ApiBase;
use tillgate_core::gate::{
    AllowRule, MAX_PATH_BYTES, MAX_QUERY_BYTES, Method, PathError, Query, QueryError, RuleError,
    TargetPath, authorize,
};

#[derive(Deserialize)]
struct HostilePaths {
    paths: Vec<HostilePath>,
}

#[derive(Deserialize)]
struct HostilePath {
    path: String,
    why: String,
}

fn rules(texts: &[&str]) -> Vec<AllowRule> {
    texts
        .iter()
        .map(|text| AllowRule::parse(text).unwrap())
        .collect()
}

/// Whether one rule lets a request of the account `M1` pass.
fn passes(rule: &str, method: Method, path: &str) -> bool {
    authorize(
        &rules(&[rule]),
        method,
        "M1",
        TargetPath::parse(path).unwrap(),
    )
    .is_some()
}

fn url(base: &str, path: &str, query: &str) -> String {
    let rules = rules(&["GET /**"]);
    let path = TargetPath::parse(path).unwrap();
    let authorized = authorize(&rules, Method::Get, "M1", path).unwrap();
    authorized
        .target(Query::parse(query).unwrap())
        .url(&ApiBase::parse(base).unwrap())
}

#[test]
fn without_a_rule_nothing_passes() {
    assert!(authorize(&[], Method::Get, "M1", TargetPath::parse("/menu").unwrap()).is_none());
}

#[test]
fn a_literal_rule_allows_its_own_path_only() {
    for (path, expected) in [
        ("/menu/products", true),
        ("/menu", false),
        ("/menu/products/7", false),
        ("/Menu/products", false),
        ("/menu/products;v=1", false),
        ("/menu/%70roducts", false),
        ("", false),
    ] {
        assert_eq!(
            passes("GET /menu/products", Method::Get, path),
            expected,
            "{path}"
        );
    }
}

#[test]
fn a_star_is_exactly_one_segment() {
    for (path, expected) in [
        ("/pos/7/transaction", true),
        ("/pos/caf%C3%A9/transaction", true),
        ("/pos/transaction", false),
        ("/pos/7/8/transaction", false),
        ("/pos/7/transactions", false),
    ] {
        assert_eq!(
            passes("POST /pos/*/transaction", Method::Post, path),
            expected,
            "{path}"
        );
    }
}

#[test]
fn two_stars_are_the_rest_and_the_rest_may_be_nothing() {
    for (path, expected) in [
        ("/menu", true),
        ("/menu/products", true),
        ("/menu/products/7", true),
        ("/menus", false),
        ("/", false),
    ] {
        assert_eq!(
            passes("GET /menu/**", Method::Get, path),
            expected,
            "{path}"
        );
    }
}

#[test]
fn the_root_passes_by_a_rule_for_the_root_or_for_everything() {
    for path in ["", "/"] {
        assert!(passes("GET /", Method::Get, path));
        assert!(passes("GET /**", Method::Get, path));
        assert!(!passes("GET /*", Method::Get, path));
    }
    assert!(!passes("GET /", Method::Get, "/menu"));
}

#[test]
fn an_account_placeholder_is_the_connections_own_account() {
    for (path, expected) in [
        ("/v3/merchants/M1/orders", true),
        ("/v3/merchants/M1", true),
        ("/v3/merchants/M2/orders", false),
        ("/v3/merchants/m1/orders", false),
        ("/v3/merchants/%4D1/orders", false),
        ("/v3/merchants/M1;/orders", false),
        ("/v3/merchants/{account}/orders", false),
    ] {
        let path_or_none = TargetPath::parse(path);
        let passed =
            path_or_none.is_ok() && passes("GET /v3/merchants/{account}/**", Method::Get, path);
        assert_eq!(passed, expected, "{path}");
    }
}

#[test]
fn an_account_without_a_name_matches_no_segment() {
    let rules = rules(&["GET /v3/{account}"]);
    assert!(authorize(&rules, Method::Get, "", TargetPath::parse("/v3").unwrap()).is_none());
}

#[test]
fn a_method_passes_only_where_it_is_named() {
    assert!(passes("GET,POST /orders", Method::Post, "/orders"));
    assert!(!passes("GET,POST /orders", Method::Delete, "/orders"));
    assert!(!passes("GET /orders", Method::Head, "/orders"));
}

#[test]
fn what_any_rule_allows_is_what_is_sent() {
    let rules = rules(&["GET /menu/**", "POST /orders"]);
    let path = TargetPath::parse("/orders").unwrap();
    let authorized = authorize(&rules, Method::Post, "M1", path).unwrap();
    let target = authorized.target(Query::default());
    assert_eq!(
        (target.method(), target.path().as_str()),
        (Method::Post, "/orders")
    );
}

#[test]
fn only_methods_that_change_nothing_are_repeatable() {
    let repeatable: Vec<_> = Method::ALL
        .into_iter()
        .filter(|method| method.is_repeatable())
        .collect();
    assert_eq!(repeatable, [Method::Get, Method::Head, Method::Options]);
}

#[test]
fn methods_are_read_in_upper_case_only() {
    for method in Method::ALL {
        assert_eq!(Method::parse(method.as_str()), Some(method));
        assert_eq!(Method::parse(&method.as_str().to_lowercase()), None);
    }
    for text in ["", "TRACE", "CONNECT", "GET ", "PROPFIND"] {
        assert_eq!(Method::parse(text), None, "{text}");
    }
}

#[test]
fn a_rule_prints_its_canonical_text() {
    for (text, canonical) in [
        ("GET /menu/**", "GET /menu/**"),
        (
            "POST,GET /v3/merchants/{account}/*",
            "GET,POST /v3/merchants/{account}/*",
        ),
        ("OPTIONS,DELETE,PUT /", "PUT,DELETE,OPTIONS /"),
        ("GET /**", "GET /**"),
        ("GET /*/**", "GET /*/**"),
    ] {
        let rule = AllowRule::parse(text).unwrap();
        assert_eq!(rule.to_string(), canonical);
        assert_eq!(AllowRule::parse(canonical), Ok(rule));
    }
}

#[test]
fn a_wrong_rule_is_refused_with_what_would_be_right() {
    for (text, expected) in [
        ("", "METHOD[,METHOD] /path"),
        ("/menu/**", "METHOD[,METHOD] /path"),
        ("GET", "METHOD[,METHOD] /path"),
        ("get /menu", "`get` is no method; write GET"),
        ("TRACE /menu", "`TRACE` is no method; write GET"),
        ("* /menu", "`*` is no method; write GET"),
        ("GET, POST /menu", "with commas and no spaces"),
        ("GET,,POST /menu", "`` is no method"),
        ("GET,POST,GET /menu", "names GET twice"),
        ("GET menu", "does not begin with `/`"),
        ("GET  /menu", "one space after the methods"),
        ("GET https://api.example/menu", "does not begin with `/`"),
        ("GET /menu?id=1", "without `?`"),
        ("GET /menu#top", "without `?` or `#`"),
        ("GET /menu/", "none at the end"),
        ("GET //menu", "single slashes"),
        ("GET //**", "single slashes"),
        ("GET /menu//**", "single slashes"),
        ("GET /**/orders", "put `**` last"),
        ("GET /**/**", "put `**` last"),
        ("GET /menu**", "write `*` alone"),
        ("GET /menu/***", "write `*` alone"),
        ("GET /menu/pro*", "`pro*` has a `*` within"),
        ("GET /v3/{merchant}", "the only one is `{account}`"),
        ("GET /v3/x{account}", "the only one is `{account}`"),
        ("GET /v3/:id", "`*` stands for any one segment"),
        ("GET /v3/../auth", "`..` matches no path"),
        ("GET /v3/%2e", "`%2e` matches no path"),
        ("GET /a b", "holds the byte 0x20"),
        ("GET /café", "percent-encoded as UTF-8"),
    ] {
        let message = AllowRule::parse(text).unwrap_err().to_string();
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn a_rule_longer_than_any_path_is_refused() {
    let path = format!("/{}", "a".repeat(MAX_PATH_BYTES));
    assert_eq!(
        AllowRule::parse(&format!("GET {path}")),
        Err(RuleError::TooLong {
            bytes: MAX_PATH_BYTES + 1
        })
    );
}

#[test]
fn hostile_paths_are_refused() {
    let vectors: HostilePaths =
        serde_json::from_str(include_str!("vectors/hostile-paths.json")).unwrap();
    assert!(vectors.paths.len() > 150);
    for HostilePath { path, why } in vectors.paths {
        assert!(TargetPath::parse(&path).is_err(), "{path:?} passed: {why}");
    }
}

#[test]
fn paths_that_platforms_use_pass_as_they_came() {
    for path in [
        "/",
        "/menu/products",
        "/v3/merchants/MERCHANT00001/orders/5W2VJ0B3Q7F9T",
        "/v3/merchants/M1/items;expand=tags",
        "/products/caf%C3%A9%20cr%c3%a8me",
        "/report.json",
        "/a..b/..a/a..",
        "/time/12:30@cafe/(x)!$&'*+,=~_-",
        "/%E3%83%A1%E3%83%8B%E3%83%A5%E3%83%BC",
    ] {
        assert_eq!(TargetPath::parse(path).unwrap().as_str(), path);
    }
}

#[test]
fn a_path_is_measured_in_bytes() {
    let path = format!("/{}", "a".repeat(MAX_PATH_BYTES - 1));
    assert!(TargetPath::parse(&path).is_ok());
    assert_eq!(
        TargetPath::parse(&format!("{path}a")),
        Err(PathError::TooLong {
            bytes: MAX_PATH_BYTES + 1
        })
    );
}

#[test]
fn the_segments_of_the_root_are_none() {
    assert_eq!(TargetPath::parse("").unwrap().segments().count(), 0);
    let path = TargetPath::parse("/menu/7").unwrap();
    assert_eq!(path.segments().collect::<Vec<_>>(), ["menu", "7"]);
}

#[test]
fn a_query_passes_unread() {
    for query in [
        "",
        "a=1&a=2",
        "filter=modifiedTime>=1".replace('>', "%3E").as_str(),
        "?",
        "../..",
        "%",
        "%zz",
        "a[]={x}|^`\\",
    ] {
        assert_eq!(Query::parse(query).unwrap().as_str(), query);
    }
}

#[test]
fn a_query_is_encoded_where_a_url_parser_would_encode_it() {
    assert_eq!(
        Query::parse("a=\"1\"&b='2'&c<3>").unwrap().as_str(),
        "a=%221%22&b=%272%27&c%3C3%3E"
    );
}

#[test]
fn a_query_that_cannot_be_sent_as_it_came_is_refused() {
    for (query, error) in [
        ("a#b", QueryError::Fragment),
        ("a b", QueryError::Character { byte: b' ' }),
        ("a\r\nb", QueryError::Character { byte: b'\r' }),
        ("a\tb", QueryError::Character { byte: b'\t' }),
        ("a\0", QueryError::Character { byte: 0 }),
        ("\u{7F}", QueryError::Character { byte: 0x7F }),
        ("é", QueryError::Character { byte: 0xC3 }),
    ] {
        assert_eq!(Query::parse(query), Err(error), "{query:?}");
    }
}

#[test]
fn a_query_is_measured_as_it_is_sent() {
    assert!(Query::parse(&"a".repeat(MAX_QUERY_BYTES)).is_ok());
    assert_eq!(
        Query::parse(&"a".repeat(MAX_QUERY_BYTES + 1)),
        Err(QueryError::TooLong)
    );
    assert_eq!(
        Query::parse(&"<".repeat(MAX_QUERY_BYTES / 2)),
        Err(QueryError::TooLong)
    );
}

#[test]
fn a_target_joins_base_path_and_query() {
    for (base, path, query, expected) in [
        (
            "https://api.eu.clover.com",
            "/v3/merchants/M1",
            "expand=owner",
            "https://api.eu.clover.com/v3/merchants/M1?expand=owner",
        ),
        (
            "https://integrations.clopos.com/open-api/",
            "/menu/products",
            "",
            "https://integrations.clopos.com/open-api/menu/products",
        ),
        (
            "https://integrations.clopos.com/open-api/v2",
            "",
            "",
            "https://integrations.clopos.com/open-api/v2/",
        ),
        (
            "http://127.0.0.1:9103",
            "/",
            "?",
            "http://127.0.0.1:9103/??",
        ),
    ] {
        assert_eq!(url(base, path, query), expected);
    }
}

#[test]
fn a_rule_has_a_path_of_up_to_2048_bytes() {
    let rule = |bytes: usize| AllowRule::parse(&format!("GET /{}", "a".repeat(bytes - 1)));
    assert!(rule(2048).is_ok());
    assert_eq!(rule(2049), Err(RuleError::TooLong { bytes: 2049 }));
}
