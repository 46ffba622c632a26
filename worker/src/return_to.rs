//! Where a browser may be sent after a login: a path of the worker's own host, or a URL of a configured origin.
//!
//! The text is checked, not rewritten, against an alphabet in which no browser finds another host: no backslash, no
//! control character, no space, nothing beyond ASCII, and no user information.

use tillgate_core::endpoint::Origin;

use crate::{
    config::Config,
    problem::{Code, Problem},
};

/// Longest `return_to` in bytes: it travels in a sealed cookie, of which a browser keeps 4 KiB.
const MAX_BYTES: usize = 2048;

/// A place to return to that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnTo(String);

impl ReturnTo {
    /// Checks the parameter. Without one the first configured origin is meant, or else the worker's root.
    ///
    /// # Errors
    /// `bad_request` that says what would be right.
    pub(crate) fn parse(text: Option<&str>, config: &Config) -> Result<Self, Problem> {
        let Some(text) = text else {
            let home = config
                .origins
                .first()
                .map(|origin| format!("{}/", origin.as_str()));
            return Ok(Self(home.unwrap_or_else(|| "/".to_owned())));
        };
        let printable = text.len() <= MAX_BYTES
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if printable && (is_path(text) || is_of_origin(text, &config.origins)) {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::new(
            Code::BadRequest,
            "return_to is a path that begins with one slash, or a URL whose origin is listed in the key origins.",
        ))
    }

    /// The text, as it goes into `Location`.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//")
}

fn is_of_origin(text: &str, origins: &[Origin]) -> bool {
    origins
        .iter()
        .any(|origin| match text.strip_prefix(origin.as_str()) {
            Some(rest) => rest.is_empty() || rest.starts_with(['/', '?', '#']),
            None => false,
        })
}
