//! Addresses that an operator configures, in the one spelling that is also sent: [`Endpoint`] for a single URL,
//! [`ApiBase`] for what every call to a platform's API starts with, [`Origin`] for a page or a server.
//!
//! An address is read once, here, by a grammar narrower than the URL standard's: whatever parses is already what a
//! URL parser would give back, byte for byte, so nobody downstream can read it differently.
//!
//! Not in here: which endpoints a platform has (its own module), and what may be called below an API (`gate`).

mod origin;
pub(crate) mod segment;

pub use origin::{Origin, OriginError};
pub use segment::SegmentError;

use crate::text;

/// The longest address that is accepted, in bytes: that of a forwarded path, and several times any platform's.
pub const MAX_URL_BYTES: usize = 2048;

/// An absolute URL that requests are sent to: `https`, or `http` on a loopback host; no fragment, and a query only where
/// [`Endpoint::parse_with_query`] read it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    origin: Origin,
    text: String,
}

impl Endpoint {
    /// Reads one configured address.
    ///
    /// The path keeps its spelling, a trailing slash included; an absent path becomes `/` and a default port is dropped,
    /// as the URL standard does.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] says what is wrong and what would be right; it never repeats the text, which may hold a
    /// password by mistake.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        Self::read(text, |_| Err(EndpointError::Query))
    }

    /// Reads an address that is asked for as it stands, such as that of a key set: it may have a query, which keeps its
    /// spelling as well.
    ///
    /// # Errors
    ///
    /// The same as [`Endpoint::parse`], but for a query only if a URL parser would change it.
    pub fn parse_with_query(text: &str) -> Result<Self, EndpointError> {
        Self::read(text, check_query)
    }

    fn read(
        text: &str,
        check_query: fn(&str) -> Result<(), EndpointError>,
    ) -> Result<Self, EndpointError> {
        if text.len() > MAX_URL_BYTES {
            return Err(EndpointError::TooLong { bytes: text.len() });
        }
        let (origin, rest) = Origin::split(text)?;
        let (before, fragment) = split_before(rest, '#');
        let (path, query) = split_before(before, '?');
        if !query.is_empty() {
            check_query(query)?;
        }
        if !fragment.is_empty() {
            return Err(EndpointError::Fragment);
        }
        let path = if path.is_empty() { "/" } else { path };
        check_path(path)?;
        let text = format!("{origin}{path}{query}");
        Ok(Self { origin, text })
    }

    /// The canonical text, which is what the URL standard makes of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The host without its port; IPv6 in brackets.
    pub fn host(&self) -> &str {
        self.origin.host()
    }
}

/// What comes before `mark`, and the rest with it; empty if it is not there.
fn split_before(text: &str, mark: char) -> (&str, &str) {
    let at = text.find(mark).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// What a URL parser leaves alone (<https://url.spec.whatwg.org/#special-query-percent-encode-set>).
fn check_query(query: &str) -> Result<(), EndpointError> {
    let changes =
        |byte: &u8| !matches!(byte, b'!'..=b'~') || matches!(byte, b'"' | b'\'' | b'<' | b'>');
    match query.bytes().find(changes) {
        Some(byte) => Err(EndpointError::QueryCharacter { byte }),
        None => Ok(()),
    }
}

/// `path` starts with `/` because the authority ended there.
fn check_path(path: &str) -> Result<(), SegmentError> {
    let inner = path.strip_prefix('/').unwrap_or(path);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    if inner.is_empty() {
        return if path == "/" {
            Ok(())
        } else {
            Err(SegmentError::Empty)
        };
    }
    inner.split('/').try_for_each(segment::check)
}

/// The origin and path prefix that every call to a platform's API starts with, such as
/// `https://integrations.clopos.com/open-api`. Never ends in a slash: a path that begins with one follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ApiBase {
    origin: Origin,
    /// Without a slash at its end.
    text: String,
}

impl ApiBase {
    /// Reads a base address. One trailing slash is dropped, since the platforms' own documentation writes one.
    ///
    /// # Errors
    ///
    /// The same as [`Endpoint::parse`].
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        Endpoint::parse(text).map(Self::from)
    }

    /// The canonical text without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address of one resource below this base. The segments are ours and within the alphabet.
    pub(crate) fn join(&self, segments: &[&str]) -> Endpoint {
        let origin = self.origin.clone();
        let text = format!("{}/{}", self.text, text::join(segments, "/"));
        Endpoint { origin, text }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl From<Endpoint> for ApiBase {
    fn from(endpoint: Endpoint) -> Self {
        let Endpoint { origin, mut text } = endpoint;
        if text.ends_with('/') {
            text.pop();
        }
        Self { origin, text }
    }
}

/// Why an address cannot be used. The operator corrects the configuration; each message says how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The address is longer than [`MAX_URL_BYTES`].
    #[error("is {bytes} bytes long; an address has at most {MAX_URL_BYTES}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Scheme, user information, host or port.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// A `?` follows the path. Parameters are added by whoever builds the request.
    #[error("has a query; write the address without `?` and what follows it")]
    Query,
    /// A query that is allowed, with a byte that a URL parser would encode.
    #[error("has a query that holds the byte 0x{byte:02X}; write it percent-encoded")]
    QueryCharacter {
        /// That byte.
        byte: u8,
    },
    /// A `#` follows the path. It would never be sent.
    #[error("has a fragment; write the address without `#` and what follows it")]
    Fragment,
    /// A segment of the path.
    #[error("has a path that cannot be sent as it stands: {0}")]
    Path(#[from] SegmentError),
}
