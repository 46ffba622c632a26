//! Allow rules: `METHOD[,METHOD] /path`, and what they match.
//!
//! Not in here: the paths of requests (`path`). A rule is the operator's text, a path is a stranger's.

use std::fmt;

use super::{MAX_PATH_BYTES, Method, TargetPath};
use crate::endpoint::{SegmentError, segment};

/// One configured rule.
///
/// | in the path | matches |
/// |---|---|
/// | `*` | exactly one segment, whatever it is |
/// | `**` | the rest, zero or more segments; only at the end. `/menu/**` also allows `/menu` |
/// | `{account}` | a segment that is the connection's own account |
/// | anything else | that very segment: case and percent-encoding count |
///
/// `/` alone is the API's root, which only `/` and `/**` allow. `GET` does not include `HEAD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowRule {
    /// In the order of [`Method::ALL`], each once.
    methods: Vec<Method>,
    segments: Vec<Pattern>,
    /// Whether `**` ends the rule.
    rest: bool,
}

impl AllowRule {
    /// Reads a rule such as `GET,POST /v3/merchants/{account}/**`.
    ///
    /// # Errors
    ///
    /// [`RuleError`] says what is wrong and what would be right. The operator corrects the configuration.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let (methods, path) = text.split_once(' ').ok_or(RuleError::Shape)?;
        let methods = parse_methods(methods)?;
        let (segments, rest) = parse_path(path)?;
        Ok(Self {
            methods,
            segments,
            rest,
        })
    }

    /// Whether the rule lets this method and path pass for a connection with `account`.
    pub fn allows(&self, method: Method, account: &str, path: TargetPath<'_>) -> bool {
        self.methods.contains(&method) && self.matches(account, path)
    }

    fn matches(&self, account: &str, path: TargetPath<'_>) -> bool {
        let mut segments = path.segments();
        let start = self
            .segments
            .iter()
            .all(|pattern| segments.next().is_some_and(|s| pattern.matches(s, account)));
        start && (self.rest || segments.next().is_none())
    }
}

/// The canonical text: methods in the order of [`Method::ALL`], one space, the path.
impl fmt::Display for AllowRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, method) in self.methods.iter().enumerate() {
            write!(formatter, "{}{method}", if index == 0 { "" } else { "," })?;
        }
        formatter.write_str(" ")?;
        self.segments
            .iter()
            .try_for_each(|segment| write!(formatter, "/{}", segment.as_str()))?;
        formatter.write_str(match (self.rest, self.segments.is_empty()) {
            (true, _) => "/**",
            (false, true) => "/",
            (false, false) => "",
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Any,
    Account,
    Literal(String),
}

impl Pattern {
    fn matches(&self, segment: &str, account: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Account => segment == account,
            Self::Literal(literal) => segment == literal,
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Any => "*",
            Self::Account => "{account}",
            Self::Literal(literal) => literal,
        }
    }

    fn parse(text: &str) -> Result<Self, RuleError> {
        let segment = || text.to_owned();
        match text {
            "*" => Ok(Self::Any),
            "{account}" => Ok(Self::Account),
            _ if text.contains('*') => Err(RuleError::PartialWildcard { segment: segment() }),
            _ if text.contains(['{', '}']) || text.starts_with(':') => {
                Err(RuleError::Placeholder { segment: segment() })
            }
            _ => segment::check(text)
                .map(|()| Self::Literal(segment()))
                .map_err(|reason| RuleError::Segment {
                    segment: segment(),
                    reason,
                }),
        }
    }
}

fn parse_methods(text: &str) -> Result<Vec<Method>, RuleError> {
    let mut methods = Vec::new();
    for name in text.split(',') {
        let method = Method::parse(name).ok_or_else(|| RuleError::Method {
            name: name.to_owned(),
        })?;
        if methods.contains(&method) {
            return Err(RuleError::DuplicateMethod { method });
        }
        methods.push(method);
    }
    let mut in_order = Vec::new();
    for method in Method::ALL {
        if methods.contains(&method) {
            in_order.push(method);
        }
    }
    Ok(in_order)
}

fn parse_path(text: &str) -> Result<(Vec<Pattern>, bool), RuleError> {
    if text.len() > MAX_PATH_BYTES {
        return Err(RuleError::TooLong { bytes: text.len() });
    }
    let path = text.strip_prefix('/').ok_or(RuleError::NotAbsolute)?;
    if path.contains(['?', '#']) {
        return Err(RuleError::Query);
    }
    let (mut segments, mut rest) = (Vec::new(), false);
    if path.is_empty() {
        // The root: what stands after its slash is no segment.
        return Ok((segments, rest));
    }
    for segment in path.split('/') {
        if rest {
            return Err(RuleError::RestNotLast);
        }
        if segment == "**" {
            rest = true;
        } else {
            segments.push(Pattern::parse(segment)?);
        }
    }
    Ok((segments, rest))
}

/// Why a rule cannot be used. Each message says what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// No space separates methods and path.
    #[error("must be `METHOD[,METHOD] /path`, such as `GET /menu/**` or `GET,POST /orders/*`")]
    Shape,
    /// A name that is no method, or not in upper case, or has a space beside its comma.
    #[error(
        "`{name}` is no method; write GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS, with commas and no spaces between them"
    )]
    Method {
        /// What stands there.
        name: String,
    },
    /// A method stands twice.
    #[error("names {method} twice; write each method once")]
    DuplicateMethod {
        /// The method.
        method: Method,
    },
    /// The path is longer than [`MAX_PATH_BYTES`], so no request could match it.
    #[error("has a path of {bytes} bytes; at most {MAX_PATH_BYTES} are forwarded")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The path does not begin with `/`.
    #[error(
        "has a path that does not begin with `/`; write one space after the methods and then `/path`, below the platform's API"
    )]
    NotAbsolute,
    /// A `?` or `#` stands in the path.
    #[error(
        "has a query or fragment; rules decide on the path alone, so write it without `?` or `#` and what follows"
    )]
    Query,
    /// `**` stands before the end.
    #[error(
        "has `**` before the end; it stands for the rest of the path, so write `*` for one segment or put `**` last"
    )]
    RestNotLast,
    /// A `*` within a segment.
    #[error(
        "`{segment}` has a `*` within a segment; `*` stands for a whole segment, so write `*` alone"
    )]
    PartialWildcard {
        /// The segment.
        segment: String,
    },
    /// A placeholder that does not exist.
    #[error(
        "`{segment}` is no placeholder; the only one is `{{account}}`, and `*` stands for any one segment"
    )]
    Placeholder {
        /// The segment.
        segment: String,
    },
    /// A segment that no forwarded path can have.
    #[error("`{segment}` matches no path that is forwarded: {reason}")]
    Segment {
        /// The segment.
        segment: String,
        /// Why it is not forwarded.
        reason: SegmentError,
    },
}
