//! The key of one connection. What it seals can be opened as long as the key is there, and never again once its wrapped
//! form is deleted.

use core::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    SealError,
    aead::{self, Key, Nonce},
};

/// First byte of a sealed row: version 1, `1 | nonce (12) | ciphertext and tag`.
const VERSION: u8 = 1;

/// The key of one connection. `Debug` shows nothing of it, and its bytes are wiped when it is dropped.
#[derive(Clone)]
pub(crate) struct DataKey(Zeroizing<Key>);

impl DataKey {
    /// Takes 32 bytes from a cryptographic random source.
    pub(crate) fn from_random(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Seals one row. `context` is the row's identity, which is not stored with it: a row that is moved does not open.
    ///
    /// # Errors
    /// [`SealError::TooLong`] beyond 64 GiB.
    pub(crate) fn seal(
        &self,
        context: &str,
        plaintext: &[u8],
        nonce: Nonce,
    ) -> Result<Vec<u8>, SealError> {
        let sealed = aead::seal(&self.0, &associated(context), plaintext, nonce)?;
        Ok([&[VERSION], sealed.as_slice()].concat())
    }

    /// Opens what [`Self::seal`] made under the same context.
    ///
    /// # Errors
    /// [`SealError::Tampered`] or [`SealError::Malformed`]: the row is lost; never act on it.
    pub(crate) fn open(
        &self,
        context: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        match sealed.split_first() {
            Some((&VERSION, rest)) => aead::open(&self.0, &associated(context), rest),
            _ => Err(SealError::Malformed),
        }
    }

    /// What tells a value from others that this key was asked about: the first 8 bytes of an HMAC of it, in hexadecimal
    /// digits. HKDF's first output block is one (RFC 5869 §2.3).
    pub(crate) fn fingerprint(&self, value: &[u8]) -> String {
        let usage = aead::joined(&[b"fingerprint", value]);
        let mut bytes = [0; 8];
        // It fails for keys that are too short and outputs that are too long, which these are not.
        let _ = Hkdf::<Sha256>::from_prk(self.bytes()).map(|key| key.expand(&usage, &mut bytes));
        super::hex(&bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

fn associated(context: &str) -> Vec<u8> {
    aead::joined(&[b"row", &[VERSION], context.as_bytes()])
}

impl fmt::Debug for DataKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DataKey(hidden)")
    }
}
