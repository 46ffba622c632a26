//! Clearline: OAuth 2.0 client credentials with HTTP Basic (RFC 6749 §4.4, §2.3.1).
//!
//! Source: "Client Credentials Grant Authorization (POS Authorization)" of the Clearline documentation. Errors are read
//! as its server writes them (always 400 with an `error`) and as stricter servers do (401 with `WWW-Authenticate`).

use crate::{
    endpoint::{ApiBase, Endpoint},
    exchange::{Exchange, ExchangeError, Reader, common_failure},
    http::{Request, Response},
    json, rfc6749,
    secret::ClientSecret,
    time::{HOUR, UnixTime},
    token::TokenSet,
};

pub use crate::rfc6749::BasicEncoding;

/// Lifetime of a token in seconds where the answer does not say ("typically 3600").
const TOKEN_LIFETIME: u64 = HOUR;
/// The only scope of the documentation. Leaving it out would grant every scope, so it is always sent.
const SCOPE: &str = "pos_integration";

/// One registration at Clearline.
#[derive(Clone, Debug)]
pub struct App {
    /// "The unique identifier for your POS integration."
    pub client_id: String,
    /// "A secure secret key associated with the client ID."
    pub client_secret: ClientSecret,
    /// Where tokens are asked for.
    pub token_endpoint: Endpoint,
    /// What API paths are appended to.
    pub api: ApiBase,
    /// How the credentials are encoded.
    pub basic: BasicEncoding,
}

/// The request that obtains a token.
pub fn client_credentials(app: &App) -> Exchange {
    let body = rfc6749::form(&[("grant_type", "client_credentials"), ("scope", SCOPE)]);
    let request = Request::post(
        app.token_endpoint.clone(),
        "application/x-www-form-urlencoded",
        body,
    )
    .header(
        "authorization",
        rfc6749::basic(&app.client_id, &app.client_secret, app.basic),
    );
    Exchange::new(request, Reader::Clearline)
}

/// Reads the answer to [`client_credentials`].
pub(crate) fn read(response: &Response, now: UnixTime) -> Result<TokenSet, ExchangeError> {
    if let Some(failure) = common_failure(response) {
        return Err(failure);
    }
    if response.status != 200 {
        let answer = json::answer(&response.body).ok();
        let error = answer.as_ref().and_then(|answer| answer.text("error"));
        return Err(rfc6749::refusal(response.status, error));
    }
    rfc6749::token_set(
        &json::answer(&response.body)?,
        "access_token",
        TOKEN_LIFETIME,
        now,
    )
}
