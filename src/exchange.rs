//! One token request, and what its answer means. The platforms' modules make an [`Exchange`]; this one knows what all of
//! them share: how answers are sorted by what has to be done next.

mod wire;

use crate::{
    clearline, clopos, clover,
    http::{Request, Response, RetryAfter},
    time::UnixTime,
    token::TokenSet,
};

/// A token request that knows how its answer is read. It is used up by [`Exchange::finish`]: one request, one meaning.
#[derive(Debug)]
pub struct Exchange {
    request: Request,
    reader: Reader,
}

/// Whose answer it will be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    Clopos,
    Clearline,
    Clover,
}

impl Exchange {
    pub(crate) fn new(request: Request, reader: Reader) -> Self {
        Self { request, reader }
    }

    /// The request to send, once.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// What the answer means. `now` is when it arrived; the token's end is counted from there.
    ///
    /// # Errors
    /// An [`ExchangeError`], sorted by what to do about it.
    pub fn finish(self, response: &Response, now: UnixTime) -> Result<TokenSet, ExchangeError> {
        match self.reader {
            Reader::Clopos => clopos::read(response, now),
            Reader::Clearline => clearline::read(response, now),
            Reader::Clover => clover::read(response, now),
        }
    }
}

/// Why an exchange gave no token, sorted by what happens next. It holds facts, never a platform's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The platform does not know these credentials: the configuration has to be mended.
    #[error("the platform rejected the credentials")]
    CredentialsRejected(Reach),
    /// The credentials are known and may not do this: the platform's support has to grant it.
    #[error("the platform denied access")]
    AccessDenied(Reach),
    /// The authorization code was wrong, used or too old: the merchant has to log in again.
    #[error("the platform rejected the authorization code")]
    CodeRejected,
    /// Too many requests: wait.
    #[error("the platform asked to slow down")]
    RateLimited(Option<RetryAfter>),
    /// No answer, or one that says "later": wait.
    #[error("the platform is unavailable")]
    Unavailable(Option<RetryAfter>),
    /// No complete answer in time: wait.
    #[error("the platform took too long")]
    TimedOut,
    /// An answer that makes no sense: wait, and tell the operator.
    #[error("the platform's answer is invalid: {0}")]
    AnswerInvalid(AnswerFault),
}

/// How much of an app a fault concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// This connection alone.
    Connection,
    /// Every connection of the app: it must not be tried again for each of them.
    App,
}

/// What was wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// A status that the documentation does not know.
    #[error("an undocumented status {0}")]
    Status(u16),
    /// A redirect, which is never followed.
    #[error("a redirect")]
    Redirect,
    /// No JSON object.
    #[error("not a JSON object")]
    NotJson,
    /// More than the accepted bytes.
    #[error("too large")]
    TooLarge,
    /// Nested too deeply.
    #[error("nested too deeply")]
    TooDeep,
    /// A success without a usable token.
    #[error("no usable token")]
    NoToken,
    /// A token type other than Bearer (RFC 6749 §7.1: do not use what you do not understand).
    #[error("an unknown token type")]
    TokenType,
    /// A lifetime that is no number.
    #[error("a lifetime that is no number")]
    Lifetime,
}

impl From<AnswerFault> for ExchangeError {
    fn from(fault: AnswerFault) -> Self {
        Self::AnswerInvalid(fault)
    }
}

/// Sorts the statuses that mean the same on every platform. `None`: the platform's own rules decide.
pub(crate) fn common_failure(response: &Response) -> Option<ExchangeError> {
    match response.status {
        300..=399 => Some(AnswerFault::Redirect.into()),
        429 => Some(ExchangeError::RateLimited(response.retry_after)),
        408 | 425 | 500..=599 => Some(ExchangeError::Unavailable(response.retry_after)),
        200 | 400 | 401 | 403 => None,
        other => Some(AnswerFault::Status(other).into()),
    }
}
