//! The URL that a merchant is sent to for a token in the fragment (RFC 6749, section 4.2.1; Clover's page
//! "Authenticate with OAuth: Europe and Latin America"). Going there is the page's business.

use crate::form;
use crate::pending::{ENTROPY_BYTES, Pending};
use alloc::borrow::ToOwned;
use alloc::string::String;

/// What a login is asked for. Empty texts count as absent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LoginOptions<'a> {
    /// The app's id at Clover.
    pub(crate) client_id: &'a str,
    /// One of Clover's presets.
    pub(crate) region: &'a str,
    /// Stands before the region's preset.
    pub(crate) authorize_url: &'a str,
    /// Where Clover sends the merchant back to; absent: the app's Site URL.
    pub(crate) redirect_uri: &'a str,
    /// Skips the choice of a merchant.
    pub(crate) merchant_id: &'a str,
}

/// An option that the developer has to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OptionError {
    /// No app is named, or by something that cannot come back in an answer.
    ClientIdInvalid,
    /// Neither a region nor an authorization URL is given.
    RegionMissing,
    /// The region is none of Clover's.
    RegionUnknown,
    /// The authorization URL is not one that a merchant may be sent to.
    AuthorizeUrlInvalid,
    /// The page to return to is not one that Clover can send a fragment to.
    RedirectUriInvalid,
    /// The state could not be made unguessable.
    EntropyMissing,
}

impl OptionError {
    /// Which option is wrong and what would be right.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::ClientIdInvalid => {
                "clientId: give the app's id, as Clover's developer dashboard shows it"
            }
            Self::RegionMissing => {
                "region: give \"sandbox\", \"eu\" or \"la\", or an authorizeUrl instead"
            }
            Self::RegionUnknown => "region: must be \"sandbox\", \"eu\" or \"la\"",
            Self::AuthorizeUrlInvalid => {
                "authorizeUrl: must be an absolute https URL without fragment (http only on a loopback host)"
            }
            Self::RedirectUriInvalid => {
                "redirectUri: must be an absolute http or https URL without fragment"
            }
            Self::EntropyMissing => "this runtime gave no 32 random bytes for the state",
        }
    }
}

/// The URL to send the merchant to, and the login that then waits for its answer.
///
/// # Errors
/// An [`OptionError`] names the option to mend.
pub(crate) fn authorization_url(
    options: &LoginOptions<'_>,
    entropy: &[u8],
) -> Result<(String, Pending), OptionError> {
    if options.client_id.is_empty() || !is_visible(options.client_id) {
        return Err(OptionError::ClientIdInvalid);
    }
    if !options.redirect_uri.is_empty() && !is_redirect_uri(options.redirect_uri) {
        return Err(OptionError::RedirectUriInvalid);
    }
    let endpoint = endpoint(options)?;
    let entropy =
        <[u8; ENTROPY_BYTES]>::try_from(entropy).map_err(|_| OptionError::EntropyMissing)?;
    let pending = Pending::new(options.client_id, entropy);

    let mut url = endpoint.to_owned();
    // A query may itself end in a question mark, which begins no parameter; an empty one more is read as none.
    url.push(if endpoint.contains(['?']) { '&' } else { '?' });
    form::append(&mut url, "client_id", options.client_id);
    // Always said: the app's own default at Clover may be the other one.
    form::append(&mut url, "response_type", "token");
    form::append(&mut url, "state", &pending.state);
    let optional = [
        ("redirect_uri", options.redirect_uri),
        ("merchant_id", options.merchant_id),
    ];
    for (name, value) in optional {
        if !value.is_empty() {
            form::append(&mut url, name, value);
        }
    }
    Ok((url, pending))
}

fn endpoint<'a>(options: &LoginOptions<'a>) -> Result<&'a str, OptionError> {
    let own = options.authorize_url;
    if !own.is_empty() {
        return Some(own)
            .filter(|url| is_endpoint(url))
            .ok_or(OptionError::AuthorizeUrlInvalid);
    }
    match options.region {
        "sandbox" => Ok("https://apisandbox.dev.clover.com/oauth/authorize"),
        "eu" => Ok("https://eu.clover.com/oauth/authorize"),
        "la" => Ok("https://la.clover.com/oauth/authorize"),
        "" => Err(OptionError::RegionMissing),
        _ => Err(OptionError::RegionUnknown),
    }
}

/// What stands between the scheme and the path, query or fragment. A backslash ends it in browsers too.
fn authority<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let rest = url.strip_prefix(scheme)?;
    rest.split(['/', '\\', '?', '#'])
        .next()
        .filter(|authority| !authority.is_empty())
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Visible ASCII without a fragment, with a host.
fn is_plain(url: &str, authority: &str) -> bool {
    is_visible(url) && !url.contains(['#', '\\']) && !authority.contains(['@'])
}

fn is_endpoint(url: &str) -> bool {
    if let Some(authority) = authority(url, "https://") {
        return is_plain(url, authority);
    }
    authority(url, "http://")
        .is_some_and(|authority| is_plain(url, authority) && is_loopback(authority))
}

fn is_redirect_uri(uri: &str) -> bool {
    // Not limited to ASCII: it is encoded anyway, and a page may live below a name of its own script.
    let authority = authority(uri, "https://").or_else(|| authority(uri, "http://"));
    authority.is_some() && !uri.contains(['#'])
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix(['[']) {
        Some(v6) => v6.split([']']).next().unwrap_or_default(),
        None => authority.split([':']).next().unwrap_or_default(),
    };
    host == "localhost" || host.ends_with(".localhost") || host == "::1" || is_loopback_v4(host)
}

/// A host of digits and dots is an IPv4 address or no host at all (URL Standard, section 3.5), in every shortened form.
fn is_loopback_v4(host: &str) -> bool {
    let numeric = host
        .bytes()
        .all(|byte| byte == b'.' || byte.is_ascii_digit());
    numeric && host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENTROPY: [u8; ENTROPY_BYTES] = [0xA5; ENTROPY_BYTES];

    fn options<'a>() -> LoginOptions<'a> {
        LoginOptions {
            client_id: "APP1",
            region: "sandbox",
            ..LoginOptions::default()
        }
    }

    fn error(options: LoginOptions<'_>) -> OptionError {
        authorization_url(&options, &ENTROPY).unwrap_err()
    }

    #[test]
    fn each_region_has_its_documented_endpoint() {
        for (region, start) in [
            (
                "sandbox",
                "https://apisandbox.dev.clover.com/oauth/authorize?client_id=APP1&",
            ),
            (
                "eu",
                "https://eu.clover.com/oauth/authorize?client_id=APP1&",
            ),
            (
                "la",
                "https://la.clover.com/oauth/authorize?client_id=APP1&",
            ),
        ] {
            let (url, _) = authorization_url(
                &LoginOptions {
                    region,
                    ..options()
                },
                &ENTROPY,
            )
            .unwrap();
            assert!(url.starts_with(start), "{url}");
        }
    }

    #[test]
    fn the_url_asks_for_a_token_and_carries_the_pending_state() {
        let (url, pending) = authorization_url(&options(), &ENTROPY).unwrap();
        assert_eq!(pending.state, "a5".repeat(32));
        assert!(url.ends_with(&format!("&response_type=token&state={}", pending.state)));
    }

    #[test]
    fn an_own_authorize_url_stands_before_the_region_and_keeps_its_query() {
        let authorize_url = "https://login.example/authorize?tenant=a";
        let (url, _) = authorization_url(
            &LoginOptions {
                authorize_url,
                ..options()
            },
            &ENTROPY,
        )
        .unwrap();
        assert!(
            url.starts_with("https://login.example/authorize?tenant=a&client_id=APP1&"),
            "{url}"
        );
    }

    #[test]
    fn a_query_that_ends_in_a_question_mark_swallows_no_parameter() {
        for (authorize_url, expected) in [
            ("https://login.example/a?b?", "b?&client_id=APP1&"),
            ("https://login.example/a?", "&client_id=APP1&"),
            ("https://login.example/a", "client_id=APP1&"),
        ] {
            let options = LoginOptions {
                authorize_url,
                ..options()
            };
            let (url, _) = authorization_url(&options, &ENTROPY).unwrap();
            let query = url.split_once('?').unwrap().1;
            assert!(query.starts_with(expected), "{url}");
        }
    }

    #[test]
    fn http_is_for_loopback_hosts_only() {
        for url in [
            "http://localhost:9103/a",
            "http://127.0.0.1/a",
            "http://127.1:8080/a",
            "http://[::1]:1/a",
            "http://c.localhost/",
        ] {
            assert!(is_endpoint(url), "{url}");
        }
        for url in [
            "http://clover.example/a",
            "http://localhost.example/",
            "http://127.0.0.1@evil.example/",
            "http://127.1.example/",
            "https://",
            "https:///a",
            "//clover.example/",
            "javascript:alert(1)",
            "https://a.example/#f",
            "https://user@a.example/",
            "https://a.example\\@b.example/",
            "https://a.example/ b",
        ] {
            assert!(!is_endpoint(url), "{url}");
        }
    }

    #[test]
    fn a_wrong_option_is_named() {
        let base = options();
        assert_eq!(
            error(LoginOptions {
                client_id: "",
                ..base
            }),
            OptionError::ClientIdInvalid
        );
        assert_eq!(
            error(LoginOptions { region: "", ..base }),
            OptionError::RegionMissing
        );
        assert_eq!(
            error(LoginOptions {
                region: "us",
                ..base
            }),
            OptionError::RegionUnknown
        );
        for redirect_uri in [
            "/callback",
            "shop.example",
            "https://shop.example/#/in",
            "ftp://a/",
        ] {
            assert_eq!(
                error(LoginOptions {
                    redirect_uri,
                    ..base
                }),
                OptionError::RedirectUriInvalid
            );
        }
        assert_eq!(
            authorization_url(&base, &[1; 31]),
            Err(OptionError::EntropyMissing)
        );
    }

    proptest! {
        #[test]
        fn every_value_arrives_as_it_was_given(client_id in "[!-~]{1,20}", merchant in ".{1,20}", path in "[a-zé?=&%+ ]{0,20}") {
            let redirect_uri = format!("https://shop.example/{path}");
            let options = LoginOptions {
                client_id: &client_id,
                merchant_id: &merchant,
                redirect_uri: &redirect_uri,
                ..options()
            };
            let (url, pending) = authorization_url(&options, &ENTROPY).unwrap();
            let query = url.split_once('?').unwrap().1;
            let read: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let expected = [
                ("client_id", &client_id), ("response_type", &"token".to_owned()), ("state", &pending.state),
                ("redirect_uri", &redirect_uri), ("merchant_id", &merchant),
            ];
            prop_assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.clone())).to_vec());
        }
    }
}
