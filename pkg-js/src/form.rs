//! The grammar `application/x-www-form-urlencoded`, as the URL Standard reads and writes it (sections 5.1 and 5.2).
//! What the parameters mean is not known here.
//!
//! Texts are searched for `['&']` and not for `'&'`: the search for a single character brings a faster algorithm with
//! it, which is 0.6 KB of module and of no use on texts this short.

use alloc::string::String;

/// One parameter as it stands in the text, not decoded yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    /// The whole piece between two `&`, so that it can be put back byte for byte.
    pub(crate) raw: &'a str,
    name: &'a str,
    value: &'a str,
}

impl Pair<'_> {
    /// Whether the decoded name is this one.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        decoded(self.name).eq(name.bytes())
    }

    /// The decoded value, if it is visible ASCII, as RFC 6749 wants it of all that is read here (appendix A).
    pub(crate) fn value(&self) -> Option<String> {
        // Never longer than the text, so the buffer never moves and leaves no copy behind.
        let mut value = String::with_capacity(self.value.len());
        for byte in decoded(self.value) {
            if !byte.is_ascii_graphic() {
                return None;
            }
            value.push(char::from(byte));
        }
        Some(value)
    }
}

/// The parameters of a query or fragment without its leading `?` or `#`, in their order. Empty pieces, as in
/// Clover's `?&merchant_id=…`, are none.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = Pair<'_>> {
    text.split(['&']).filter(|raw| !raw.is_empty()).map(pair)
}

/// One piece, split at its first `=`.
pub(crate) fn pair(raw: &str) -> Pair<'_> {
    let (name, value) = raw.split_once(['=']).unwrap_or((raw, ""));
    Pair { raw, name, value }
}

/// `+` is a space, `%` with two hex digits is that byte, everything else stands for itself.
fn decoded(text: &str) -> impl Iterator<Item = u8> {
    let mut rest = text.as_bytes();
    core::iter::from_fn(move || {
        let (&byte, after) = rest.split_first()?;
        let (byte, after) = match byte {
            b'%' => escape(after).unwrap_or((byte, after)),
            b'+' => (b' ', after),
            _ => (byte, after),
        };
        rest = after;
        Some(byte)
    })
}

/// The byte that the two hex digits in front mean, and what follows them.
fn escape(after_percent: &[u8]) -> Option<(u8, &[u8])> {
    let (&[high, low], rest) = after_percent.split_first_chunk::<2>()?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = (digit(high)? << 4) | digit(low)?;
    Some((u8::try_from(byte).ok()?, rest))
}

/// Appends `name=value`, encoded, after a `&` unless the text ends where a parameter may begin.
pub(crate) fn append(out: &mut String, name: &str, value: &str) {
    if !out.is_empty() && !out.ends_with(['?', '&']) {
        out.push('&');
    }
    encode(out, name);
    out.push('=');
    encode(out, value);
}

fn encode(out: &mut String, text: &str) {
    for &byte in text.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                out.push(char::from(byte));
            }
            // The Standard writes `+` here; `%20` is read alike by everyone, form decoder or not.
            _ => {
                out.push('%');
                push_hex(out, byte, char::to_ascii_uppercase);
            }
        }
    }
}

/// Appends a byte as two hex digits, in the case that `case` gives them.
pub(crate) fn push_hex(out: &mut String, byte: u8, case: fn(&char) -> char) {
    for nibble in [byte >> 4, byte & 0xF] {
        let digit = char::from_digit(u32::from(nibble), 16);
        out.extend(digit.as_ref().map(case));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let lossy = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        pairs(text)
            .map(|pair| {
                (
                    lossy(decoded(pair.name).collect()),
                    lossy(decoded(pair.value).collect()),
                )
            })
            .collect()
    }

    fn oracle(text: &str) -> Vec<(String, String)> {
        form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect()
    }

    #[test]
    fn odd_but_legal_texts_read_as_the_url_standard_says() {
        for text in [
            "",
            "&",
            "&&&a=b&&&&c=d&",
            "=b",
            "a==a",
            "a=a+b+c",
            "%=a",
            "%a_=a",
            "%61+%4d%4D=",
            "b=%2sf%2a",
            "b=%2%2af%2a",
            "b=%%2a",
            "%FE%FF",
            "%C2x",
            "\u{FEFF}t=\u{FEFF}",
            "%EF%BB%BFt=%EF%BB%BF",
            "†&†=x",
            "id=0&value=%",
            "a=%+1",
            "a=%-1",
            "a=%1",
        ] {
            assert_eq!(read(text), oracle(text), "{text:?}");
        }
    }

    #[test]
    fn a_value_is_visible_ascii_or_none() {
        assert_eq!(pair("a=%7E!x").value().as_deref(), Some("~!x"));
        assert_eq!(pair("a").value().as_deref(), Some(""));
        for raw in [
            "a=b+c", "a=%0A", "a=%00", "a=%7F", "a=%C3%A9", "a=é", "a=%FF",
        ] {
            assert_eq!(pair(raw).value(), None, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn any_text_reads_as_the_url_standard_says(text in "[a-c%&=+?#0-9A-F †\u{0}-\u{7f}]{0,40}|.{0,40}") {
            prop_assert_eq!(read(&text), oracle(&text));
        }

        #[test]
        fn what_is_written_reads_back(name in ".{0,20}", value in ".{0,20}") {
            let mut out = String::new();
            append(&mut out, &name, &value);
            prop_assert!(out.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(read(&out), vec![(name.clone(), value.clone())]);
            prop_assert_eq!(oracle(&out), vec![(name, value)]);
        }

        #[test]
        fn raw_pieces_joined_again_are_the_text_without_empty_pieces(text in "[a-c%&=]{0,30}") {
            let joined = pairs(&text).map(|pair| pair.raw).collect::<Vec<_>>().join("&");
            prop_assert_eq!(read(&joined), read(&text));
        }
    }
}
