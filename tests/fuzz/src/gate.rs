//! Paths, queries, rules and media types: what was judged is what is sent, by every reader's reading.

use percent_encoding::percent_decode_str;
use tillgate_core::{
    endpoint::ApiBase,
    gate::{AllowRule, Method, Query, TargetPath, authorize, is_active_content},
};
use url::Url;

use crate::parts;

/// Bases with and without a prefix, a port and a trailing slash.
const BASES: [&str; 3] = [
    "https://api.example",
    "https://api.example:8443/open-api/v2/",
    "http://127.0.0.1:9101/base",
];

/// `path ⏎ query`: a URL parser leaves the URL alone, and finds in it the base, that path and that query.
pub fn path(data: &[u8]) {
    let Some([path, query]) = parts(data) else {
        return;
    };
    let (Ok(path), Ok(query)) = (TargetPath::parse(path), Query::parse(query)) else {
        return;
    };
    assert_is_inert(path.as_str());
    let rules = [AllowRule::parse("GET /**").expect("a rule for every path")];
    let authorized = authorize(&rules, Method::Get, "main", path).expect("every path is allowed");
    let target = authorized.target(query.clone());
    for base in BASES {
        let base = ApiBase::parse(base).expect("an address");
        let sent = target.url(&base);
        let url = Url::parse(&sent).expect("a URL parser reads what is sent");
        assert_eq!(url.as_str(), sent, "a URL parser changes what is sent");
        assert_eq!(url.origin().ascii_serialization(), base.origin().as_str());
        let prefix = base.as_str().strip_prefix(base.origin().as_str());
        let expected = format!(
            "{}{}",
            prefix.expect("a base begins with its origin"),
            path.as_str()
        );
        assert_eq!(url.path(), expected);
        assert_eq!(url.query().unwrap_or_default(), query.as_str());
        assert_eq!(
            (url.fragment(), url.username(), url.password()),
            (None, "", None)
        );
    }
}

/// However often a path is decoded, it keeps its segments and none of them climbs.
fn assert_is_inert(path: &str) {
    let count = |text: &str| text.split(['/', '\\']).count();
    let segments = count(path);
    let mut decoded = path.to_owned();
    for _ in 0..3 {
        decoded = percent_decode_str(&decoded)
            .decode_utf8_lossy()
            .into_owned();
        assert_eq!(count(&decoded), segments, "decoding makes segments");
        let climbs = decoded
            .split('/')
            .any(|segment| matches!(segment.split(';').next(), Some("." | "..")));
        assert!(!climbs, "decoding makes a dot segment");
        assert!(
            !decoded.contains(['?', '#', '\0']),
            "decoding makes structure"
        );
    }
}

/// `rule ⏎ method ⏎ account ⏎ path`: a rule reads back as it is written, and allows what a second implementation allows.
pub fn rule(data: &[u8]) {
    let Some([rule, method, account, path]) = parts(data) else {
        return;
    };
    let Ok(rule) = AllowRule::parse(rule) else {
        return;
    };
    let text = rule.to_string();
    assert_eq!(
        AllowRule::parse(&text).as_ref(),
        Ok(&rule),
        "a rule reads back"
    );
    let (Some(method), Ok(path)) = (Method::parse(method), TargetPath::parse(path)) else {
        return;
    };
    let expected = allows(&text, method.as_str(), account, path.as_str());
    assert_eq!(rule.allows(method, account, path), expected, "{text}");
}

fn allows(rule: &str, method: &str, account: &str, path: &str) -> bool {
    let (methods, pattern) = rule.split_once(' ').expect("methods and a path");
    let segments = |text: &str| -> Vec<String> {
        let inner = text.strip_prefix('/').expect("a path");
        if inner.is_empty() {
            return Vec::new();
        }
        inner.split('/').map(str::to_owned).collect()
    };
    methods.split(',').any(|name| name == method)
        && matches(&segments(pattern), &segments(path), account)
}

fn matches(pattern: &[String], path: &[String], account: &str) -> bool {
    match (pattern, path) {
        ([last], _) if last == "**" => true,
        ([first, pattern @ ..], [segment, path @ ..]) => {
            let fits = match first.as_str() {
                "*" => true,
                "{account}" => segment == account,
                literal => segment == literal,
            };
            fits && matches(pattern, path, account)
        }
        (pattern, path) => pattern.is_empty() && path.is_empty(),
    }
}

/// What a browser runs or renders: essences as the MIME Sniffing standard names them.
const ACTIVE: [&str; 9] = [
    "text/html",
    "text/xml",
    "text/css",
    "text/javascript",
    "application/javascript",
    "application/xml",
    "application/xhtml+xml",
    "application/pdf",
    "image/svg+xml",
];

/// A `Content-Type` that passes is one harmless type by a second reading, and stays so with parameters and in capitals.
pub fn content_type(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if is_active_content(text) {
        return;
    }
    let essence = text.split([';', ',']).next().unwrap_or_default();
    let essence = essence
        .trim_matches(|c: char| c.is_whitespace() || c.is_control())
        .to_ascii_lowercase();
    assert!(!ACTIVE.contains(&essence.as_str()), "{essence} passes");
    assert!(!essence.ends_with("+xml"), "{essence} passes");
    assert!(!essence.starts_with("multipart/"), "{essence} passes");
    assert!(essence.contains('/'), "{essence} is no type");
    assert!(!text.contains(','), "two types pass as one");
    assert!(!is_active_content(&text.to_ascii_uppercase()));
    assert!(!is_active_content(&format!("{text};charset=utf-8")));
    assert!(is_active_content(&format!("{text},text/html")));
}
