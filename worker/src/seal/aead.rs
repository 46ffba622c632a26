//! AES-256-GCM over whole messages, and the one encoding of several texts as associated data.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use super::SealError;

/// Twelve random bytes, fresh for every message (NIST SP 800-38D §8.2.2).
pub(crate) type Nonce = [u8; 12];
/// A key of AES-256.
pub(super) type Key = [u8; 32];

/// Seals: the nonce, then the ciphertext with its tag of 16 bytes.
pub(super) fn seal(
    key: &Key,
    associated: &[u8],
    plaintext: &[u8],
    nonce: Nonce,
) -> Result<Vec<u8>, SealError> {
    let payload = Payload {
        msg: plaintext,
        aad: associated,
    };
    let ciphertext = Aes256Gcm::new(key.into())
        .encrypt(&nonce.into(), payload)
        .map_err(|_| SealError::TooLong)?;
    Ok([nonce.as_slice(), ciphertext.as_slice()].concat())
}

/// Opens what [`seal`] made with the same key and the same associated data.
pub(super) fn open(
    key: &Key,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, ciphertext) = sealed
        .split_first_chunk::<12>()
        .ok_or(SealError::Malformed)?;
    let payload = Payload {
        msg: ciphertext,
        aad: associated,
    };
    let opened = Aes256Gcm::new(key.into()).decrypt(nonce.into(), payload);
    opened.map(Zeroizing::new).map_err(|_| SealError::Tampered)
}

/// Several texts as one, without ambiguity: before each its length in 8 bytes, so that no two lists look alike.
pub(super) fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let pairs = text
            .as_bytes()
            .chunks(2)
            .map(|pair| core::str::from_utf8(pair).unwrap());
        pairs
            .map(|pair| u8::from_str_radix(pair, 16).unwrap())
            .collect()
    }

    #[test]
    fn the_published_vectors_seal_and_open() {
        let file = include_str!("../../../tests/vectors/aes-256-gcm.json");
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 4);
        for vector in vectors {
            let field = |name: &str| hex(vector[name].as_str().unwrap());
            let key: Key = field("key").try_into().unwrap();
            let nonce: Nonce = field("nonce").try_into().unwrap();
            let sealed = seal(&key, &field("associated_data"), &field("plaintext"), nonce).unwrap();
            assert_eq!(
                sealed,
                [field("nonce"), field("ciphertext"), field("tag")].concat(),
                "{}",
                vector["name"]
            );
            assert_eq!(
                *open(&key, &field("associated_data"), &sealed).unwrap(),
                field("plaintext")
            );
        }
    }

    #[test]
    fn no_two_lists_of_texts_join_to_the_same_bytes() {
        assert_ne!(joined(&[b"ab", b"c"]), joined(&[b"a", b"bc"]));
        assert_ne!(joined(&[b"ab"]), joined(&[b"ab", b""]));
        assert_ne!(joined(&[]), joined(&[b""]));
    }
}
