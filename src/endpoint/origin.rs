//! Scheme, host and port: the part of an address that decides who receives it.
//!
//! Not in here: whether an origin may call us. The worker compares with its configuration.

use std::fmt;

/// The longest host in bytes (RFC 1035 §2.3.4, without the dots' wire form).
const MAX_HOST_BYTES: usize = 253;
/// The longest label of a host in bytes (RFC 1035 §2.3.4).
const MAX_LABEL_BYTES: usize = 63;
/// The only IPv6 host. Others have several spellings, and no platform is reached by one.
const LOOPBACK_V6: &str = "[::1]";

/// An exact web origin, as configured in `origins` and as a browser sends it in `Origin`: `https://shop.example`,
/// `http://localhost:8080`.
///
/// Two origins are equal when their texts are; a default port is dropped on reading, and nothing else is changed.
/// A host with an `xn--` label is taken as it stands: a label that is no valid Punycode reaches nobody.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    text: String,
    host: String,
    loopback: bool,
}

impl Origin {
    /// Reads an origin and nothing else: no path, not even a trailing slash.
    ///
    /// # Errors
    ///
    /// [`OriginError`] says what is wrong and what would be right. In a request, where the text is a stranger's, every
    /// error means that the origin is not allowed; the `null` of an opaque origin is one.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let (origin, rest) = Self::split(text)?;
        if rest.is_empty() {
            Ok(origin)
        } else {
            Err(OriginError::NotAlone {
                origin: origin.text,
            })
        }
    }

    /// Splits an absolute URL after its authority. What is returned beside the origin is empty or starts with one of
    /// `/`, `?`, `#`.
    pub(super) fn split(text: &str) -> Result<(Self, &str), OriginError> {
        let (scheme, after) = Scheme::split(text)?;
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at_checked(end).unwrap_or((after, ""));
        if authority.contains('@') {
            return Err(OriginError::UserInformation);
        }
        let (host, port) = split_port(authority)?;
        let loopback = check_host(host)?;
        if scheme == Scheme::Http && !loopback {
            return Err(OriginError::HttpBeyondLoopback {
                host: host.to_owned(),
            });
        }
        Ok((Self::new(scheme, host, port, loopback), rest))
    }

    fn new(scheme: Scheme, host: &str, port: Option<u16>, loopback: bool) -> Self {
        let text = match port.filter(|port| *port != scheme.default_port()) {
            Some(port) => format!("{}{host}:{port}", scheme.prefix()),
            None => format!("{}{host}", scheme.prefix()),
        };
        Self {
            text,
            host: host.to_owned(),
            loopback,
        }
    }

    /// The canonical text, which is what a browser sends.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host without its port; IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the host is this machine: `localhost`, `127.0.0.0/8` or `[::1]`.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn split(text: &str) -> Result<(Self, &str), OriginError> {
        [Self::Https, Self::Http]
            .into_iter()
            .find_map(|scheme| Some((scheme, text.strip_prefix(scheme.prefix())?)))
            .ok_or(OriginError::Scheme)
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Http => "http://",
            Self::Https => "https://",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), OriginError> {
    // An IPv6 host alone: its colons begin no port.
    if authority.ends_with(']') {
        return Ok((authority, None));
    }
    let Some((host, port)) = authority.rsplit_once([':']) else {
        return Ok((authority, None));
    };
    let plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    let number = port.parse::<u64>().ok().filter(|_| plain);
    match number.map(u16::try_from) {
        Some(Ok(number)) => Ok((host, Some(number))),
        _ => Err(OriginError::Port),
    }
}

/// Whether the host is loopback, if it is a host at all.
fn check_host(host: &str) -> Result<bool, OriginError> {
    if host == LOOPBACK_V6 {
        return Ok(true);
    }
    if host.is_empty() || host.len() > MAX_HOST_BYTES || !host.split('.').all(is_label) {
        return Err(OriginError::Host);
    }
    if !ends_in_number(host) {
        return Ok(host == "localhost");
    }
    let numbers = host.split('.');
    if numbers.clone().count() != 4 || !numbers.clone().all(is_octet) {
        return Err(OriginError::Ipv4);
    }
    Ok(host.starts_with("127."))
}

/// Whether a label is a number of an IPv4 address in the canonical form: decimal, without leading zeros.
fn is_octet(label: &str) -> bool {
    let number = label.parse::<u64>();
    number.is_ok_and(|number| number <= 255) && (label == "0" || !label.starts_with('0'))
}

fn is_label(label: &str) -> bool {
    let alphabet = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
    };
    !label.is_empty() && label.len() <= MAX_LABEL_BYTES && label.bytes().all(alphabet)
}

/// A URL parser takes such a host for an IPv4 address and rewrites it, `127.1` and `0x7f.1` included
/// (<https://url.spec.whatwg.org/#ends-in-a-number-checker>).
fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit(['.']).next().unwrap_or(host);
    let hex = last
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hex || last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why a text is no origin. An operator corrects the configuration; a request with such an `Origin` is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// Neither `https://` nor `http://`, in lower case, stands at the start.
    #[error("must start with `https://` (or `http://`, for a loopback host only), in lower case")]
    Scheme,
    /// `http` to another machine, where everyone on the way could read it.
    #[error(
        "uses `http`, which is for loopback hosts only (localhost, 127.0.0.0/8, [::1]); write `https://{host}`"
    )]
    HttpBeyondLoopback {
        /// The host that needs `https`.
        host: String,
    },
    /// A `user@` or `user:password@` stands before the host. It is not repeated here.
    #[error(
        "has a user name or password before the host; remove everything up to and including the `@`"
    )]
    UserInformation,
    /// The host is absent, too long, or has characters that are not written in one.
    #[error(
        "needs a host of lower-case letters, digits, `-`, `_` and single dots, such as `shop.example` \
         (other scripts as `xn--…`), an IPv4 address, or `[::1]`"
    )]
    Host,
    /// The host ends in a number but is not four numbers.
    #[error(
        "has a host that ends in a number; write an IPv4 address in full as four numbers from 0 to 255, such as `127.0.0.1`"
    )]
    Ipv4,
    /// The port is not a number from 1 to 65535 without leading zeros.
    #[error(
        "has an invalid port; write a number from 1 to 65535 without leading zeros, or leave the `:` out"
    )]
    Port,
    /// A path, query or fragment follows, be it a single slash.
    #[error("is more than an origin; write `{origin}`")]
    NotAlone {
        /// The origin that would be right.
        origin: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_only_looks_like_a_number_is_not_taken_for_an_address() {
        assert!(!ends_in_number("0x7g"));
        assert!(!ends_in_number("1.example"));
        assert!(ends_in_number("0x"), "the standard reads 0x as zero");
    }

    #[test]
    fn the_split_gives_the_rest_verbatim() {
        let (origin, rest) = Origin::split("https://shop.example:8443?x#y").unwrap();
        assert_eq!(
            (origin.as_str(), rest),
            ("https://shop.example:8443", "?x#y")
        );
    }
}
