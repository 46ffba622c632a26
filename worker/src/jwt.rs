//! Callers that prove themselves with a JWT of an issuer that the operator trusts.
//!
//! Everything is decided here but the signature, which WebCrypto checks (`worker/jwt.js`): a token is taken apart
//! ([`token`]), its claims are compared with the callers of the configuration ([`claims`]), and only then do keys matter
//! ([`keys`], [`ring`]). The issuer's address of its keys comes from the configuration and never from a token. Who is
//! refused learns only that the token is not valid here.
//!
//! Standards: RFC 7519 (JWT), 7515 (signatures), 7517 (keys), 7518 and 8037 (algorithms), 8725 (best practice), 9068
//! (access tokens).

mod claims;
mod keys;
mod ring;
#[cfg(test)]
mod tests;
mod token;

use tillgate_core::json::Json;

use crate::{
    callers::bearer,
    config::{Caller, Callers, JwtCaller},
    handle::Context,
    problem::{Code, Problem},
    step::{Proof, Step, Verify},
};

pub(crate) use self::ring::Ring;
use self::{ring::Advice, token::Token};

/// Finds the caller whose JWT came as bearer, and keeps it in the context. The value is what has to be done first, if
/// anything. Where no JWT came, nothing happens: the credential is a key.
///
/// # Errors
/// `unauthenticated` for a token that is not valid here; `platform_unavailable` if its issuer's keys cannot be had.
pub(crate) fn identify(context: &Context<'_>) -> Result<Option<Step>, Problem> {
    let callers = &context.config.callers;
    if callers.with_jwt().is_empty() {
        // Spares those who call with keys a copy of the header.
        return Ok(None);
    }
    let authorization = context.incoming.headers.get("authorization");
    let Some(text) = authorization
        .as_deref()
        .and_then(|text| meant(callers, text))
    else {
        return Ok(None);
    };
    let token = Token::parse(text).ok_or_else(refused)?;
    let now = context.incoming.now;
    let holds = |caller: &&JwtCaller| {
        claims::hold(
            &token.claims,
            &caller.issuer.name,
            &caller.issuer.audience,
            now,
        )
    };
    let caller = callers.with_jwt().iter().find(holds).ok_or_else(refused)?;
    if context.event.proof == Some(Proof::Good) {
        context.caller.get_or_init(|| caller.of(&token.claims));
        return Ok(None);
    }
    prove(context, &token, caller.issuer.jwks_url.as_str()).map(Some)
}

/// Whether an `Authorization` header holds a JWT, and not a key.
pub(crate) fn is_meant(callers: &Callers, authorization: &str) -> bool {
    meant(callers, authorization).is_some()
}

fn meant<'a>(callers: &Callers, authorization: &'a str) -> Option<&'a str> {
    let bearer = bearer(authorization).filter(|text| token::has_form(text));
    bearer.filter(|_| !callers.with_jwt().is_empty())
}

/// Has the signature checked, or the keys fetched for that.
fn prove(context: &Context<'_>, token: &Token<'_>, url: &str) -> Result<Step, Problem> {
    let now = context.incoming.now;
    let mut ring = context.ring.borrow_mut();
    let issuer = ring.issuer(url).ok_or_else(refused)?;
    let keys = issuer.fitting(token, now);
    if keys.is_empty() || context.event.proof == Some(Proof::Bad(issuer.generation)) {
        return match issuer.lacking(now) {
            Advice::Fetch => Ok(Step::Keys(url.to_owned())),
            Advice::Wait => Ok(Step::Wait),
            Advice::Refuse => Err(refused()),
            Advice::Unavailable(seconds) => Err(unavailable(seconds)),
        };
    }
    Ok(Step::Verify(Box::new(Verify {
        algorithm: token.algorithm.as_str(),
        keys,
        signed: token.signed.to_owned(),
        signature: token.signature.clone(),
        generation: issuer.generation,
        refresh: issuer.is_due(now).then(|| url.to_owned()),
    })))
}

impl JwtCaller {
    /// The caller with what the claims say.
    fn of(&self, claims: &Json) -> Caller {
        let accounts = self.claim.as_deref();
        let accounts = accounts.map(|name| claims::accounts(claims, name));
        self.caller.clone().with_accounts(accounts)
    }
}

/// One text for every reason: what a stranger sent is nothing to explain to them.
fn refused() -> Problem {
    Problem::new(
        Code::Unauthenticated,
        "The token is not valid here. Get a new one from its issuer and send it as Authorization: Bearer.",
    )
}

fn unavailable(seconds: u64) -> Problem {
    Problem::new(
        Code::PlatformUnavailable,
        "The keys of the token's issuer cannot be had. Try again after retry_after seconds.",
    )
    .retry_after(seconds)
}
