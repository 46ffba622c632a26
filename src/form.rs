//! The grammar `application/x-www-form-urlencoded`, as the URL Standard reads and writes it (sections 5.1 and 5.2), and
//! its escapes. What the parameters mean is not known here.
//!
//! A crate for it weighs 1.5 KB more, half of which is the repair of what is no UTF-8: here such a text becomes one that
//! nothing accepts.

use std::borrow::Cow;

/// What stands for a text that is no UTF-8: U+FFFD.
const UNREADABLE: &str = "\u{FFFD}";
const HEX: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
];

/// The parameters of a query without its leading `?`, in their order, names and values decoded. Empty pieces, as in
/// Clover's `?&merchant_id=…`, are none.
pub fn pairs(text: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    text.split(['&'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once(['=']).unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
}

/// `+` is a space, `%` with two hex digits is that byte, everything else stands for itself.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = match byte {
            b'%' => escape(after).unwrap_or((byte, after)),
            b'+' => (b' ', after),
            _ => (byte, after),
        };
        bytes.push(byte);
        rest = after;
    }
    let readable = String::from_utf8(bytes).ok();
    readable.map_or(Cow::Borrowed(UNREADABLE), Cow::Owned)
}

/// The byte that the two hex digits in front mean, and what follows them.
fn escape(after_percent: &[u8]) -> Option<(u8, &[u8])> {
    let (&[high, low], rest) = after_percent.split_first_chunk::<2>()?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = (digit(high)? << 4) | digit(low)?;
    Some((u8::try_from(byte).ok()?, rest))
}

/// Appends `name=value`, encoded, after a `&` unless the text is empty.
pub fn append(out: &mut String, name: &str, value: &str) {
    if !out.is_empty() {
        out.push('&');
    }
    append_encoded(out, name);
    out.push('=');
    append_encoded(out, value);
}

fn append_encoded(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => push_escape(out, byte),
        }
    }
}

/// Appends a byte as `%` and two hex digits.
pub(crate) fn push_escape(out: &mut String, byte: u8) {
    out.push('%');
    for nibble in [byte >> 4, byte & 0xF] {
        out.extend(HEX.get(usize::from(nibble)));
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into(), value.into());
        pairs(text).map(owned).collect()
    }

    fn oracle(text: &str) -> Vec<(String, String)> {
        let unreadable = |text: String| match text.contains(UNREADABLE) {
            true => UNREADABLE.to_owned(),
            false => text,
        };
        form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .map(|(name, value)| (unreadable(name), unreadable(value)))
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
            "b=%%2a",
            "%FE%FF",
            "%C2x",
            "%EF%BB%BFt=%EF%BB%BF",
            "†&†=x",
            "a=%+1",
            "a=%-1",
        ] {
            assert_eq!(read(text), oracle(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_reads_as_the_url_standard_says(text in "([a-c%+=&é]|%[0-9a-fA-F]{2}){0,12}") {
            prop_assert_eq!(read(&text), oracle(&text));
        }

        #[test]
        fn what_is_written_is_what_the_url_standard_writes(pairs: Vec<(String, String)>) {
            let mut text = String::new();
            for (name, value) in &pairs {
                append(&mut text, name, value);
            }
            let mut expected = form_urlencoded::Serializer::new(String::new());
            prop_assert_eq!(text, expected.extend_pairs(&pairs).finish());
        }
    }
}
