//! A token request and its answer as values. Sending them is somebody else's work, and so are redirects, deadlines and
//! limits: never follow a redirect, never read more than [`MAX_ANSWER_BYTES`].

use core::fmt;

use zeroize::Zeroizing;

use crate::{endpoint::Endpoint, gate::Method, time::HOUR};

/// Longest answer to a token request or merchant proof that is read, in bytes. The documented ones are under 1 KiB.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// One request to a platform's token endpoint or merchant resource.
///
/// Its URL, headers and body may hold a client secret (Clover's token request has it in the query), so `Debug` shows
/// the method and the host alone.
#[derive(Clone)]
pub struct Request {
    method: Method,
    endpoint: Endpoint,
    query: Option<Zeroizing<String>>,
    headers: Vec<(&'static str, Zeroizing<String>)>,
    body: Option<Zeroizing<String>>,
}

impl Request {
    pub(crate) fn get(endpoint: Endpoint) -> Self {
        Self {
            method: Method::Get,
            endpoint,
            query: None,
            headers: Vec::new(),
            body: None,
        }
        .header("accept", "application/json")
    }

    pub(crate) fn post(endpoint: Endpoint, content_type: &str, body: String) -> Self {
        let body = Some(Zeroizing::new(body));
        Self {
            method: Method::Post,
            body,
            ..Self::get(endpoint)
        }
        .header("content-type", content_type)
    }

    pub(crate) fn query(mut self, query: String) -> Self {
        self.query = Some(Zeroizing::new(query));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, Zeroizing::new(value.into())));
        self
    }

    /// `GET` or `POST`.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The host the request goes to, for messages.
    pub fn host(&self) -> &str {
        self.endpoint.host()
    }

    /// The whole URL. `reason` says why it has to be opened: it may hold a client secret.
    pub fn expose_url(&self, reason: &'static str) -> Zeroizing<String> {
        let _ = reason;
        let query = self
            .query
            .as_ref()
            .map(|query| format!("?{}", query.as_str()));
        Zeroizing::new(format!(
            "{}{}",
            self.endpoint.as_str(),
            query.unwrap_or_default()
        ))
    }

    /// Header names in lower case with their values. `reason` says why they have to be opened.
    pub fn expose_headers(
        &self,
        reason: &'static str,
    ) -> impl Iterator<Item = (&'static str, &str)> {
        let _ = reason;
        self.headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The body, if there is one. `reason` says why it has to be opened.
    pub fn expose_body(&self, reason: &'static str) -> Option<&str> {
        let _ = reason;
        self.body.as_ref().map(|body| body.as_str())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Request({} {}, the rest hidden)",
            self.method,
            self.host()
        )
    }
}

/// An answer: what is read of it to know what it means.
pub struct Response {
    /// The status code.
    pub status: u16,
    /// When the platform asks to be called again, see [`RetryAfter`].
    pub retry_after: Option<RetryAfter>,
    /// The body, at most [`MAX_ANSWER_BYTES`]; it may hold a token.
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Response({}, the rest hidden)", self.status)
    }
}

/// A wait that a platform asked for, in seconds, always between one second and one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfter(u64);

impl RetryAfter {
    /// `seconds`, moved into the range of 1 s to 1 h.
    pub fn clamped(seconds: u64) -> Self {
        Self(seconds.clamp(1, HOUR))
    }

    /// Reads `Retry-After` (RFC 9110 §10.2.3) in its form of seconds, or `RateLimit-Reset` (Clopos v2, seconds). Zero
    /// and negative numbers count as one second, and what is no number as absent.
    pub fn parse_seconds(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix('-') {
            return is_digits(rest).then_some(Self(1));
        }
        is_digits(text).then(|| Self::clamped(text.parse().unwrap_or(u64::MAX)))
    }

    /// The wait in seconds.
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

/// Whether a text is a number of digits alone, at least one.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
