//! Sealing: what is stored or put into a cookie is useless without the operator's seal keys, and noticed when changed.
//!
//! AES-256-GCM throughout. A connection has a key of its own, a [`DataKey`], and its rows are sealed with that; the data
//! key itself is stored wrapped by a master key, so that forgetting a connection is forgetting 32 bytes. Cookies are
//! sealed by a key per purpose. No master key is ever used directly: every use has a key derived from it by HKDF-SHA256.
//!
//! Random bytes are arguments. A nonce must never be used twice with one key: take 12 fresh random bytes for each call.
//! With random nonces one key is good for 2^32 messages (NIST SP 800-38D §8.3), far more than logins or refreshes make.
//!
//! The master keys' text is read in `master`, the bytes' layout is in `envelope`, the cipher in `aead`. Not in here:
//! what a row or a cookie holds, where it is stored, and where random bytes come from.

mod aead;
mod data_key;
mod envelope;
mod master;
#[cfg(test)]
mod tests;

use core::iter;

use base64ct::{Base64UrlUnpadded, Encoding};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use self::{envelope::Envelope, master::MasterKey};

pub(crate) use self::{
    aead::Nonce,
    data_key::DataKey,
    master::{HOW_TO_MAKE_A_KEY, SealKeyMistake},
};

/// What a keyed fingerprint is: see [`SealKeys::fingerprint`].
pub(crate) type Fingerprint = [u8; 32];

/// The master keys of `TILLGATE_SEAL_KEYS`: the first seals, all open. The default is none, which seals and opens
/// nothing; a configuration without apps may have it, since it stores nothing.
#[derive(Debug, Default)]
pub(crate) struct SealKeys(Vec<MasterKey>);

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether what was opened was sealed by the key that seals now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// It was.
    CurrentKey,
    /// A key that is being rotated out sealed it: seal it again when it is next written, and it survives that key.
    OlderKey,
}

/// Why something could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    /// It names a key that is not configured. It may be good: refuse, and overwrite nothing until the key is back.
    #[error("is sealed by a key that TILLGATE_SEAL_KEYS no longer names")]
    UnknownKey,
    /// It was changed, cut, or belongs to another row or purpose.
    #[error("does not belong here or was changed after it was sealed")]
    Tampered,
    /// It was never one of ours, or a later version of tillgate wrote it.
    #[error("is not in a format that this version of tillgate writes")]
    Malformed,
    /// The plaintext is longer than AES-GCM seals (64 GiB). Nothing that tillgate stores comes near.
    #[error("is too long to be sealed")]
    TooLong,
}

impl SealKeys {
    /// Reads `kid:base64url-of-32-bytes,…`. Line breaks at the end, spaces around a comma and base64 padding do no harm.
    ///
    /// # Errors
    /// Every [`SealKeyMistake`] at once, for the operator; they never hold anything of a key.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<SealKeyMistake>> {
        master::parse_list(text).map(Self)
    }

    /// Wraps a connection's key for storage. `context` is the row's identity; the same has to be given to unwrap it.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`] where no key is configured.
    pub(crate) fn wrap(
        &self,
        context: &str,
        data_key: &DataKey,
        nonce: Nonce,
    ) -> Result<Vec<u8>, SealError> {
        let master = self.current()?;
        let key = master.derive(&[b"wrap"])?;
        envelope::seal(
            master.kid(),
            &key,
            context.as_bytes(),
            data_key.bytes(),
            nonce,
        )
    }

    /// Unwraps a connection's key, and says whether it should be wrapped again.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`]: refuse and overwrite nothing. [`SealError::Tampered`] and [`SealError::Malformed`]: the
    /// row is lost; refuse, and let an administrator forget the connection.
    pub(crate) fn unwrap(
        &self,
        context: &str,
        wrapped: &[u8],
    ) -> Result<(DataKey, Freshness), SealError> {
        let envelope = Envelope::parse(wrapped)?;
        let (master, freshness) = self.find(envelope.kid)?;
        let opened = envelope.open(&*master.derive(&[b"wrap"])?, context.as_bytes())?;
        let bytes = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| SealError::Malformed)?;
        Ok((DataKey::from_random(bytes), freshness))
    }

    /// Seals a short text, such as a cookie's value, as base64url. `purpose` says what it is for: what was sealed for one
    /// purpose does not open for another, and never shares a key with it.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`] where no key is configured, [`SealError::TooLong`] beyond 64 GiB.
    pub(crate) fn seal_text(
        &self,
        purpose: &str,
        plaintext: &[u8],
        nonce: Nonce,
    ) -> Result<String, SealError> {
        let master = self.current()?;
        let key = master.derive(&[b"text", purpose.as_bytes()])?;
        let sealed = envelope::seal(master.kid(), &key, b"", plaintext, nonce)?;
        Ok(Base64UrlUnpadded::encode_string(&sealed))
    }

    /// Opens what [`Self::seal_text`] made.
    ///
    /// # Errors
    /// Every [`SealError`] means that the text is worth nothing: a cookie with it is treated as absent.
    pub(crate) fn open_text(
        &self,
        purpose: &str,
        text: &str,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let sealed = Base64UrlUnpadded::decode_vec(text).map_err(|_| SealError::Malformed)?;
        let envelope = Envelope::parse(&sealed)?;
        let (master, _) = self.find(envelope.kid)?;
        envelope.open(&*master.derive(&[b"text", purpose.as_bytes()])?, b"")
    }

    /// A keyed fingerprint under the current key: recognises a value, for instance a client secret, without storing it.
    /// Whoever reads the store cannot try values against it without the seal keys.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`] where no key is configured.
    pub(crate) fn fingerprint(
        &self,
        purpose: &str,
        value: &[u8],
    ) -> Result<Fingerprint, SealError> {
        self.current()?.fingerprint(purpose, value)
    }

    /// Whether a stored fingerprint is that of this value, under any of the keys, so that a rotation is not taken for a
    /// changed value as long as both keys are configured. `None`: the value has changed, or the key is gone.
    pub(crate) fn recognise(
        &self,
        purpose: &str,
        value: &[u8],
        stored: &[u8],
    ) -> Option<Freshness> {
        let same = |key: &MasterKey| {
            let computed = key.fingerprint(purpose, value);
            computed.is_ok_and(|computed| computed.ct_eq(stored).into())
        };
        self.with_freshness()
            .find(|(key, _)| same(key))
            .map(|(_, freshness)| freshness)
    }

    fn current(&self) -> Result<&MasterKey, SealError> {
        self.0.first().ok_or(SealError::UnknownKey)
    }

    fn find(&self, kid: &[u8]) -> Result<(&MasterKey, Freshness), SealError> {
        self.with_freshness()
            .find(|(key, _)| key.kid().as_bytes() == kid)
            .ok_or(SealError::UnknownKey)
    }

    fn with_freshness(&self) -> impl Iterator<Item = (&MasterKey, Freshness)> {
        let freshness = iter::once(Freshness::CurrentKey).chain(iter::repeat(Freshness::OlderKey));
        self.0.iter().zip(freshness)
    }
}
