//! Clopos Open API v1 and v2: authenticate with client credentials of its own shape, send the token as `x-token`.
//!
//! Sources: "Authentication" of v1 and v2 of the Clopos developer documentation; what is known beyond it is marked where
//! it is used. There is no refresh token: to refresh is to authenticate again.

use crate::{
    endpoint::{ApiBase, Endpoint},
    exchange::{Exchange, ExchangeError, Reach, Reader, common_failure},
    http::{Request, Response},
    json::{self, Json, Object},
    rfc6749,
    secret::ClientSecret,
    text,
    time::{HOUR, UnixTime},
    token::TokenSet,
};

/// Lifetime of a token in seconds where the answer does not say ("Tokens are valid for 1 hour").
const TOKEN_LIFETIME: u64 = HOUR;
/// Longest brand or venue id in bytes; the documented ones have 11 and 1.
const MAX_NAME_BYTES: usize = 64;

/// Which of the two APIs an app speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// Token for a brand and a venue; API calls carry `x-token`, `x-brand` and `x-venue`.
    V1,
    /// Token for a brand through an integrator; API calls carry `x-token` alone.
    V2 {
        /// "Identifies the integrator making the request."
        integrator_id: String,
    },
}

/// One registration at Clopos.
#[derive(Clone, Debug)]
pub struct App {
    /// "Your application's unique identifier."
    pub client_id: String,
    /// "Your application's secret key."
    pub client_secret: ClientSecret,
    /// v1 or v2.
    pub version: Version,
    /// Where tokens are asked for.
    pub token_endpoint: Endpoint,
    /// What API paths are appended to.
    pub api: ApiBase,
    /// "Environment stage, if applicable": sent as `x-stage`.
    pub stage: Option<String>,
}

/// Whom a token acts for: `{brand}.{venue_id}`, in v2 also `{brand}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    brand: String,
    venue_id: Option<String>,
}

impl Account {
    /// Reads an account as it stands in configuration and routes. `None` if it has another form than the version asks
    /// for; brand and venue id are letters, digits, `-` and `_`, 1 to 64 of them.
    pub fn parse(version: &Version, text: &str) -> Option<Self> {
        let (brand, venue_id) = match text.split_once('.') {
            Some((brand, venue_id)) => (brand, Some(venue_id)),
            None => (text, None),
        };
        let well_formed = is_name(brand) && venue_id.is_none_or(is_name);
        let complete = venue_id.is_some() || *version != Version::V1;
        (well_formed && complete).then(|| Self {
            brand: brand.to_owned(),
            venue_id: venue_id.map(str::to_owned),
        })
    }
}

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The request that obtains a token: JSON with exactly the documented keys.
pub fn authenticate(app: &App, account: &Account) -> Exchange {
    let client_secret = app
        .client_secret
        .expose("Clopos takes the secret in the body of its token request");
    let mut body = Object::new();
    body.text("client_id", &app.client_id)
        .text("client_secret", client_secret)
        .text("brand", &account.brand);
    match &app.version {
        Version::V1 => body.optional_text("venue_id", account.venue_id.as_deref()),
        Version::V2 { integrator_id } => body.text("integrator_id", integrator_id),
    };
    let endpoint = app.token_endpoint.clone();
    let request = Request::post(endpoint, "application/json", body.finish());
    Exchange::new(request, Reader::Clopos)
}

/// The headers that API calls carry beside `x-token`.
pub(crate) fn account_headers<'a>(
    app: &'a App,
    account: &'a Account,
) -> [(&'static str, Option<&'a str>); 3] {
    let is_first = app.version == Version::V1;
    [
        ("x-brand", is_first.then_some(account.brand.as_str())),
        ("x-venue", account.venue_id.as_deref()),
        ("x-stage", app.stage.as_deref()),
    ]
}

/// Reads the answer to [`authenticate`]. A 200 may be a failure: `success` is read before anything else.
pub(crate) fn read(response: &Response, now: UnixTime) -> Result<TokenSet, ExchangeError> {
    if let Some(failure) = common_failure(response) {
        return Err(failure);
    }
    if response.status != 200 {
        let answer = json::answer(&response.body).unwrap_or(Json::Null);
        return Err(refusal(response.status, &answer));
    }
    let answer = json::answer(&response.body)?;
    if matches!(answer.get("success"), Some(Json::Flag(false))) {
        return Err(refusal(200, &answer));
    }
    rfc6749::token_set(&answer, "token", TOKEN_LIFETIME, now)
}

/// Sorts a refusal. A wrong integrator or a test-mode mismatch is a fault of the whole app (source: the list of errors of v2);
/// everything else may concern this brand alone.
fn refusal(status: u16, answer: &Json) -> ExchangeError {
    let words = words(answer);
    let reach = if text::contains(&words, "integrator") {
        Reach::App
    } else {
        Reach::Connection
    };
    if status == 403 || text::contains(&words, "test mode") {
        ExchangeError::AccessDenied(reach)
    } else {
        ExchangeError::CredentialsRejected(reach)
    }
}

/// Everything an answer says in words, in lower case: `error` can be a sentence, a slug or an array of objects.
fn words(answer: &Json) -> String {
    let errors = answer.get("error").and_then(Json::items);
    let mut words = String::new();
    for object in errors.unwrap_or_default().iter().chain([answer]) {
        for key in ["message", "error"] {
            words.push_str(object.text(key).unwrap_or_default());
            words.push(' ');
        }
    }
    words.make_ascii_lowercase();
    words
}
