//! The layout of what a master key has sealed: `1 | length of kid | kid | nonce (12) | ciphertext and tag`.
//!
//! The key id stands in front in the clear, so that rotation needs no trials. It is part of the associated data.

use zeroize::Zeroizing;

use super::{
    SealError,
    aead::{self, Key, Nonce},
};

/// First byte of everything in this layout.
const VERSION: u8 = 1;

/// Sealed bytes, taken apart.
pub(super) struct Envelope<'a> {
    /// Which master key sealed it.
    pub(super) kid: &'a [u8],
    sealed: &'a [u8],
}

impl<'a> Envelope<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, SealError> {
        let Some((&[VERSION, length], rest)) = bytes.split_first_chunk::<2>() else {
            return Err(SealError::Malformed);
        };
        let (kid, sealed) = rest
            .split_at_checked(usize::from(length))
            .ok_or(SealError::Malformed)?;
        Ok(Self { kid, sealed })
    }

    /// Opens with the key that was derived from the master key of that id.
    pub(super) fn open(&self, key: &Key, context: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        aead::open(key, &associated(self.kid, context), self.sealed)
    }
}

/// Seals with a key that was derived from the master key called `kid`.
pub(super) fn seal(
    kid: &str,
    key: &Key,
    context: &[u8],
    plaintext: &[u8],
    nonce: Nonce,
) -> Result<Vec<u8>, SealError> {
    let length = u8::try_from(kid.len()).map_err(|_| SealError::TooLong)?;
    let sealed = aead::seal(key, &associated(kid.as_bytes(), context), plaintext, nonce)?;
    Ok([&[VERSION, length], kid.as_bytes(), sealed.as_slice()].concat())
}

fn associated(kid: &[u8], context: &[u8]) -> Vec<u8> {
    aead::joined(&[b"envelope", &[VERSION], kid, context])
}
