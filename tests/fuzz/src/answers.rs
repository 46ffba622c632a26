//! Platforms' answers: what counts as a token is one, its end is within reason, and every failure can be stored.

use base64ct::{Base64, Encoding};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tillgate_core::{
    authorization::CallbackQuery,
    clearline, clopos,
    clover::{self, MerchantId, ProofError},
    endpoint::{ApiBase, Endpoint},
    exchange::{Exchange, ExchangeError},
    http::{Response, RetryAfter},
    json::{Json, Object},
    secret::ClientSecret,
    time::UnixTime,
    token::{MAX_LIFETIME, MIN_LIFETIME, TokenSet},
};

use crate::{callback, parts};

const NOW: UnixTime = UnixTime::from_seconds(1_795_600_000);

/// `status [Retry-After] ⏎ body`.
fn answer(data: &[u8]) -> Option<Response> {
    let at = data.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = data.split_at_checked(at)?;
    let head = str::from_utf8(head).ok()?;
    let (status, wait) = head.split_once(' ').unwrap_or((head, ""));
    Some(Response {
        status: status.parse().ok()?,
        retry_after: RetryAfter::parse_seconds(wait),
        body: body.get(1..)?.to_vec().into(),
    })
}

fn endpoint() -> Endpoint {
    Endpoint::parse("https://platform.example/token").expect("an address")
}

fn api() -> ApiBase {
    ApiBase::parse("https://platform.example").expect("an address")
}

fn secret() -> ClientSecret {
    ClientSecret::parse("seCyF_4vja6yddQxE2Pl").expect("a secret")
}

/// Clopos, both versions: also, a 200 with `success: false` is no success.
pub fn clopos(data: &[u8]) {
    let Some(response) = answer(data) else {
        return;
    };
    let app = clopos::App {
        client_id: "client".into(),
        client_secret: secret(),
        version: clopos::Version::V1,
        token_endpoint: endpoint(),
        api: api(),
        stage: None,
    };
    let account = clopos::Account::parse(&app.version, "openapitest.1").expect("an account");
    let result = judge(&response, "token", || clopos::authenticate(&app, &account));
    let said: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    assert!(result.is_err() || said.get("success") != Some(&Value::Bool(false)));
}

/// Clearline.
pub fn clearline(data: &[u8]) {
    let Some(response) = answer(data) else {
        return;
    };
    let app = clearline_app("pos-demo", secret());
    let _ = judge(&response, "access_token", || {
        clearline::client_credentials(&app)
    });
}

fn clearline_app(client_id: &str, client_secret: ClientSecret) -> clearline::App {
    clearline::App {
        client_id: client_id.to_owned(),
        client_secret,
        token_endpoint: endpoint(),
        api: api(),
        basic: clearline::BasicEncoding::Form,
    }
}

/// Clover: the answer to a code, and the same bytes as the proof of a merchant.
pub fn clover(data: &[u8]) {
    let Some(response) = answer(data) else {
        return;
    };
    let app = callback::app();
    let _ = judge(&response, "access_token", || {
        let query = CallbackQuery::parse(&callback::genuine_query()).expect("a callback");
        let callback = callback::login().accept(&app, query, callback::NOW);
        clover::redeem(&app, callback.expect("the callback answers the login"))
    });
    proof(&response);
}

fn proof(response: &Response) {
    let merchant_id = MerchantId::parse("MERCHANT00001").expect("a merchant");
    match clover::read_proof(&merchant_id, response) {
        Ok(()) => {
            let said: Value = serde_json::from_slice(&response.body).expect("a proof is JSON");
            assert_eq!(response.status, 200);
            assert_ne!(said.get("success"), Some(&Value::Bool(false)));
            assert!(said.get("id").is_none_or(|id| id == "MERCHANT00001"));
        }
        Err(ProofError::Unknown(error)) => assert_storable(error),
        Err(ProofError::NotProved) => {}
    }
}

/// What holds on every platform: `key` names the token in its answers.
fn judge(
    response: &Response,
    key: &str,
    exchange: impl Fn() -> Exchange,
) -> Result<TokenSet, ExchangeError> {
    let result = exchange().finish(response, NOW);
    match &result {
        Ok(token) => assert_granted(token, response, key),
        Err(error) => assert_storable(*error),
    }
    result
}

fn assert_granted(token: &TokenSet, response: &Response, key: &str) {
    let said: Value = serde_json::from_slice(&response.body).expect("a grant is JSON");
    let text = token
        .access_token()
        .expose("it is compared with the answer");
    assert_eq!(response.status, 200);
    assert_eq!(said.get(key).and_then(Value::as_str), Some(text));
    assert!((1..=4096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()));
    assert_eq!(token.obtained_at(), NOW);
    let lifetime = NOW.until(token.expires_at());
    assert!(
        (MIN_LIFETIME..=MAX_LIFETIME).contains(&lifetime),
        "{lifetime} s"
    );
    if let Some(stated) = said.get("expires_in").and_then(Value::as_u64) {
        assert!(
            lifetime <= stated.max(MIN_LIFETIME),
            "longer than what was said"
        );
    }
    let shown = format!("{token:?} {response:?}");
    assert!(text.len() < 24 || !shown.contains(text), "a token is shown");
}

/// A failure comes back from the store as it was.
fn assert_storable(error: ExchangeError) {
    let stored = error.write(&mut Object::new()).finish();
    let json = Json::parse(stored.as_bytes()).expect("a record is JSON");
    assert_eq!(ExchangeError::read(&json), Some(error));
}

/// A `Retry-After` is between a second and an hour, and is what the digits say.
pub fn retry_after(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let digits = text.trim().strip_prefix('-').unwrap_or(text.trim());
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let expected = is_number.then(|| match text.trim().parse::<i128>() {
        Ok(number) => number.clamp(1, 3600),
        Err(_) if text.trim().starts_with('-') => 1,
        Err(_) => 3600,
    });
    let read = RetryAfter::parse_seconds(text).map(|wait| i128::from(wait.seconds()));
    assert_eq!(read, expected, "{text:?}");
}

/// `client id ⏎ secret`: a server that decodes Basic credentials as RFC 6749 §2.3.1 says finds both as they were.
pub fn basic(data: &[u8]) {
    let Some([client_id, text]) = parts(data) else {
        return;
    };
    let Ok(secret) = ClientSecret::parse(text) else {
        return;
    };
    let exchange = clearline::client_credentials(&clearline_app(client_id, secret.clone()));
    let mut headers = exchange.request().expose_headers("they are read back");
    let (_, value) = headers
        .find(|(name, _)| *name == "authorization")
        .expect("credentials");
    let credentials = value.strip_prefix("Basic ").expect("the scheme");
    let credentials = Base64::decode_vec(credentials).expect("base64");
    let credentials = String::from_utf8(credentials).expect("a text");
    let (id, password) = credentials.split_once(':').expect("a colon");
    let decoded = |text: &str| {
        percent_decode_str(&text.replace('+', " "))
            .decode_utf8()
            .expect("UTF-8")
            .into_owned()
    };
    assert_eq!(decoded(id), client_id);
    assert_eq!(decoded(password), secret.expose("it is compared"));
}
