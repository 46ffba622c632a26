//! A JWT as it arrives, taken apart: three segments in the one form that is accepted, before anything in it is believed.
//!
//! Compact serialization (RFC 7515 §3.1) of a signed JWT (RFC 7519 §7.2), read as RFC 8725 advises: what is not needed is
//! refused. Keys or addresses of keys in the header (`jwk`, `jku`, `x5c`, `x5u`) are not looked at, since whoever writes
//! the token writes them. Whether the claims fit is in `claims`, which key may have signed in `keys`.

use base64ct::{Base64UrlUnpadded, Encoding};
use tillgate_core::json::Json;

use super::keys::Algorithm;

/// Longest token in bytes: several times one with a few dozen claims, and half of what servers take in all headers.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// The types of token that are accepted (RFC 7519 §5.1, RFC 9068 §2.1), after an optional `application/`.
const TYPES: [&str; 2] = ["jwt", "at+jwt"];

/// A token of which nothing is proved yet.
pub(crate) struct Token<'a> {
    /// The algorithm that its header names.
    pub(crate) algorithm: Algorithm,
    /// Which of its issuer's keys it names.
    pub(crate) kid: Option<String>,
    /// The payload, an object.
    pub(crate) claims: Json,
    /// The bytes that are signed: header, dot, payload.
    pub(crate) signed: &'a str,
    /// The signature.
    pub(crate) signature: Vec<u8>,
}

/// Whether a credential is meant as a JWT: it has two dots. Anything else is a key.
pub(crate) fn has_form(credential: &str) -> bool {
    credential.bytes().filter(|byte| *byte == b'.').count() == 2
}

impl<'a> Token<'a> {
    /// Takes a token apart. `None`: it is not one, or not one of those that are accepted.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if text.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (signed, signature) = text.rsplit_once(['.'])?;
        let (header, payload) = signed.split_once('.')?;
        let (algorithm, kid) = accepted(&object(header)?)?;
        Some(Self {
            algorithm,
            kid,
            claims: object(payload)?,
            signed,
            signature: decode(signature)?,
        })
    }
}

/// What a header says of the signature, if such tokens are accepted.
fn accepted(header: &Json) -> Option<(Algorithm, Option<String>)> {
    // An extension that has to be understood (RFC 7515 §4.1.11); none is.
    if header.get("crit").is_some() || !has_accepted_type(header) {
        return None;
    }
    let algorithm = Algorithm::parse(header.text("alg")?)?;
    let kid = match header.get("kid") {
        Some(kid) => Some(kid.as_text()?.to_owned()),
        None => None,
    };
    Some((algorithm, kid))
}

/// Base64url without padding, in the one spelling that each sequence of bytes has (RFC 7515 §2); never empty.
pub(super) fn decode(segment: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(segment)
        .ok()
        .filter(|bytes| !bytes.is_empty())
}

/// A segment that holds a JSON object, no key of which stands twice (RFC 7515 §4, RFC 7519 §4).
fn object(segment: &str) -> Option<Json> {
    let json = Json::parse_strictly(&decode(segment)?).ok()?;
    json.entries().is_some().then_some(json)
}

fn has_accepted_type(header: &Json) -> bool {
    let Some(typ) = header.get("typ") else {
        return true;
    };
    let typ = typ.as_text().unwrap_or_default().to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    TYPES.contains(&typ)
}
