//! The operator's master keys: how their text is read, and how the keys for use are derived from them.

use core::fmt;
use std::cell::RefCell;

use base64ct::{Base64UrlUnpadded, Encoding};
use hkdf::Hkdf;
use sha2::Sha256;
use tillgate_core::secret::is_placeholder;
use zeroize::Zeroizing;

use super::{
    Fingerprint, SealError,
    aead::{self, Key},
};

/// A command that prints the part after the colon.
pub(crate) const HOW_TO_MAKE_A_KEY: &str = "openssl rand -base64 32 | tr '+/' '-_' | tr -d =";
/// Longest key id in bytes.
const MAX_KID_BYTES: usize = 16;
/// Separates our derivations from those of anyone else who might be given the same key (RFC 5869 §3.1).
const SALT: &[u8] = b"tillgate seal keys, version 1";

/// One master key with its id.
pub(super) struct MasterKey {
    kid: String,
    key: Zeroizing<Key>,
    /// Keys that were derived, by what they are for: a derivation costs some eight blocks of SHA-256. There are few: one
    /// for wrapping, one for each kind of cookie.
    derived: RefCell<Vec<Derived>>,
}

/// What a key is for, and the key.
type Derived = (Zeroizing<Vec<u8>>, Zeroizing<Key>);

impl MasterKey {
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// The key for one use: HKDF-SHA256 (RFC 5869) with the use as `info`.
    pub(super) fn derive(&self, usage: &[&[u8]]) -> Result<Zeroizing<Key>, SealError> {
        let usage = Zeroizing::new(aead::joined(usage));
        let known = |(known, _): &&Derived| **known == *usage;
        if let Some((_, key)) = self.derived.borrow().iter().find(known) {
            return Ok(key.clone());
        }
        let key = self.expand(&usage)?;
        self.derived.borrow_mut().push((usage, key.clone()));
        Ok(key)
    }

    fn expand(&self, usage: &[u8]) -> Result<Zeroizing<Key>, SealError> {
        let mut key = Zeroizing::new([0; 32]);
        let root = Hkdf::<Sha256>::new(Some(SALT), self.key.as_slice());
        let expanded = root.expand(usage, key.as_mut_slice());
        expanded.map(|()| key).map_err(|_| SealError::TooLong)
    }

    /// HKDF's first output block is HMAC-SHA256 over `info` (RFC 5869 §2.3), which is just what a keyed fingerprint is.
    pub(super) fn fingerprint(
        &self,
        purpose: &str,
        value: &[u8],
    ) -> Result<Fingerprint, SealError> {
        let usage = Zeroizing::new(aead::joined(&[b"fingerprint", purpose.as_bytes(), value]));
        self.expand(&usage).map(|key| *key)
    }

    fn parse(entry: &str) -> Result<Self, SealKeyError> {
        let (kid, text) = entry.split_once(':').ok_or(SealKeyError::Shape)?;
        let is_kid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=MAX_KID_BYTES).contains(&kid.len()) || !kid.bytes().all(is_kid) {
            return Err(SealKeyError::Kid);
        }
        if is_placeholder(text) {
            return Err(SealKeyError::Placeholder);
        }
        let bytes = Base64UrlUnpadded::decode_vec(text.trim_end_matches('='))
            .map_err(|_| SealKeyError::Base64)?;
        let bytes = Zeroizing::new(bytes);
        let key: Key = bytes
            .as_slice()
            .try_into()
            .map_err(|_| SealKeyError::Length { bytes: bytes.len() })?;
        let key = Zeroizing::new(key);
        if key.iter().all(|byte| Some(byte) == key.first()) {
            return Err(SealKeyError::Weak);
        }
        Ok(Self {
            kid: kid.to_owned(),
            key,
            derived: RefCell::default(),
        })
    }

    fn clash(&self, earlier: &[Self]) -> Option<SealKeyError> {
        if earlier.iter().any(|key| key.kid == self.kid) {
            return Some(SealKeyError::RepeatedKid);
        }
        earlier
            .iter()
            .any(|key| key.key == self.key)
            .then_some(SealKeyError::RepeatedKey)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MasterKey({}, hidden)", self.kid)
    }
}

/// The keys in their order, at least one.
pub(super) fn parse_list(text: &str) -> Result<Vec<MasterKey>, Vec<SealKeyMistake>> {
    let (mut keys, mut mistakes) = (Vec::new(), Vec::new());
    for (index, entry) in text.trim().split(',').enumerate() {
        let read =
            MasterKey::parse(entry.trim()).and_then(|key| key.clash(&keys).map_or(Ok(key), Err));
        match read {
            Ok(key) => keys.push(key),
            Err(error) => mistakes.push(SealKeyMistake { index, error }),
        }
    }
    if mistakes.is_empty() {
        Ok(keys)
    } else {
        Err(mistakes)
    }
}

/// What is wrong with one of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SealKeyMistake {
    /// Which one; the first is 0.
    pub(crate) index: usize,
    /// What is wrong with it.
    pub(crate) error: SealKeyError,
}

/// Why a text is no master key. The operator corrects the secret; nothing of it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealKeyError {
    /// No colon.
    #[error(
        "must be a key id, a colon and 32 random bytes in base64url, such as `k1:…`; make the bytes with `{HOW_TO_MAKE_A_KEY}`"
    )]
    Shape,
    /// The part before the colon.
    #[error(
        "must begin with a key id of 1 to {MAX_KID_BYTES} letters, digits, `-` or `_` before the colon"
    )]
    Kid,
    /// The part after the colon is of another alphabet.
    #[error(
        "is not base64url of 32 bytes after the colon (43 letters, digits, `-` and `_`); make one with `{HOW_TO_MAKE_A_KEY}`"
    )]
    Base64,
    /// It is base64url, but not of 32 bytes.
    #[error("holds {bytes} bytes instead of 32; make one with `{HOW_TO_MAKE_A_KEY}`")]
    Length {
        /// How many there are.
        bytes: usize,
    },
    /// One byte, repeated.
    #[error(
        "is one byte repeated, which anyone can guess; make a random one with `{HOW_TO_MAKE_A_KEY}`"
    )]
    Weak,
    /// The text of an example.
    #[error("is a placeholder from the documentation; make a key with `{HOW_TO_MAKE_A_KEY}`")]
    Placeholder,
    /// An earlier key has the same id.
    #[error("has the key id of an earlier key; give every key an id of its own")]
    RepeatedKid,
    /// An earlier key has the same bytes.
    #[error("is the same key as an earlier one under another id; rotating needs a new key")]
    RepeatedKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 32 bytes 0, 1, 2, … and 255, 254, 253, …
    const K1: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const K2: &str = "k2:__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA";

    fn refusals(text: &str) -> Vec<(usize, SealKeyError)> {
        parse_list(text)
            .map(|_| ())
            .unwrap_err()
            .into_iter()
            .map(|mistake| (mistake.index, mistake.error))
            .collect()
    }

    #[test]
    fn keys_may_have_padding_spaces_around_commas_and_a_line_break_at_the_end() {
        let keys = parse_list(&format!("{K2}= , {K1}\n")).unwrap();
        assert_eq!(
            keys.iter().map(MasterKey::kid).collect::<Vec<_>>(),
            ["k2", "k1"]
        );
    }

    #[test]
    fn each_wrong_key_is_named_with_its_reason_and_all_are_named_at_once() {
        let short = "k3:AAECAwQFBgcICQoLDA0ODw";
        assert_eq!(
            refusals(&format!("{short},{K1}")),
            [(0, SealKeyError::Length { bytes: 16 })]
        );
        assert_eq!(
            refusals(&format!("{K1},{K1}")),
            [(1, SealKeyError::RepeatedKid)]
        );
        assert_eq!(
            refusals(&format!("{K1},{}", K1.replace("k1", "k9"))),
            [(1, SealKeyError::RepeatedKey)]
        );
        assert_eq!(refusals(""), [(0, SealKeyError::Shape)]);
        assert_eq!(refusals(&format!("{K1},")), [(1, SealKeyError::Shape)]);
        assert_eq!(refusals(&K1.replace("k1:", "")), [(0, SealKeyError::Shape)]);
        assert_eq!(
            refusals(&K1.replace("k1", "key one")),
            [(0, SealKeyError::Kid)]
        );
        assert_eq!(
            refusals(&K1.replace("k1", "seventeen-letters")),
            [(0, SealKeyError::Kid)]
        );
        assert_eq!(
            refusals(&K1.replace("AAEC", "AA/+")),
            [(0, SealKeyError::Base64)]
        );
        assert_eq!(
            refusals("k1:your_seal_key_here"),
            [(0, SealKeyError::Placeholder)]
        );
        assert_eq!(
            refusals("k1:base64url-of-32-bytes"),
            [(0, SealKeyError::Base64)]
        );
        assert_eq!(
            refusals(&format!("k1:{}", "A".repeat(43))),
            [(0, SealKeyError::Weak)]
        );
        assert_eq!(
            refusals("x,y"),
            [(0, SealKeyError::Shape), (1, SealKeyError::Shape)]
        );
    }
}
