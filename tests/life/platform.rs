//! The platform: issues tokens as it is told to, and knows which of them it still accepts. Its clock is the true one.

use tillgate_core::{
    clopos,
    endpoint::{ApiBase, Endpoint},
    exchange::ExchangeError,
    http::{Response, RetryAfter},
    secret::{AccessToken, ClientSecret},
    time::UnixTime,
    token::TokenSet,
};
use zeroize::Zeroizing;

use crate::moves::Mood;

/// What the platform knows.
pub(crate) struct Platform {
    pub(crate) mood: Mood,
    /// Whether it knows the secret that the operator has put.
    pub(crate) secret_right: bool,
    /// How many tokens it has issued; each carries its number.
    pub(crate) issued: u64,
    /// For every token: when it ends, in true time.
    ends: Vec<u64>,
    /// Tokens up to this number are revoked.
    revoked: u64,
    app: clopos::App,
    account: clopos::Account,
}

/// What a token request came to, before the answer has arrived.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Result<Response, ExchangeError>,
    /// The token that was issued for it, whether or not the answer tells.
    pub(crate) issued: Option<u64>,
    /// Its lifetime in seconds, as the answer states it.
    pub(crate) lifetime: u64,
}

impl Platform {
    pub(crate) fn new() -> Self {
        let version = clopos::Version::V1;
        Self {
            mood: Mood::Well { lifetime: 3600 },
            secret_right: true,
            issued: 0,
            ends: vec![0],
            revoked: 0,
            account: clopos::Account::parse(&version, "openapitest.1").unwrap(),
            app: clopos::App {
                client_id: "id".into(),
                client_secret: ClientSecret::parse("secret").unwrap(),
                version,
                token_endpoint: Endpoint::parse("https://clopos.example/auth").unwrap(),
                api: ApiBase::parse("https://clopos.example").unwrap(),
                stage: None,
            },
        }
    }

    /// A token request arrives.
    pub(crate) fn answer(&mut self, now: u64) -> Answer {
        if !self.secret_right {
            return refusal(400, None);
        }
        match self.mood {
            Mood::Well { lifetime } => self.token(lifetime, now),
            Mood::Rejecting => refusal(400, None),
            Mood::Denying => refusal(403, None),
            Mood::Limiting(wait) => refusal(429, wait),
            Mood::Down(wait) => refusal(503, wait),
            Mood::Tripped => refusal(503, None),
            Mood::Babbling => refusal(200, None),
            Mood::Silent => silence(None),
            Mood::Losing => {
                let issued = self.issue(3600, now);
                silence(Some(issued))
            }
        }
    }

    fn token(&mut self, lifetime: u32, now: u64) -> Answer {
        let serial = self.issue(u64::from(lifetime), now);
        let body = format!(
            "{{\"success\":true,\"token\":\"oauth_{serial}\",\"token_type\":\"Bearer\",\"expires_in\":{lifetime}}}"
        );
        Answer {
            response: Ok(response(200, None, &body)),
            issued: Some(serial),
            lifetime: u64::from(lifetime),
        }
    }

    /// A new token that ends that many seconds from now.
    pub(crate) fn issue(&mut self, lifetime: u64, now: u64) -> u64 {
        self.issued += 1;
        self.ends.push(now + lifetime);
        self.issued
    }

    pub(crate) fn revoke_all(&mut self) {
        self.revoked = self.issued;
    }

    /// Whether a call of the API with this token succeeds.
    pub(crate) fn accepts(&self, serial: u64, now: u64) -> bool {
        serial > self.revoked && now < self.ends[usize::try_from(serial).unwrap()]
    }

    /// Reads an answer as the product does.
    pub(crate) fn read(&self, answer: Answer, now: UnixTime) -> Result<TokenSet, ExchangeError> {
        let exchange = clopos::authenticate(&self.app, &self.account);
        exchange.finish(&answer.response?, now)
    }

    /// What asking for the merchant of a token comes to: whether it is proved.
    pub(crate) fn prove(&self, serial: u64, now: u64) -> Result<bool, ExchangeError> {
        match self.mood {
            Mood::Limiting(wait) => Err(ExchangeError::RateLimited(retry_after(wait))),
            Mood::Down(wait) => Err(ExchangeError::Unavailable(retry_after(wait))),
            Mood::Silent | Mood::Losing | Mood::Tripped => Err(ExchangeError::TimedOut),
            _ => Ok(self.accepts(serial, now)),
        }
    }
}

/// The number that a token carries.
pub(crate) fn serial(token: &AccessToken) -> u64 {
    let text = token.expose("a test reads which token it is");
    text.strip_prefix("oauth_").unwrap().parse().unwrap()
}

/// The text of a token that carries this number.
pub(crate) fn token(serial: u64) -> AccessToken {
    AccessToken::parse(&format!("oauth_{serial}")).unwrap()
}

fn refusal(status: u16, wait: Option<u32>) -> Answer {
    Answer {
        response: Ok(response(status, wait, "<html>no</html>")),
        issued: None,
        lifetime: 0,
    }
}

fn silence(issued: Option<u64>) -> Answer {
    Answer {
        response: Err(ExchangeError::TimedOut),
        issued,
        lifetime: 0,
    }
}

fn response(status: u16, wait: Option<u32>, body: &str) -> Response {
    Response {
        status,
        retry_after: retry_after(wait),
        body: Zeroizing::new(body.as_bytes().to_vec()),
    }
}

fn retry_after(wait: Option<u32>) -> Option<RetryAfter> {
    wait.map(|seconds| RetryAfter::clamped(u64::from(seconds)))
}
