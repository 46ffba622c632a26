//! Clover v1 OAuth for Europe and Latin America: send the merchant to log in, redeem the code, prove the merchant.
//!
//! Source: "Authenticate with OAuth—Europe and Latin America" of the Clover documentation. Checking the callback is
//! [`crate::authorization`]'s work. There is neither refresh nor revocation: a token lives for a year and a new one
//! needs the merchant. The expiring tokens of Clover's v2 flow would be a sibling of this module.

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::{
    authorization::{Authorization, Callback},
    endpoint::{ApiBase, Endpoint},
    exchange::{AnswerFault, Exchange, ExchangeError, Reach, Reader, common_failure},
    http::{Request, Response},
    json::{self, Json, Object},
    rfc6749,
    secret::{AccessToken, ClientSecret},
    text,
    time::{DAY, UnixTime},
    token::TokenSet,
};

/// "The API token has a lifespan of one year", in seconds.
const TOKEN_LIFETIME: u64 = 365 * DAY;
/// Longest merchant id in bytes; Clover's have 13.
const MAX_MERCHANT_ID_BYTES: usize = 64;

/// One registration at Clover.
#[derive(Clone, Debug)]
pub struct App {
    /// "App ID or Client ID."
    pub client_id: String,
    /// "App Secret or Client Secret."
    pub client_secret: ClientSecret,
    /// Where merchants are sent to log in.
    pub authorize_endpoint: Endpoint,
    /// Where codes are redeemed.
    pub token_endpoint: Endpoint,
    /// What API paths are appended to.
    pub api: ApiBase,
    /// Where Clover sends merchants back to.
    pub redirect_uri: Endpoint,
    /// How the token request is written.
    pub token_request: TokenRequest,
}

/// The two forms of the token request that the documentation shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenRequest {
    /// GET with everything in the query: the form that has a URL in the documentation.
    #[default]
    Query,
    /// POST with the same three values as JSON.
    Json,
}

/// A Clover merchant: 1 to 64 letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantId(String);

impl MerchantId {
    /// Reads a merchant id; `None` if it could not be one path segment.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=MAX_MERCHANT_ID_BYTES).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        fits.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Random bytes for one `state`; whoever has a random source makes them.
pub type Entropy = [u8; 32];

/// The URL to send a browser to, and what has to be remembered of it until it comes back.
///
/// `response_type` is always sent, since an app's own default may be `token`. `merchant_id` skips Clover's account
/// selection.
pub fn authorize(
    app: &App,
    entropy: Entropy,
    now: UnixTime,
    return_to: &str,
    merchant_id: Option<&MerchantId>,
) -> (String, Authorization) {
    let state = Base64UrlUnpadded::encode_string(&entropy);
    let mut query = vec![
        ("client_id", app.client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("state", state.as_str()),
    ];
    query.extend(merchant_id.map(|merchant_id| ("merchant_id", merchant_id.as_str())));
    let url = format!(
        "{}?{}",
        app.authorize_endpoint.as_str(),
        rfc6749::form(&query)
    );
    let authorization = Authorization::new(state, app, return_to, now);
    (url, authorization)
}

/// The request that turns a checked callback's code into a token. The code is one-time: send it once, never again.
pub fn redeem(app: &App, callback: Callback) -> Exchange {
    let client_secret = app
        .client_secret
        .expose("Clover takes the secret in its token request");
    let code = callback.into_code();
    let values = [
        ("client_id", app.client_id.as_str()),
        ("client_secret", client_secret),
        (
            "code",
            code.expose("Clover takes the code in its token request"),
        ),
    ];
    let endpoint = app.token_endpoint.clone();
    let request = match app.token_request {
        TokenRequest::Query => Request::get(endpoint).query(rfc6749::form(&values)),
        TokenRequest::Json => {
            let mut body = Object::new();
            for (key, value) in values {
                body.text(key, value);
            }
            Request::post(endpoint, "application/json", body.finish())
        }
    };
    Exchange::new(request, Reader::Clover)
}

/// Reads the answer to [`redeem`]: `{"access_token": …}` and nothing else, or a refusal in one of several shapes.
pub(crate) fn read(response: &Response, now: UnixTime) -> Result<TokenSet, ExchangeError> {
    if let Some(failure) = common_failure(response) {
        return Err(failure);
    }
    if response.status != 200 {
        return Err(refusal(response));
    }
    rfc6749::token_set(
        &json::answer(&response.body)?,
        "access_token",
        TOKEN_LIFETIME,
        now,
    )
}

/// A wrong client ("Unknown Client ID", `invalid_client`) is the configuration's fault; everything else is the code's.
/// So is `invalid_grant`, whatever words come with it: RFC 6749 §5.2 describes it as issued "to another client".
fn refusal(response: &Response) -> ExchangeError {
    let answer = json::answer(&response.body).unwrap_or(Json::Null);
    if answer.text("error") == Some("invalid_grant") {
        return ExchangeError::CodeRejected;
    }
    let about_client = |key| {
        let text = answer.text(key).unwrap_or_default();
        text::contains(&text.to_ascii_lowercase(), "client")
    };
    if ["message", "error", "error_description"]
        .into_iter()
        .any(about_client)
    {
        ExchangeError::CredentialsRejected(Reach::App)
    } else {
        ExchangeError::CodeRejected
    }
}

/// The request whose success proves that a token belongs to a merchant: the `merchant_id` of a callback is anybody's
/// claim, and this is asked before anything is stored.
pub fn merchant_proof(app: &App, merchant_id: &MerchantId, token: &AccessToken) -> Request {
    let bearer = format!(
        "Bearer {}",
        token.expose("the merchant proof is a call with the new token")
    );
    Request::get(app.api.join(&["v3", "merchants", merchant_id.as_str()]))
        .header("authorization", bearer)
}

/// What the platform said about a merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The token is not this merchant's, or no longer valid.
    NotProved,
    /// The platform could not say: try again later, believe nothing until then.
    Unknown(ExchangeError),
}

/// Reads the answer to [`merchant_proof`]: a 200 that is no `success: false` and whose `id`, where there is one, is the
/// merchant's.
///
/// # Errors
/// [`ProofError::NotProved`] where the platform says no, [`ProofError::Unknown`] where it says nothing.
pub fn read_proof(merchant_id: &MerchantId, response: &Response) -> Result<(), ProofError> {
    if let Some(failure) = common_failure(response) {
        let no_such_merchant = failure == ExchangeError::AnswerInvalid(AnswerFault::Status(404));
        return Err(if no_such_merchant {
            ProofError::NotProved
        } else {
            ProofError::Unknown(failure)
        });
    }
    if response.status != 200 {
        return Err(ProofError::NotProved);
    }
    let merchant =
        json::answer(&response.body).map_err(|fault| ProofError::Unknown(fault.into()))?;
    if matches!(merchant.get("success"), Some(Json::Flag(false))) {
        return Err(ProofError::NotProved);
    }
    match merchant.get("id") {
        Some(id) if id.as_text() != Some(merchant_id.as_str()) => Err(ProofError::NotProved),
        _ => Ok(()),
    }
}
