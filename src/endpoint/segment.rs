//! One segment of a URL path: its alphabet, and what must not be hidden in it.
//!
//! A segment is never decoded for use. It is decoded here once, to refuse what a server behind us could take for
//! structure after decoding it itself: what was judged must stay what it was, however often someone decodes it.
//!
//! Not in here: how many segments a path has and how long it may be.

/// Whether `segment` may be sent as it stands.
///
/// The alphabet is `pchar` of RFC 3986 §3.3. Beyond it, these are refused: escapes that stand for `/ \ . % ? # ;`,
/// for a control, for bytes that are no UTF-8 (overlong forms of `/` and `.` are among them) or for a character that
/// compatibility folding turns into one of the above; and segments of which nothing but dots is left once path
/// parameters (`;…`) and spaces are gone, such as `.`, `..`, `...`, `..;x` and `;x`.
pub(crate) fn check(segment: &str) -> Result<(), SegmentError> {
    if segment.is_empty() {
        return Err(SegmentError::Empty);
    }
    // Most segments hold no escape, and are what they decode to.
    if segment.bytes().all(is_pchar) {
        return check_name(segment);
    }
    let decoded = String::from_utf8(decode(segment)?).map_err(|_| SegmentError::NotUtf8)?;
    if decoded
        .chars()
        .any(|c| c.is_control() || folds_to_structure(c))
    {
        return Err(SegmentError::Lookalike);
    }
    check_name(&decoded)
}

fn check_name(decoded: &str) -> Result<(), SegmentError> {
    if is_dots(decoded) {
        Err(SegmentError::Dots)
    } else {
        Ok(())
    }
}

fn decode(segment: &str) -> Result<Vec<u8>, SegmentError> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => escaped(bytes.next(), bytes.next())?,
            _ if is_pchar(byte) => byte,
            _ => return Err(SegmentError::Character { byte }),
        });
    }
    Ok(decoded)
}

/// RFC 3986 §3.3, without `%`.
const fn is_pchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b'@')
        || matches!(
            byte,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'='
        )
}

fn escaped(high: Option<u8>, low: Option<u8>) -> Result<u8, SegmentError> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    let (Some(high), Some(low)) = (digit(high), digit(low)) else {
        return Err(SegmentError::Escape);
    };
    let byte = u8::try_from((high << 4) | low).map_err(|_| SegmentError::Escape)?;
    if matches!(byte, b'/' | b'\\' | b'.' | b'%' | b'?' | b'#' | b';') || byte.is_ascii_control() {
        return Err(SegmentError::EscapedStructure { byte });
    }
    Ok(byte)
}

/// `+` counts as a space because servers that read a path as a form decode it to one.
fn is_dots(decoded: &str) -> bool {
    let name = decoded.split(';').next().unwrap_or(decoded);
    name.chars()
        .all(|c| c == '.' || c == '+' || c.is_whitespace())
}

/// Characters whose NFKC form holds one of `/ \ . % ? # ;` (every one of Unicode 14), and the three that Windows' best-fit
/// tables turn into a slash or backslash (U+2044, U+2215, U+2216).
const fn folds_to_structure(c: char) -> bool {
    matches!(c,
        '\u{37E}' | '\u{2024}'..='\u{2026}' | '\u{2044}' | '\u{2047}'..='\u{2049}' | '\u{2100}'..='\u{2101}'
        | '\u{2105}'..='\u{2106}' | '\u{2215}'..='\u{2216}' | '\u{2488}'..='\u{249B}' | '\u{33C2}' | '\u{33C7}'
        | '\u{33D8}' | '\u{FE14}' | '\u{FE16}' | '\u{FE19}' | '\u{FE30}' | '\u{FE52}' | '\u{FE54}' | '\u{FE56}'
        | '\u{FE5F}' | '\u{FE68}' | '\u{FE6A}' | '\u{FF03}' | '\u{FF05}' | '\u{FF0E}'..='\u{FF0F}' | '\u{FF1B}'
        | '\u{FF1F}' | '\u{FF3C}' | '\u{1F100}')
}

/// Why a segment cannot be sent. It holds no text of the segment, which may be a stranger's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// Two slashes follow each other, or a slash ends the path.
    #[error("a segment is empty; write single slashes, and none at the end")]
    Empty,
    /// Nothing but dots, perhaps with spaces or a path parameter.
    #[error(
        "a segment consists of dots or only of a `;…` parameter; write the path that is meant in full"
    )]
    Dots,
    /// A byte that RFC 3986 does not allow in a segment.
    #[error(
        "a segment holds the byte 0x{byte:02X}; write it percent-encoded as UTF-8, and only letters, digits and -._~!$&'()*+,;=:@ as they are"
    )]
    Character {
        /// That byte.
        byte: u8,
    },
    /// A `%` without two hexadecimal digits.
    #[error("a `%` is not followed by two hexadecimal digits")]
    Escape,
    /// An escape for a byte that would be structure, or a control, once decoded.
    #[error(
        "`%{byte:02X}` could be taken for structure once decoded; a segment holds no escape for / \\ . % ? # ; or a control"
    )]
    EscapedStructure {
        /// What the escape stands for.
        byte: u8,
    },
    /// Escapes that are not UTF-8 when decoded.
    #[error("the escapes of a segment are not UTF-8; percent-encode text as UTF-8")]
    NotUtf8,
    /// An escaped character that some servers turn into structure, or a control beyond ASCII.
    #[error(
        "a segment holds a control or a character that some servers turn into one of / \\ . % ? # ;"
    )]
    Lookalike,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_segments_pass() {
        for segment in [
            "menu",
            "v3",
            "MERCHANT00001",
            "openapitest.1",
            "a;v=1",
            "%C3%A9t%c3%a9",
            "a%20b",
            "..a",
            "-._~!$&'()*+,;=:@",
        ] {
            assert_eq!(check(segment), Ok(()), "{segment}");
        }
    }

    #[test]
    fn each_refusal_names_its_reason() {
        let cases = [
            ("", SegmentError::Empty),
            ("..", SegmentError::Dots),
            ("...", SegmentError::Dots),
            ("..;a", SegmentError::Dots),
            (";a", SegmentError::Dots),
            ("%20", SegmentError::Dots),
            ("..+", SegmentError::Dots),
            ("a b", SegmentError::Character { byte: b' ' }),
            ("é", SegmentError::Character { byte: 0xC3 }),
            ("%4", SegmentError::Escape),
            ("%G0", SegmentError::Escape),
            ("%+1", SegmentError::Escape),
            ("%2e", SegmentError::EscapedStructure { byte: b'.' }),
            ("%7F", SegmentError::EscapedStructure { byte: 0x7F }),
            ("%C0%AF", SegmentError::NotUtf8),
            ("%EF%BC%8F", SegmentError::Lookalike),
            ("%C2%85", SegmentError::Lookalike),
        ];
        for (segment, error) in cases {
            assert_eq!(check(segment), Err(error), "{segment}");
        }
    }
}
