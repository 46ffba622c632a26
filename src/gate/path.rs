//! The path of a forwarded request, as it came and as it is sent.
//!
//! Not in here: the alphabet of a segment (`endpoint::segment`), and whether a rule allows the path (`rule`).

use crate::endpoint::{SegmentError, segment};

/// The longest forwarded path in bytes, the account before it not counted.
pub const MAX_PATH_BYTES: usize = 2048;

/// A parsed path, borrowed from the request: segments that are sent exactly as they came. `/` is the API's root and
/// has no segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetPath<'a> {
    raw: &'a str,
}

impl<'a> TargetPath<'a> {
    /// Reads what followed `/api/{app}/{account}` in the request, verbatim and without the query: nothing at all, or a
    /// text that begins with `/`. Nothing at all and a single `/` are the API's root. A trailing slash is refused.
    ///
    /// # Errors
    ///
    /// [`PathError`]: answer that the request is bad, and do not forward it. It holds nothing of the path.
    pub fn parse(raw: &'a str) -> Result<Self, PathError> {
        if raw.len() > MAX_PATH_BYTES {
            return Err(PathError::TooLong { bytes: raw.len() });
        }
        if raw.is_empty() || raw == "/" {
            return Ok(Self { raw: "/" });
        }
        let segments = raw.strip_prefix('/').ok_or(PathError::NotAbsolute)?;
        segments.split('/').try_for_each(segment::check)?;
        Ok(Self { raw })
    }

    /// The path as it is sent. Begins with `/`.
    pub const fn as_str(self) -> &'a str {
        self.raw
    }

    /// The segments as they came; none for the root.
    pub fn segments(self) -> impl Iterator<Item = &'a str> {
        // No segment of a parsed path is empty: what is filtered out is the text before the first slash, and the root.
        self.raw.split('/').filter(|segment| !segment.is_empty())
    }
}

/// Why a path is not forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The path is longer than [`MAX_PATH_BYTES`].
    #[error("the path is {bytes} bytes long; at most {MAX_PATH_BYTES} are forwarded")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Something other than `/` follows the account.
    #[error("the path must begin with `/`")]
    NotAbsolute,
    /// A segment that is not sent.
    #[error("the path cannot be forwarded: {0}")]
    Segment(#[from] SegmentError),
}
