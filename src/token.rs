//! A token with its end. Where a platform gives several ends that disagree, the earliest counts.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use crate::{
    exchange::AnswerFault,
    secret::AccessToken,
    time::{DAY, MINUTE, UnixTime},
};

/// Shortest lifetime in seconds that is believed; less would make a loop of exchanges.
pub const MIN_LIFETIME: u64 = MINUTE;
/// Longest lifetime in seconds that is believed: Clover's year, with a day to spare.
pub const MAX_LIFETIME: u64 = 366 * DAY;

/// An access token, when it was obtained and when it ends.
#[derive(Clone, Debug)]
pub struct TokenSet {
    access_token: AccessToken,
    obtained_at: UnixTime,
    expires_at: UnixTime,
}

/// What an answer says of a token's end: `expires_in` in seconds, `expires_at` in seconds since the epoch.
pub(crate) struct Lifetime<'a> {
    pub(crate) expires_in: Option<&'a Value>,
    pub(crate) expires_at: Option<&'a Value>,
    /// In seconds, for an answer that says nothing.
    pub(crate) default_lifetime: u64,
}

impl TokenSet {
    pub(crate) fn new(
        access_token: AccessToken,
        lifetime: Lifetime<'_>,
        now: UnixTime,
    ) -> Result<Self, AnswerFault> {
        let expires_in = lifetime
            .expires_in
            .filter(|value| !value.is_null())
            .map(seconds)
            .transpose()?;
        let expires_at = lifetime
            .expires_at
            .filter(|value| !value.is_null())
            .map(seconds)
            .transpose()?;
        let stated = [
            expires_in.map(|seconds| now.plus(seconds)),
            expires_at.map(UnixTime::from_seconds),
            jwt_expiry(
                access_token.expose("a JWT's own exp may be earlier than what the answer says"),
            ),
        ];
        let earliest = stated
            .into_iter()
            .flatten()
            .min()
            .unwrap_or_else(|| now.plus(lifetime.default_lifetime));
        let expires_at = now.plus(now.until(earliest).clamp(MIN_LIFETIME, MAX_LIFETIME));
        Ok(Self {
            access_token,
            obtained_at: now,
            expires_at,
        })
    }

    /// A token as it comes out of the store.
    pub fn restore(access_token: AccessToken, obtained_at: UnixTime, expires_at: UnixTime) -> Self {
        Self {
            access_token,
            obtained_at,
            expires_at,
        }
    }

    /// The token.
    pub fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// When the platform issued it, by our clock.
    pub fn obtained_at(&self) -> UnixTime {
        self.obtained_at
    }

    /// When it must no longer be sent.
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }
}

/// A number of seconds as platforms write it: `3600`, `"3600"`, `3600.0`. Negative numbers count as 0, huge ones as the
/// largest; the caller clamps.
fn seconds(value: &Value) -> Result<u64, AnswerFault> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    };
    number
        .filter(|number| number.is_finite())
        .map(whole_seconds)
        .ok_or(AnswerFault::Lifetime)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "a float-to-integer `as` saturates at both ends, which is what is wanted"
)]
fn whole_seconds(number: f64) -> u64 {
    number as u64
}

/// The `exp` of a token that happens to be a JWT (RFC 7519 §4.1.4). The signature is the platform's business: a wrong
/// `exp` can only make the token end sooner.
fn jwt_expiry(token: &str) -> Option<UnixTime> {
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = Base64UrlUnpadded::decode_vec(payload).ok()?;
    let claims = crate::json::object(&payload).ok()?;
    claims
        .get("exp")
        .and_then(|exp| seconds(exp).ok())
        .map(UnixTime::from_seconds)
}
