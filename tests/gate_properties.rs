//! Properties of the gate over generated input, with the `url` crate as the judge of what a URL means. Native only.
#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail the test"
)]

use proptest::prelude::*;
use proptest::sample::select;
use tillgate_core::endpoint::{ApiBase, Endpoint, Origin};
use tillgate_core::gate::{
    AllowRule, Method, Query, Target, TargetPath, authorize, is_active_content,
};
use url::Url;

/// Pieces that paths, queries and addresses are broken with.
const PIECES: &[&str] = &[
    "/",
    "//",
    "\\",
    ".",
    "..",
    "...",
    ";",
    "..;",
    "?",
    "#",
    "@",
    ":",
    "%",
    "%2",
    "%2e",
    "%2E",
    "%2f",
    "%5c",
    "%25",
    "%252e",
    "%00",
    "%0d%0a",
    "%3b",
    "%3F",
    "%23",
    "%20",
    "%C3%A9",
    "%c0%af",
    "%EF%BC%8F",
    "%E2%80%A5",
    "%u002e",
    " ",
    "\t",
    "\n",
    "\r",
    "\0",
    "\u{7f}",
    "é",
    "／",
    "‥",
    "*",
    "**",
    "{account}",
    "+",
    "&",
    "=",
    "'",
    "\"",
    "<",
    ">",
    "`",
    "{",
    "}",
    "|",
    "^",
    "[",
    "]",
    "~",
    "menu",
    "auth",
    "M1",
    "evil.example",
    "http:",
    "https://",
    "localhost",
    "127.1",
    "0x7f",
    "[::1]",
    "443",
    "80",
    "a",
    "Z",
    "0",
    "xn--",
];

const BASES: &[&str] = &[
    "https://api.eu.clover.com",
    "https://integrations.clopos.com/open-api/",
    "https://integrations.clopos.com/open-api/v2",
    "http://localhost:9103",
    "http://127.0.0.1:9101/caf%C3%A9/api",
    "http://[::1]:9102/",
    "https://10.1.2.3:8443/a;b=c",
];

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(select(PIECES), 0..12).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

/// Short paths of whole pieces, so that one hostile segment stands among harmless ones.
fn hostile_path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        select(PIECES),
        select(&["menu", "M1", "v3", ".", "..", "..;x"][..])
    ];
    prop_oneof![
        prop::collection::vec(segment, 1..5)
            .prop_map(|segments| format!("/{}", segments.join("/"))),
        hostile().prop_map(|text| format!("/{text}")),
    ]
}

/// Segments of which most are allowed, so that the accepting side is reached as often as the refusing one.
fn mild_path() -> impl Strategy<Value = String> {
    let segment = "([a-zA-Z0-9._~:@!$&'()*+,;=-]|%C3%A9|%20|%7B|%e3%83%a1){1,12}";
    prop::collection::vec(segment, 0..6).prop_map(|segments| format!("/{}", segments.join("/")))
}

fn any_path() -> impl Strategy<Value = String> {
    prop_oneof![hostile_path(), mild_path()]
}

fn any_query() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        hostile(),
        "[ -~]{0,40}",
        "[!\"$-~]{0,40}"
    ]
}

/// Addresses that are near to right ones.
fn address() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        "[a-z0-9_-]{1,5}(\\.[a-z0-9_-]{1,5}){0,3}",
        "(0x)?[0-9a-f]{1,3}(\\.(0x)?[0-9]{1,3}){0,4}",
        select(vec!["localhost", "[::1]", "127.0.0.1", "api.example"]).prop_map(str::to_owned),
        hostile(),
    ];
    let scheme = select(vec![
        "https://", "https://", "http://", "HTTPS://", "https:/", "ftp://", "",
    ]);
    let port = select(vec![
        "", "", "", ":443", ":80", ":8443", ":0", ":", ":65536", ":007",
    ]);
    let path = prop_oneof![Just(String::new()), mild_path(), any_path()];
    (scheme, host, port, path)
        .prop_map(|(scheme, host, port, path)| format!("{scheme}{host}{port}{path}"))
}

fn everything() -> Vec<AllowRule> {
    vec![AllowRule::parse("GET /**").unwrap()]
}

fn target<'a>(rules: &'a [AllowRule], path: &'a str, query: &str) -> Option<Target<'a>> {
    let path = TargetPath::parse(path).ok()?;
    let query = Query::parse(query).ok()?;
    Some(authorize(rules, Method::Get, "M1", path)?.target(query))
}

/// What a careless server might make of a path: decoded thrice, backslashes turned, parameters and spaces stripped.
/// An oracle of its own: it shares nothing with the gate.
fn as_a_careless_server_reads(path: &str) -> Vec<String> {
    let mut bytes = path.as_bytes().to_vec();
    for _ in 0..3 {
        bytes = percent_decode(&bytes);
    }
    let text = String::from_utf8_lossy(&bytes).replace('\\', "/");
    let text = text.split(['?', '#', '\0']).next().unwrap().to_owned();
    text.split('/')
        .skip(1)
        .map(|part| part.split(';').next().unwrap().trim().to_owned())
        .collect()
}

fn percent_decode(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) if first == b'%' => (decoded.push(byte), rest = &tail[2..]),
            _ => (decoded.push(first), rest = tail),
        };
    }
    decoded
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sent_is_what_was_judged(path in any_path(), query in any_query(), base in select(BASES)) {
        let rules = everything();
        let base = ApiBase::parse(base).unwrap();
        if let Some(target) = target(&rules, &path, &query) {
            let text = target.url(&base);
            let parsed = Url::parse(&text).unwrap();
            prop_assert_eq!(parsed.as_str(), &text);
            prop_assert_eq!(parsed.origin().ascii_serialization(), base.origin().as_str());
            let prefix = Url::parse(base.as_str()).unwrap().path().trim_end_matches('/').to_owned();
            prop_assert_eq!(parsed.path(), format!("{prefix}{path}"));
            prop_assert_eq!(parsed.fragment(), None);
        }
    }

    #[test]
    fn a_careless_server_sees_the_segments_that_were_judged(path in any_path()) {
        if let Ok(parsed) = TargetPath::parse(&path) {
            let seen = as_a_careless_server_reads(parsed.as_str());
            prop_assert_eq!(seen.len(), parsed.segments().count().max(1));
            prop_assert!(path == "/" || seen.iter().all(|s| !s.is_empty() && !s.chars().all(|c| c == '.')), "{:?}", seen);
        }
    }

    #[test]
    fn paths_in_the_alphabet_pass(path in "(/[a-zA-Z0-9_~:@!$&'()*,=-][a-zA-Z0-9._~:@!$&'()*+,;=-]{0,8}){1,6}") {
        prop_assert_eq!(TargetPath::parse(&path).unwrap().as_str(), &path);
    }

    #[test]
    fn queries_in_the_alphabet_pass_unchanged(query in "[!$%&(-;=?-~]{0,60}") {
        let parsed = Query::parse(&query).unwrap();
        prop_assert_eq!(parsed.as_str(), query);
    }

    #[test]
    fn a_query_never_takes_part_in_a_decision(path in any_path(), query in any_query()) {
        let rules = vec![AllowRule::parse("GET /menu/**").unwrap()];
        if let (Some(with), Some(without)) = (target(&rules, &path, &query), target(&rules, &path, "")) {
            prop_assert_eq!(with.path(), without.path());
        } else if Query::parse(&query).is_ok() {
            prop_assert!(target(&rules, &path, "").is_none());
        }
    }

    #[test]
    fn an_endpoint_is_what_a_url_parser_makes_of_it(text in prop_oneof![address(), hostile()]) {
        if let Ok(endpoint) = Endpoint::parse(&text) {
            match Url::parse(&text) {
                Ok(parsed) => {
                    prop_assert_eq!(parsed.as_str(), endpoint.as_str());
                    prop_assert_eq!(parsed.origin().ascii_serialization(), endpoint.origin().as_str());
                    prop_assert_eq!(parsed.host_str(), Some(endpoint.host()));
                }
                // Punycode is not checked: such a host reaches nobody.
                Err(error) => prop_assert!(endpoint.host().contains("xn--"), "{}: {}", text, error),
            }
            prop_assert_eq!(Endpoint::parse(endpoint.as_str()), Ok(endpoint));
        }
    }

    #[test]
    fn ordinary_endpoints_pass(text in "https://[a-z]{1,8}(\\.[a-z]{1,8}){1,3}(:[1-9][0-9]{0,3})?(/[a-z0-9-]{1,8}){0,4}/?") {
        prop_assert!(Endpoint::parse(&text).is_ok());
    }

    #[test]
    fn an_origin_is_what_a_url_parser_makes_of_it(text in prop_oneof![address(), hostile()]) {
        if let Ok(origin) = Origin::parse(&text) {
            if let Ok(parsed) = Url::parse(&text) {
                prop_assert_eq!(parsed.origin().ascii_serialization(), origin.as_str());
            }
            prop_assert_eq!(Origin::parse(origin.as_str()), Ok(origin));
        }
    }

    #[test]
    fn a_rule_reads_its_own_text(methods in prop::sample::subsequence(Method::ALL.to_vec(), 1..=7), path in any_path()) {
        let names: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
        if let Ok(rule) = AllowRule::parse(&format!("{} {path}", names.join(","))) {
            prop_assert_eq!(rule.to_string(), format!("{} {path}", names.join(",")));
        }
    }

    #[test]
    fn a_literal_rule_matches_exactly_itself(rule in mild_path(), path in mild_path()) {
        if let (Ok(parsed), Ok(own), Ok(other)) =
            (AllowRule::parse(&format!("GET {rule}")), TargetPath::parse(&rule), TargetPath::parse(&path))
            && !rule.contains('*')
        {
            prop_assert!(parsed.allows(Method::Get, "M1", own));
            prop_assert_eq!(parsed.allows(Method::Get, "M1", other), rule == path);
        }
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in any::<String>()) {
        let _ = (AllowRule::parse(&text), TargetPath::parse(&text), Query::parse(&text), Endpoint::parse(&text));
        let _ = (ApiBase::parse(&text), Origin::parse(&text), Method::parse(&text), is_active_content(&text));
    }
}
