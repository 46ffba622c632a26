//! Configured addresses and origins: the text that is kept is what a URL parser makes of the text that was written.

use tillgate_core::endpoint::{ApiBase, Endpoint, Origin};
use url::{Host, Url};

/// An origin and an address from the same text, each judged by the URL standard's parser.
pub fn address(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    origin(text);
    endpoint(text);
}

fn origin(text: &str) {
    let Ok(origin) = Origin::parse(text) else {
        return;
    };
    assert_eq!(Origin::parse(origin.as_str()).as_ref(), Ok(&origin));
    let Some(url) = read(text, origin.host()) else {
        return;
    };
    assert_eq!(url.origin().ascii_serialization(), origin.as_str());
    assert_place(&url, origin.host(), origin.is_loopback());
}

fn endpoint(text: &str) {
    let Ok(endpoint) = Endpoint::parse(text) else {
        return;
    };
    assert_eq!(Endpoint::parse(endpoint.as_str()).as_ref(), Ok(&endpoint));
    let base = ApiBase::parse(text).expect("what is an address is a base");
    let kept = endpoint.as_str();
    assert_eq!(base.as_str(), kept.strip_suffix('/').unwrap_or(kept));
    let Some(url) = read(text, endpoint.host()) else {
        return;
    };
    assert_eq!(url.as_str(), kept, "a URL parser reads another address");
    assert_eq!((url.query(), url.fragment()), (None, None));
    assert_place(&url, endpoint.host(), endpoint.origin().is_loopback());
}

/// A URL parser refuses invalid Punycode, which is taken as it stands here: it reaches nobody.
fn read(text: &str, host: &str) -> Option<Url> {
    let punycode = host.split('.').any(|label| label.starts_with("xn--"));
    match Url::parse(text) {
        Ok(url) => Some(url),
        Err(_) if punycode => None,
        Err(error) => panic!("a URL parser refuses {text:?}: {error}"),
    }
}

fn assert_place(url: &Url, host: &str, is_loopback: bool) {
    assert_eq!(url.host_str(), Some(host));
    assert_eq!((url.username(), url.password()), ("", None));
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    assert_eq!(is_loopback, loopback);
    assert!(
        loopback || url.scheme() == "https",
        "http leaves this machine"
    );
}
