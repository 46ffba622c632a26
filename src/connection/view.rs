//! What an observer may know of a connection; never a token.

use super::Connection;
use crate::{
    exchange::ExchangeError,
    time::{DAY, UnixTime},
    token::TokenSet,
};

/// How many days ahead the end of a token that only a login can renew is announced.
pub const NOTICE_DAYS: [u64; 3] = [1, 7, 30];

/// What an observer may know; never a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No token and no failure.
    Empty,
    /// A token that is not due for renewal.
    Fresh,
    /// A token that is due for renewal or has ended.
    Stale,
    /// The last exchange failed; a token that it should have renewed may still be in use.
    Failing,
    /// Only a login helps.
    LoginRequired,
}

impl State {
    /// The word for it in answers to administrators.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Failing => "failing",
            Self::LoginRequired => "login_required",
        }
    }
}

impl Connection {
    /// The token that is held, also one that may no longer be sent: only to tell it from others.
    pub fn held_token(&self) -> Option<&TokenSet> {
        self.held.as_ref().map(|held| &held.token)
    }

    /// What an observer sees.
    pub fn state(&self, now: UnixTime) -> State {
        match &self.held {
            _ if self.login_required => State::LoginRequired,
            _ if self.failure.is_some() => State::Failing,
            None => State::Empty,
            Some(held) if now >= held.refresh_at => State::Stale,
            Some(_) => State::Fresh,
        }
    }

    /// When the held token ends, and when it was obtained.
    pub fn lifetime(&self) -> Option<(UnixTime, UnixTime)> {
        self.held
            .as_ref()
            .map(|held| (held.token.obtained_at(), held.token.expires_at()))
    }

    /// Within how many days the token ends, as a step of [`NOTICE_DAYS`]; `None` while there is more time. For tokens that
    /// only a login can renew this is what somebody has to be told.
    pub fn ends_within_days(&self, now: UnixTime) -> Option<u64> {
        let left = now.until(self.usable(now)?.token.expires_at());
        let within = |days: &&u64| left <= days.saturating_mul(DAY);
        NOTICE_DAYS.iter().find(within).copied()
    }

    /// How many tokens this connection has had.
    pub fn exchanges(&self) -> u64 {
        self.exchanges
    }

    /// Why the last exchange failed, until one succeeds.
    pub fn last_error(&self) -> Option<ExchangeError> {
        self.failure.map(|failure| failure.error)
    }
}
