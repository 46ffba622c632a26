//! What a connection is asked with, and what it answers to whoever needs the token.

use crate::{exchange::ExchangeError, time::UnixTime};

/// How a platform renews a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// By another exchange, whenever we like.
    Exchange,
    /// Only by a person who logs in. In between the token is proved, not renewed.
    Login,
}

/// Whether an exchange of this connection is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flight {
    /// None is.
    None,
    /// One is; whoever needs its token waits for it.
    UnderWay,
}

/// What to do for a caller who needs the token now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Use the token.
    Use,
    /// Use the token, and have it renewed (or proved, see [`Renewal`]) in the background.
    UseAndRefresh,
    /// There is no usable token: run an exchange, or join the one under way.
    Exchange,
    /// There is no usable token and it is too early to ask: refuse until then.
    Wait {
        /// Why the last exchange failed.
        error: ExchangeError,
        /// When the next one may begin.
        until: UnixTime,
    },
    /// There is no usable token and only a person can get one.
    LoginRequired,
}
