//! The parts of OAuth 2.0 (RFC 6749) that platforms share: form bodies, Basic credentials, token and error answers.

use base64ct::{Base64, Encoding};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{
    exchange::{AnswerFault, ExchangeError, Reach},
    json::Json,
    secret::{AccessToken, ClientSecret},
    time::UnixTime,
    token::{Lifetime, TokenSet},
};

/// What a form decoder would change: the only bytes of a secret that are encoded before Basic.
const SURVIVES_NOT: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'+');
/// The same for the id, which ends at the first colon (RFC 7617 §2).
const SURVIVES_NOT_IN_ID: &AsciiSet = &SURVIVES_NOT.add(b':');

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
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The value of `Authorization` for client authentication (RFC 6749 §2.3.1, RFC 7617).
pub(crate) fn basic(client_id: &str, secret: &ClientSecret, encoding: BasicEncoding) -> String {
    let secret = secret.expose("HTTP Basic is how this platform authenticates a client");
    let credentials = match encoding {
        BasicEncoding::Raw => format!("{client_id}:{secret}"),
        BasicEncoding::Form => format!(
            "{}:{}",
            utf8_percent_encode(client_id, SURVIVES_NOT_IN_ID),
            utf8_percent_encode(secret, SURVIVES_NOT)
        ),
    };
    format!("Basic {}", Base64::encode_string(credentials.as_bytes()))
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
