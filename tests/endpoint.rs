//! Which configured addresses and origins are accepted, and what the refusals say.

use tillgate_core::endpoint::{ApiBase, Endpoint, EndpointError, Origin, OriginError};

#[test]
fn endpoints_that_platforms_document_pass() {
    for endpoint in [
        "https://integrations.clopos.com/open-api/auth",
        "https://logintest.clearline.me/connect/token",
        "https://apisandbox.dev.clover.com/oauth/authorize",
        "http://localhost:9101/open-api/v2/",
        "http://127.8.9.1/",
        "http://[::1]:8787/token",
        "https://10.0.0.1:8443/",
        "https://xn--caf-dma.example/",
    ] {
        assert_eq!(Endpoint::parse(endpoint).unwrap().as_str(), endpoint);
    }
}

#[test]
fn an_endpoint_is_read_in_its_canonical_form() {
    for (text, canonical) in [
        ("https://api.example", "https://api.example/"),
        ("https://api.example:443/v1", "https://api.example/v1"),
        ("http://localhost:80", "http://localhost/"),
        ("https://api.example:80/", "https://api.example:80/"),
    ] {
        assert_eq!(Endpoint::parse(text).unwrap().as_str(), canonical);
    }
}

#[test]
fn an_endpoint_knows_its_parts() {
    let endpoint = Endpoint::parse("http://[::1]:9101/open-api/auth").unwrap();
    assert_eq!(endpoint.origin().as_str(), "http://[::1]:9101");
    assert_eq!(endpoint.host(), "[::1]");
    let base = ApiBase::parse("https://api.example/v1/").unwrap();
    assert_eq!(
        (base.as_str(), base.origin().as_str()),
        ("https://api.example/v1", "https://api.example")
    );
}

#[test]
fn a_wrong_endpoint_is_refused_with_what_would_be_right() {
    for (text, expected) in [
        ("", "must start with `https://`"),
        ("api.example", "must start with `https://`"),
        ("//api.example", "must start with `https://`"),
        ("HTTPS://api.example", "in lower case"),
        ("ftp://api.example", "must start with `https://`"),
        (" https://api.example", "must start with `https://`"),
        ("http://api.example/v1", "write `https://api.example`"),
        (
            "http://localhost.example/",
            "write `https://localhost.example`",
        ),
        ("http://128.0.0.1/", "write `https://128.0.0.1`"),
        ("https://id:hunter2@api.example/", "user name or password"),
        ("https://api.example@evil.example/", "user name or password"),
        ("https:///v1", "needs a host"),
        ("https://", "needs a host"),
        ("https://:8443/", "needs a host"),
        ("https://API.example/", "lower-case letters"),
        ("https://café.example/", "as `xn--…`"),
        ("https://api..example/", "single dots"),
        ("https://api.example./", "single dots"),
        (
            "https://api.example\\@evil.example/",
            "user name or password",
        ),
        ("https://api.example\\v1", "needs a host"),
        ("https://api%2eexample/", "needs a host"),
        ("https://[::2]/", "or `[::1]`"),
        ("https://[::ffff:127.0.0.1]/", "or `[::1]`"),
        ("https://[0:0:0:0:0:0:0:1]/", "or `[::1]`"),
        ("https://127.1/", "four numbers"),
        ("https://0x7f.0.0.1/", "needs a host|four numbers"),
        ("https://2130706433/", "four numbers"),
        ("https://127.0.0.01/", "four numbers"),
        ("https://127.0.0.256/", "four numbers"),
        ("https://api.0x1/", "four numbers"),
        ("https://api.example:/", "from 1 to 65535"),
        ("https://api.example:0/", "from 1 to 65535"),
        ("https://api.example:65536/", "from 1 to 65535"),
        ("https://api.example:0443/", "without leading zeros"),
        ("https://api.example:+443/", "from 1 to 65535"),
        ("https://api.example/v1?x=1", "without `?`"),
        ("https://api.example?x=1", "without `?`"),
        ("https://api.example/v1#x?", "without `#`"),
        ("https://api.example//", "single slashes"),
        ("https://api.example/a//b", "single slashes"),
        ("https://api.example/../v1", "consists of dots"),
        ("https://api.example/%2e%2e/v1", "taken for structure"),
        ("https://api.example/v 1", "holds the byte 0x20"),
        ("https://api.example/v1\\x", "holds the byte 0x5C"),
        ("https://api.example/{brand}", "holds the byte 0x7B"),
    ] {
        let message = Endpoint::parse(text).unwrap_err().to_string();
        assert!(
            expected.split('|').any(|part| message.contains(part)),
            "{text}: {message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
        assert!(ApiBase::parse(text).is_err());
    }
}

#[test]
fn an_address_that_is_asked_for_as_it_stands_keeps_its_query() {
    for (text, canonical) in [
        (
            "https://id.example/keys?p=b2c_1",
            "https://id.example/keys?p=b2c_1",
        ),
        ("https://id.example:443?p=1", "https://id.example/?p=1"),
        ("https://id.example/keys?", "https://id.example/keys?"),
        (
            "https://id.example/keys?a=/%20?&b[]=\\{}|^`",
            "https://id.example/keys?a=/%20?&b[]=\\{}|^`",
        ),
        ("https://id.example/keys", "https://id.example/keys"),
    ] {
        let read = Endpoint::parse_with_query(text).unwrap();
        assert_eq!(read.as_str(), canonical);
        assert_eq!(read.origin().as_str(), "https://id.example");
    }
    for (text, expected) in [
        ("https://id.example/keys?a b", "0x20"),
        ("https://id.example/keys?a'", "0x27"),
        ("https://id.example/keys?a\n", "0x0A"),
        ("https://id.example/keys?\u{e9}", "0xC3"),
        ("https://id.example/keys?a#b", "without `#`"),
        ("https://id.example/keys#a?b", "without `#`"),
        ("https://id.example/../keys?a", "consists of dots"),
        ("https://id.example?@evil.example/\"", "0x22"),
        ("http://id.example/keys?a", "write `https://id.example`"),
    ] {
        let message = Endpoint::parse_with_query(text).unwrap_err().to_string();
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn an_endless_endpoint_is_refused() {
    let text = format!("https://api.example/{}", "a".repeat(2048));
    assert_eq!(
        Endpoint::parse(&text),
        Err(EndpointError::TooLong { bytes: text.len() })
    );
}

#[test]
fn an_origin_is_exact() {
    for (text, canonical) in [
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
    ] {
        assert_eq!(Origin::parse(text).unwrap().as_str(), canonical);
    }
    assert_ne!(
        Origin::parse("https://shop.example"),
        Origin::parse("https://shop.example.evil.example")
    );
    assert_ne!(
        Origin::parse("http://localhost"),
        Origin::parse("https://localhost")
    );
}

#[test]
fn more_than_an_origin_is_refused_with_the_origin_that_would_be_right() {
    for text in [
        "https://shop.example/",
        "https://shop.example/cart",
        "https://shop.example?x",
        "https://shop.example:443#x",
    ] {
        let error = Origin::parse(text).unwrap_err();
        assert_eq!(
            error,
            OriginError::NotAlone {
                origin: "https://shop.example".to_owned()
            }
        );
        assert!(error.to_string().contains("write `https://shop.example`"));
    }
}

#[test]
fn what_a_browser_sends_for_no_origin_is_none() {
    for text in [
        "null",
        "",
        "*",
        "https://*.example",
        "file://",
        "https://a.example https://b.example",
        "http://shop.example",
    ] {
        assert!(Origin::parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_address_of_2048_bytes_is_accepted_and_a_longer_one_is_not() {
    let address = |bytes| {
        let start = "https://platform.example/";
        format!("{start}{}", "a".repeat(bytes - start.len()))
    };
    assert!(Endpoint::parse(&address(2048)).is_ok());
    assert_eq!(
        Endpoint::parse(&address(2049)),
        Err(EndpointError::TooLong { bytes: 2049 })
    );
}

#[test]
fn a_host_has_at_most_253_bytes() {
    let host = |bytes| {
        let labels = format!("{}.", "a".repeat(63)).repeat(4);
        labels.chars().take(bytes).collect::<String>()
    };
    let long = format!("{}b", host(252));
    assert_eq!(long.len(), 253);
    assert!(Origin::parse(&format!("https://{long}")).is_ok());
    let longer = format!("{}b", host(253));
    assert_eq!(
        Origin::parse(&format!("https://{longer}")),
        Err(OriginError::Host)
    );
}

#[test]
fn an_origin_on_this_machine_says_so() {
    let is_loopback = |text| Origin::parse(text).unwrap().is_loopback();
    assert!(is_loopback("http://127.0.0.1:9101"));
    assert!(!is_loopback("https://platform.example"));
}
