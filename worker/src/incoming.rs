//! An incoming request, as far as it has to be read to decide: method, URL, single headers. Bodies never come here.

use tillgate_core::{form, time::UnixTime};

use crate::problem::{Code, Problem};

/// Longest URL that is read, in bytes: a forwarded path, its query and room for the names before it.
const MAX_URL_BYTES: usize = 16 * 1024;

/// Where header values come from: the runtime's `Headers`, or a table in a test.
pub(crate) trait Headers {
    /// The value of a header by its name in lower case; several of one name come joined by `, `.
    fn get(&self, name: &'static str) -> Option<String>;
}

/// One request.
pub(crate) struct Incoming<'a> {
    /// The method as it was sent.
    pub(crate) method: &'a str,
    /// The URL, taken apart but not decoded.
    pub(crate) url: Url<'a>,
    /// The headers.
    pub(crate) headers: &'a dyn Headers,
    /// When it arrived.
    pub(crate) now: UnixTime,
    /// The id that every answer to it carries.
    pub(crate) request_id: &'a str,
}

/// A URL taken apart without being changed: the runtime does not normalise it, and neither does this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    /// Scheme, host and port, as `https://gate.example`.
    pub(crate) origin: &'a str,
    /// The path with its leading slash.
    pub(crate) path: &'a str,
    /// What follows the `?`.
    pub(crate) query: Option<&'a str>,
}

impl<'a> Url<'a> {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// A `bad_request` problem for a URL that has no host or path, is too long or holds a fragment.
    pub(crate) fn split(text: &'a str) -> Result<Self, Problem> {
        let refuse = |detail: &str| Problem::new(Code::BadRequest, detail);
        if text.len() > MAX_URL_BYTES {
            return Err(refuse("The URL is too long."));
        }
        if text.contains('#') {
            return Err(refuse("A request URL has no fragment."));
        }
        let unusable = || refuse("The URL has no usable host. Send exactly one Host header.");
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .ok_or_else(unusable)?;
        let (host, _) = rest.split_once(['/', '?']).unwrap_or((rest, ""));
        if host.is_empty() || !host.bytes().all(is_host_byte) {
            return Err(unusable());
        }
        let scheme = text.len().saturating_sub(rest.len());
        let (origin, rest) = text
            .split_at_checked(scheme.saturating_add(host.len()))
            .ok_or_else(unusable)?;
        let (path, query) = rest
            .split_once('?')
            .map_or((rest, None), |(path, query)| (path, Some(query)));
        if !path.starts_with('/') {
            return Err(refuse("The path has to begin with a slash."));
        }
        Ok(Self {
            origin,
            path,
            query,
        })
    }

    /// Whether this is plain HTTP on a loopback host, where cookies cannot be `Secure`: development.
    pub(crate) fn is_loopback_http(&self) -> bool {
        let origin = tillgate_core::endpoint::Origin::parse(self.origin);
        self.origin.starts_with("http://") && origin.is_ok_and(|origin| origin.is_loopback())
    }

    /// The value of a query parameter of ours, decoded.
    ///
    /// # Errors
    /// A `bad_request` problem if it is there twice.
    pub(crate) fn parameter(&self, name: &str) -> Result<Option<String>, Problem> {
        let query = self.query.unwrap_or_default();
        let mut values = form::pairs(query)
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value);
        let value = values.next().map(std::borrow::Cow::into_owned);
        match values.next() {
            None => Ok(value),
            Some(_) => Err(Problem::new(
                Code::BadRequest,
                format!("The parameter {name} is there twice."),
            )),
        }
    }
}

const fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
}
