//! The parts of OAuth 2.0 (RFC 6749) that platforms share: form bodies, Basic credentials, token and error answers.

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::{
    exchange::{AnswerFault, ExchangeError, Reach},
    form,
    json::Json,
    secret::{AccessToken, ClientSecret},
    time::UnixTime,
    token::{Lifetime, TokenSet},
};

/// How client id and secret are written before they become Basic credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BasicEncoding {
    /// RFC 6749 §2.3.1 form encoding, of those bytes alone that would not survive the server's decoding. Credentials
    /// without such bytes come out as the platforms' documentation shows them.
    #[default]
    Form,
    /// As they are, for a server that does not decode.
    Raw,
}

/// `application/x-www-form-urlencoded` text of these pairs, in this order.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        form::append(&mut text, name, value);
    }
    text
}

/// The value of `Authorization` for client authentication (RFC 6749 §2.3.1, RFC 7617).
pub(crate) fn basic(client_id: &str, secret: &ClientSecret, encoding: BasicEncoding) -> String {
    let secret = secret.expose("HTTP Basic is how this platform authenticates a client");
    let credentials = match encoding {
        BasicEncoding::Raw => format!("{client_id}:{secret}"),
        // The id ends at the first colon (RFC 7617 §2).
        BasicEncoding::Form => format!("{}:{}", decodable(client_id, b":"), decodable(secret, b"")),
    };
    format!("Basic {}", base64(credentials.as_bytes()))
}

/// Base64 with padding, written by way of base64url, which is needed anyway: 0.3 KB less than both.
fn base64(bytes: &[u8]) -> String {
    let url = Base64UrlUnpadded::encode_string(bytes);
    let standard = url.chars().map(|character| match character {
        '-' => '+',
        '_' => '/',
        other => other,
    });
    let mut text: String = standard.collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// A text of which a form decoder makes what it was: only what that would change, and what is in `more`, is escaped.
fn decodable(text: &str, more: &[u8]) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if !byte.is_ascii()
            || byte.is_ascii_control()
            || b" %+".contains(&byte)
            || more.contains(&byte)
        {
            form::push_escape(&mut encoded, byte);
        } else {
            encoded.push(char::from(byte));
        }
    }
    encoded
}

/// A successful token answer (RFC 6749 §5.1): `token_key` names the token in it, `default_lifetime` in seconds is the
/// documented one where the answer says nothing.
pub(crate) fn token_set(
    answer: &Json,
    token_key: &str,
    default_lifetime: u64,
    now: UnixTime,
) -> Result<TokenSet, ExchangeError> {
    let token = answer
        .text(token_key)
        .and_then(AccessToken::parse)
        .ok_or(AnswerFault::NoToken)?;
    match answer.get("token_type") {
        None | Some(Json::Null) => {}
        Some(Json::Text(text)) if text.eq_ignore_ascii_case("bearer") => {}
        Some(_) => return Err(AnswerFault::TokenType.into()),
    }
    let lifetime = Lifetime {
        expires_in: answer.get("expires_in"),
        expires_at: answer.get("expires_at"),
        default_lifetime,
    };
    Ok(TokenSet::new(token, lifetime, now)?)
}

/// A refused token request (RFC 6749 §5.2), by its `error` where there is one.
///
/// `invalid_client` and a bare 401 are wrong credentials; every other documented code means that the client is known
/// and may not do this.
pub(crate) fn refusal(status: u16, error: Option<&str>) -> ExchangeError {
    match (status, error) {
        (_, Some("invalid_client")) | (401, _) => ExchangeError::CredentialsRejected(Reach::App),
        (_, Some("temporarily_unavailable" | "server_error")) => ExchangeError::Unavailable(None),
        (403, _)
        | (
            _,
            Some(
                "unauthorized_client"
                | "invalid_scope"
                | "invalid_request"
                | "unsupported_grant_type"
                | "invalid_grant"
                | "access_denied"
                | "invalid_target",
            ),
        ) => ExchangeError::AccessDenied(Reach::App),
        _ => AnswerFault::Status(status).into(),
    }
}
