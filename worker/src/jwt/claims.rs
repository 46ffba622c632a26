//! What a token says of itself: by whom it was issued, for whom, when it may be used, and for which accounts.

use core::slice;

use tillgate_core::{
    json::Json,
    time::{MINUTE, UnixTime},
};

/// By how many seconds the issuer's clock may differ from ours (RFC 7519 §4.1.4: "a small leeway").
pub(crate) const LEEWAY: u64 = MINUTE;
/// The last second of the year 9999: what lies beyond is no time.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// Whether a token is issued by `issuer` for `audience` and may be used now (RFC 7519 §4.1): `iss` and `aud` have to be
/// there and compare by their very characters, `exp` has to be there, `nbf` and `iat` hold if they are there.
pub(crate) fn hold(claims: &Json, issuer: &str, audience: &str, now: UnixTime) -> bool {
    claims.text("iss") == Some(issuer)
        && is_for(claims, audience)
        && time(claims, "exp").is_some_and(|end| now < end.plus(LEEWAY))
        && ["nbf", "iat"].iter().all(|name| {
            let has_begun = |begin: UnixTime| begin <= now.plus(LEEWAY);
            claims.get(name).is_none() || time(claims, name).is_some_and(has_begun)
        })
}

/// The accounts in a claim: a text, or a list of nothing but texts. Anything else is none.
pub(crate) fn accounts(claims: &Json, name: &str) -> Vec<String> {
    let mut accounts = Vec::new();
    for account in texts(claims, name).unwrap_or_default() {
        accounts.push(account.to_owned());
    }
    accounts
}

fn is_for(claims: &Json, audience: &str) -> bool {
    texts(claims, "aud").is_some_and(|audiences| audiences.contains(&audience))
}

fn texts<'a>(claims: &'a Json, name: &str) -> Option<Vec<&'a str>> {
    let claim = claims.get(name)?;
    let mut texts = Vec::new();
    for item in claim.items().unwrap_or(slice::from_ref(claim)) {
        texts.push(item.as_text()?);
    }
    Some(texts)
}

/// A NumericDate (RFC 7519 §2), rounded down to a second. `None` for what is none: a text, less than zero, the far future.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "only what lies in the range is converted, and that is far below 2^53"
)]
fn time(claims: &Json, name: &str) -> Option<UnixTime> {
    let seconds = match claims.get(name)? {
        Json::Whole(seconds) => *seconds as f64,
        Json::Number(seconds) => *seconds,
        _ => return None,
    };
    let is_time = (0.0..=LAST_SECOND).contains(&seconds);
    is_time.then(|| UnixTime::from_seconds(seconds as u64))
}
