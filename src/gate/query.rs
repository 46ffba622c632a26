//! The query of a forwarded request: passed on, never read.
//!
//! Not in here: parameters. No decision depends on them, so nothing takes them apart.

use crate::form;

/// The longest query in bytes, as it is sent.
pub const MAX_QUERY_BYTES: usize = 8192;

/// The text after the first `?`, in the form in which a URL parser leaves it alone. The default is an absent query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    text: String,
}

impl Query {
    /// Takes what followed the first `?` of the request, without that `?`. An empty text is an absent query.
    ///
    /// `"`, `'`, `<` and `>` are percent-encoded, since the URL standard would do so
    /// (<https://url.spec.whatwg.org/#special-query-percent-encode-set>). Everything else stays as it came, escapes
    /// and a `%` that is none included.
    ///
    /// # Errors
    ///
    /// [`QueryError`]: answer that the request is bad, and do not forward it. It holds nothing of the query.
    pub fn parse(raw: &str) -> Result<Self, QueryError> {
        if raw.len() > MAX_QUERY_BYTES {
            return Err(QueryError::TooLong);
        }
        let mut text = String::with_capacity(raw.len());
        for byte in raw.bytes() {
            push(&mut text, byte)?;
        }
        if text.len() > MAX_QUERY_BYTES {
            Err(QueryError::TooLong)
        } else {
            Ok(Self { text })
        }
    }

    /// The query as it is sent, without `?`; empty if there is none.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn push(text: &mut String, byte: u8) -> Result<(), QueryError> {
    match byte {
        b'"' | b'\'' | b'<' | b'>' => form::push_escape(text, byte),
        b'#' => return Err(QueryError::Fragment),
        b'!'..=b'~' => text.push(char::from(byte)),
        _ => return Err(QueryError::Character { byte }),
    }
    Ok(())
}

/// Why a query is not forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The query is longer than [`MAX_QUERY_BYTES`] as it would be sent.
    #[error("the query is longer than {MAX_QUERY_BYTES} bytes")]
    TooLong,
    /// A `#`: what follows it would never be sent.
    #[error("the query holds a `#`; write it as `%23`")]
    Fragment,
    /// A space, a control or a byte beyond ASCII.
    #[error("the query holds the byte 0x{byte:02X}; write it percent-encoded")]
    Character {
        /// That byte.
        byte: u8,
    },
}
