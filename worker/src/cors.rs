//! Which pages may call: the exact origins of the configuration, and the worker's own (Fetch standard, CORS protocol).

use std::borrow::Cow;

use tillgate_core::{gate::REQUEST_HEADERS, text};

use crate::{
    config::Config,
    incoming::Incoming,
    problem::{Code, Problem},
    step::{Answer, HeaderList},
};

/// Headers of an answer that a page may read beyond the safelisted ones.
const EXPOSED: &str = "x-request-id, server-timing, retry-after, etag, link, content-disposition, \
                       ratelimit-limit, ratelimit-remaining, ratelimit-reset, \
                       x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset";
/// How long a browser may remember a preflight, in seconds: ten minutes, so that a changed configuration takes effect.
const PREFLIGHT_MAX_AGE: &str = "600";

/// The page a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// None that is known: no `Origin` header, or the worker's own origin.
    Own,
    /// One of the configured origins.
    Allowed(String),
}

impl Page {
    /// Reads the `Origin` header.
    ///
    /// # Errors
    /// `origin_not_allowed` for every page that is not configured, `null` included.
    pub(crate) fn of(incoming: &Incoming<'_>, config: &Config) -> Result<Self, Problem> {
        match incoming.headers.get("origin") {
            None => Ok(Self::Own),
            Some(origin) if origin == incoming.url.origin => Ok(Self::Own),
            Some(origin)
                if config
                    .origins
                    .iter()
                    .any(|allowed| allowed.as_str() == origin) =>
            {
                Ok(Self::Allowed(origin))
            }
            Some(_) => Err(Problem::new(
                Code::OriginNotAllowed,
                "This page's origin is not listed in the key origins of the configuration.",
            )),
        }
    }

    /// The headers that let the page read an answer.
    pub(crate) fn headers(&self) -> HeaderList {
        let mut headers = vec![("vary", Cow::Borrowed("Origin"))];
        if let Self::Allowed(origin) = self {
            headers.push(("access-control-allow-origin", origin.clone().into()));
            headers.push(("access-control-allow-credentials", "true".into()));
            headers.push(("access-control-expose-headers", EXPOSED.into()));
        }
        headers
    }
}

/// Whether a request is a preflight: an `OPTIONS` that a browser sends to ask first.
pub(crate) fn is_preflight(incoming: &Incoming<'_>) -> bool {
    incoming.method == "OPTIONS"
        && incoming.headers.get("origin").is_some()
        && incoming
            .headers
            .get("access-control-request-method")
            .is_some()
}

/// The answer to a preflight from a page that may call.
pub(crate) fn preflight() -> Answer {
    let allowed = ["authorization", "x-tillgate"]
        .iter()
        .chain(REQUEST_HEADERS)
        .fold(String::new(), |mut list, name| {
            text::add(&mut list, ", ", name);
            list
        });
    Answer::new(204)
        .header(
            "access-control-allow-methods",
            "GET, HEAD, POST, PUT, PATCH, DELETE",
        )
        .header("access-control-allow-headers", allowed)
        .header("access-control-max-age", PREFLIGHT_MAX_AGE)
}
