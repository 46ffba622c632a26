//! A token with its end. Where a platform gives several ends that disagree, the earliest counts.

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::{
    exchange::AnswerFault,
    http::is_digits,
    json::{self, Json},
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
    pub(crate) expires_in: Option<&'a Json>,
    pub(crate) expires_at: Option<&'a Json>,
    /// In seconds, for an answer that says nothing.
    pub(crate) default_lifetime: u64,
}

impl TokenSet {
    pub(crate) fn new(
        access_token: AccessToken,
        lifetime: Lifetime<'_>,
        now: UnixTime,
    ) -> Result<Self, AnswerFault> {
        let expires_in = seconds(lifetime.expires_in)?;
        let expires_at = seconds(lifetime.expires_at)?;
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

/// A number of seconds as platforms write it, if they do: `3600`, `"3600"`, `3600.0`. Negative numbers count as 0, huge
/// ones as the largest; the caller clamps.
fn seconds(value: Option<&Json>) -> Result<Option<u64>, AnswerFault> {
    match value {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Whole(number)) => Ok(Some(*number)),
        Some(Json::Number(number)) => Ok(Some(whole_seconds(*number))),
        Some(Json::Text(text)) if is_digits(text) => Ok(Some(text.parse().unwrap_or(u64::MAX))),
        Some(_) => Err(AnswerFault::Lifetime),
    }
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
    let claims = json::answer(&payload).ok()?;
    seconds(claims.get("exp")).ok()?.map(UnixTime::from_seconds)
}
