//! What may pass to a platform's API: allow rules, paths, queries and headers.
//!
//! A forwarded request is read once. [`TargetPath`] is judged by [`authorize`], and what comes out, an [`Authorized`],
//! is the only thing a [`Target`] can be made of; a target gives the URL that is sent. So what was judged and what is
//! sent are one value, and a path that no rule allows has no URL.
//!
//! Not in here: who may call (the worker's callers and sessions), the token's own headers (`platform`), and sending.

use crate::endpoint::ApiBase;

mod headers;
mod method;
mod path;
mod query;
mod rule;

pub use headers::{REQUEST_HEADERS, RESPONSE_HEADERS, is_active_content};
pub use method::Method;
pub use path::{MAX_PATH_BYTES, PathError, TargetPath};
pub use query::{MAX_QUERY_BYTES, Query, QueryError};
pub use rule::{AllowRule, RuleError};

/// Whether a rule lets this request pass, for a connection with `account`. `None`: refuse it.
///
/// Takes the path and not the query: a query never decides.
pub fn authorize<'a>(
    rules: &[AllowRule],
    method: Method,
    account: &str,
    path: TargetPath<'a>,
) -> Option<Authorized<'a>> {
    let allowed = rules.iter().any(|rule| rule.allows(method, account, path));
    allowed.then_some(Authorized { method, path })
}

/// A method and path that a rule allows. Only [`authorize`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorized<'a> {
    method: Method,
    path: TargetPath<'a>,
}

impl<'a> Authorized<'a> {
    /// Adds the query, after which the request is complete.
    pub const fn target(self, query: Query) -> Target<'a> {
        Target {
            method: self.method,
            path: self.path,
            query,
        }
    }
}

/// What is sent to a platform's API: an allowed method and path, and a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    method: Method,
    path: TargetPath<'a>,
    query: Query,
}

impl Target<'_> {
    /// The method to send.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The path below the API's base.
    pub const fn path(&self) -> TargetPath<'_> {
        self.path
    }

    /// The URL to send: `base`, the path, and the query if there is one.
    ///
    /// A URL parser gives it back unchanged, and it begins with the text of `base` and a `/`. Its query may hold
    /// personal data, so it belongs in no log.
    pub fn url(&self, base: &ApiBase) -> String {
        let (base, path, query) = (base.as_str(), self.path.as_str(), self.query.as_str());
        let mark = if query.is_empty() { "" } else { "?" };
        [base, path, mark, query].concat()
    }
}
