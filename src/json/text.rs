//! Texts in JSON: the runs of bytes that stand for themselves, and the escapes between them (RFC 8259 §7).

use core::str;

use super::read::{Fault, Reader};

/// A byte with this value in each place of a word.
const EACH: u64 = u64::MAX / 0xFF;

/// How many bytes at the beginning stand for themselves in a text: none of them is a quotation mark, a backslash or a
/// control below U+0020.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk()
        && is_plain_word(*word)
    {
        rest = behind;
    }
    while let [byte, behind @ ..] = rest
        && is_plain(*byte)
    {
        rest = behind;
    }
    bytes.len().saturating_sub(rest.len())
}

const fn is_plain(byte: u8) -> bool {
    !matches!(byte, b'"' | b'\\' | 0..=0x1F)
}

/// Whether all bytes of a word are plain. A subtraction borrows from a byte's highest bit if the byte is less, which only
/// counts where that bit was not set before (Mycroft's trick).
fn is_plain_word(word: [u8; 8]) -> bool {
    let word = u64::from_le_bytes(word);
    let less = |word: u64, than: u8| word.wrapping_sub(EACH.wrapping_mul(than.into())) & !word;
    let is = |byte: u8| less(word ^ EACH.wrapping_mul(byte.into()), 1);
    (less(word, 0x20) | is(b'"') | is(b'\\')) & EACH.wrapping_mul(0x80) == 0
}

impl Reader<'_> {
    /// The text at whose opening quotation mark this stands.
    pub(super) fn text(&mut self) -> Result<String, Fault> {
        self.skip();
        let mut text = self.plain()?.to_owned();
        loop {
            match self.rest.first() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.skip();
                    text.push(self.escaped()?);
                    text.push_str(self.plain()?);
                }
                Some(_) => return Err(Fault::ControlCharacter),
                None => return Err(Fault::EndsEarly),
            }
        }
        self.skip();
        Ok(text)
    }

    fn plain(&mut self) -> Result<&str, Fault> {
        let length = plain_length(self.rest);
        let (plain, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        let plain = str::from_utf8(plain).map_err(|_| Fault::Encoding)?;
        self.rest = rest;
        Ok(plain)
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Result<char, Fault> {
        let Some(byte) = self.rest.first() else {
            return Err(Fault::EndsEarly);
        };
        let character = match byte {
            b'"' | b'\\' | b'/' => char::from(*byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.skip();
                return self.code_point();
            }
            _ => return Err(Fault::Escape),
        };
        self.skip();
        Ok(character)
    }

    /// The character of one UTF-16 code unit, or of two that are a pair; of a pair there is never one alone.
    fn code_point(&mut self) -> Result<char, Fault> {
        let mut code = self.code_unit()?;
        if code & 0xFC00 == 0xD800 {
            self.rest = self.rest.strip_prefix(b"\\u").ok_or(Fault::Escape)?;
            let low = self.code_unit()?;
            if low & 0xFC00 != 0xDC00 {
                return Err(Fault::Escape);
            }
            code = ((code & 0x3FF) << 10 | (low & 0x3FF)).wrapping_add(0x1_0000);
        }
        char::from_u32(code).ok_or(Fault::Escape)
    }

    fn code_unit(&mut self) -> Result<u32, Fault> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(byte) = self.rest.first() else {
                return Err(Fault::EndsEarly);
            };
            unit = unit << 4 | char::from(*byte).to_digit(16).ok_or(Fault::Escape)?;
            self.skip();
        }
        Ok(unit)
    }
}
