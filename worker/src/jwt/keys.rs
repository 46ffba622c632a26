//! An issuer's public keys: a JWK Set (RFC 7517) as far as its keys may sign a token.
//!
//! The key decides the algorithm (RFC 8725 §3.1): an RSA key verifies RS256, one on P-256 ES256, one on Ed25519 EdDSA, and
//! no key verifies anything else. So `none` and HS256 cannot be asked for, whatever a token's header says. When keys are
//! fetched is in `ring`.

use tillgate_core::json::{Json, Object};

use super::token::decode;

/// Longest set of keys in bytes; `worker/jwt.js` reads no more. A set with certificates has some 3 KB for each key.
pub(crate) const MAX_SET_BYTES: usize = 64 * 1024;
/// Most keys of one set that are used; an issuer that rotates has two or three.
const MAX_KEYS: usize = 32;
/// Shortest and longest RSA modulus in bits: RFC 7518 §3.3 asks for 2048, and beyond 8192 a check costs milliseconds.
const RSA_BITS: core::ops::RangeInclusive<usize> = 2048..=8192;
/// Bytes of a coordinate on P-256 (RFC 7518 §6.2.1.2) and of an Ed25519 key (RFC 8032 §5.1.5).
const POINT_BYTES: usize = 32;

/// How a token may be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    Rs256,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256,
    /// Ed25519 (RFC 8037 §3.1).
    EdDsa,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// Its name in `alg`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this name, in this very spelling.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

/// A key that may sign tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Its name within the set.
    pub(crate) kid: Option<String>,
    /// The one algorithm it verifies.
    pub(crate) algorithm: Algorithm,
    /// The public key alone, as a JWK.
    pub(crate) jwk: String,
}

/// The usable keys of a set; those of other kinds and purposes are passed over (RFC 7517 §5). `None`: it is no set.
pub(crate) fn read(text: &[u8]) -> Option<Vec<Key>> {
    if text.len() > MAX_SET_BYTES {
        return None;
    }
    let set = Json::parse_strictly(text).ok()?;
    let mut keys = Vec::new();
    for key in set.get("keys")?.items()?.iter().filter_map(Key::read) {
        keys.push(key);
        if keys.len() == MAX_KEYS {
            break;
        }
    }
    Some(keys)
}

impl Key {
    fn read(json: &Json) -> Option<Self> {
        let (algorithm, members): (_, &[&str]) = match json.text("kty")? {
            "RSA" if is_rsa(json)? => (Algorithm::Rs256, &["kty", "n", "e"]),
            "EC" if is_on(json, "P-256", &["x", "y"]) => {
                (Algorithm::Es256, &["kty", "crv", "x", "y"])
            }
            "OKP" if is_on(json, "Ed25519", &["x"]) => (Algorithm::EdDsa, &["kty", "crv", "x"]),
            _ => return None,
        };
        let kid = match json.get("kid") {
            Some(kid) => Some(kid.as_text()?),
            None => None,
        };
        if !is_meant_for(json, algorithm) {
            return None;
        }
        let mut jwk = Object::new();
        for member in members {
            jwk.text(member, json.text(member)?);
        }
        Some(Self {
            kid: kid.map(str::to_owned),
            algorithm,
            jwk: jwk.finish(),
        })
    }
}

/// Whether the key's owner meant it for checking such signatures (RFC 7517 §4.2 to §4.4), and has not published its
/// private half, with which anybody could sign.
fn is_meant_for(json: &Json, algorithm: Algorithm) -> bool {
    let is = |key, text| {
        json.get(key)
            .is_none_or(|value| value.as_text() == Some(text))
    };
    let verifies = json.get("key_ops").is_none_or(|operations| {
        let operations = operations.items().unwrap_or_default();
        operations
            .iter()
            .any(|word| word.as_text() == Some("verify"))
    });
    is("alg", algorithm.as_str()) && is("use", "sig") && verifies && json.get("d").is_none()
}

/// Whether modulus and exponent are ones that can be trusted: `None` if they are not even numbers.
fn is_rsa(json: &Json) -> Option<bool> {
    let (modulus, exponent) = (number(json, "n")?, number(json, "e")?);
    let zeros = usize::try_from(modulus.first()?.leading_zeros()).ok()?;
    let bits = modulus.len().saturating_mul(8).saturating_sub(zeros);
    let odd = exponent.last().is_some_and(|byte| byte % 2 == 1);
    Some(RSA_BITS.contains(&bits) && odd && exponent != [1])
}

/// A whole number without its leading zeros (RFC 7518 §2, Base64urlUInt).
fn number(json: &Json, member: &str) -> Option<Vec<u8>> {
    let mut bytes = decode(json.text(member)?)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    Some(bytes)
}

fn is_on(json: &Json, curve: &str, members: &[&str]) -> bool {
    let is_coordinate = |member: &&str| {
        let bytes = json.text(member).and_then(decode);
        bytes.is_some_and(|bytes| bytes.len() == POINT_BYTES)
    };
    json.text("crv") == Some(curve) && members.iter().all(is_coordinate)
}
