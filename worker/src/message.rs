//! What the worker and its Durable Objects say to each other, as JSON.
//!
//! Both ends may be of different versions during a deployment: new keys are optional and unknown ones are passed over.
//! What is said stands here, how it is written in `wire`.

mod wire;

use core::cmp::Ordering;

use tillgate_core::{
    authorization::Authorization, breaker::Blocked, connection::State, exchange::ExchangeError,
    time::UnixTime,
};
use zeroize::Zeroizing;

use crate::{
    problem::Problem,
    seal::{Fingerprint, hex},
    step::Ask,
};

/// Which connection is meant, by the names of operator and platform. In the order of the directory's rows, which is that
/// of the texts `{app}/{account}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The app.
    pub(crate) app: String,
    /// The account.
    pub(crate) account: String,
}

impl Name {
    /// The text that tells connections apart and puts them in order; neither app nor account holds a slash.
    pub(crate) fn text(&self) -> String {
        [self.app.as_str(), "/", self.account.as_str()].concat()
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text().cmp(&other.text())
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A question to a Durable Object.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// To a vault: the token, for an API call or a caller.
    Token {
        /// The connection.
        name: Name,
        /// The caller with a key or JWT who asks, by its configured name.
        caller: Option<String>,
        /// A session id that has to be alive.
        session: Option<String>,
        /// The ticket of a token that the platform answered 401 to.
        rejected: Option<String>,
    },
    /// To a vault: a new exchange now.
    Refresh {
        /// The connection.
        name: Name,
        /// The caller who asks.
        caller: String,
    },
    /// To a vault: what an administrator may know.
    Status(Name),
    /// To a vault: forget everything but the trail.
    Forget {
        /// The connection.
        name: Name,
        /// The caller who asks.
        caller: String,
    },
    /// To a vault: a page of its trail.
    Audit {
        /// The connection.
        name: Name,
        /// Entries from before this sequence number.
        before: u32,
    },
    /// To a vault: redeem a checked callback, prove the merchant, keep the token, begin a session.
    Redeem {
        /// The connection: the app and the merchant that the callback claims.
        name: Name,
        /// The login it answers.
        authorization: Authorization,
        /// The callback's query.
        query: Zeroizing<String>,
    },
    /// To a vault: is this session alive?
    Session {
        /// The connection.
        name: Name,
        /// The session id.
        session: String,
    },
    /// To a vault: end this session.
    EndSession {
        /// The connection.
        name: Name,
        /// The session id.
        session: String,
    },
    /// To the object of one login: use its state up.
    Consume {
        /// Until when the object has to remember.
        until: UnixTime,
    },
    /// To an app's breaker: may this connection ask the platform?
    Admit(Name),
    /// To an app's breaker: how this connection's exchange ended.
    Report {
        /// The connection.
        name: Name,
        /// Why it failed; nothing if it did not.
        error: Option<ExchangeError>,
    },
    /// To the directory: this connection stores something.
    Register(Name),
    /// To the directory: it no longer does.
    Unregister(Name),
    /// To the directory: the connections that store something.
    List {
        /// The last one of the page before.
        after: Option<Name>,
        /// How many at most.
        limit: u32,
    },
}

impl Message {
    /// Whether it may be sent again when its object was lost while it was asked: an authorization code and a state are
    /// used once, and an exchange that an administrator forces is one.
    const fn is_repeatable(&self) -> bool {
        !matches!(
            self,
            Self::Refresh { .. } | Self::Redeem { .. } | Self::Consume { .. }
        )
    }
}

/// What a Durable Object answers.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// The token.
    Token(TokenReply),
    /// Why there is none.
    Problem(Problem),
    /// What an administrator may know.
    Status(StatusReply),
    /// A session that is alive.
    Session(SessionReply),
    /// Whether the state was used for the first time.
    Consumed {
        /// It was.
        first: bool,
    },
    /// A page of the trail.
    Trail {
        /// A JSON list.
        entries: String,
        /// The last sequence number on a page that is full.
        next: Option<u64>,
    },
    /// Names from the directory.
    Names {
        /// In the order of the directory.
        names: Vec<Name>,
    },
    /// The connection may ask its platform.
    Admitted {
        /// A success is to be reported as well, since it would clear something.
        watching: bool,
    },
    /// The connection must not ask its platform yet.
    Blocked(Blocked),
    /// It is done.
    Done,
}

/// A token on its way to an isolate.
#[derive(Clone, Debug)]
pub(crate) struct TokenReply {
    /// The connection.
    pub(crate) name: Name,
    /// The token; its text is wiped when this is dropped.
    pub(crate) access_token: Hidden,
    /// When it was obtained.
    pub(crate) obtained_at: UnixTime,
    /// When it ends.
    pub(crate) expires_at: UnixTime,
    /// From when on the vault has to be asked again.
    pub(crate) refresh_at: UnixTime,
    /// Its ticket.
    pub(crate) ticket: String,
    /// Whether the caller waited for an exchange.
    pub(crate) exchanged: bool,
}

/// A text that `Debug` does not show.
#[derive(Clone)]
pub(crate) struct Hidden(pub(crate) Zeroizing<String>);

impl core::fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("(hidden)")
    }
}

/// A connection as an administrator sees it, in the words of `GET /connections`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatusReply {
    /// The app.
    pub(crate) app: String,
    /// The account.
    pub(crate) account: String,
    /// `clopos`, `clearline` or `clover`.
    pub(crate) platform: String,
    /// `empty`, `fresh`, `stale`, `failing` or `login_required`.
    pub(crate) state: String,
    /// When the token ends.
    pub(crate) expires_at: Option<UnixTime>,
    /// When it was obtained.
    pub(crate) refreshed_at: Option<UnixTime>,
    /// How many tokens there have been.
    pub(crate) exchanges: u64,
    /// Why the last exchange failed, as a problem code.
    pub(crate) last_error: Option<String>,
    /// Within how many days a token that only a login can renew ends: 30, 7 or 1.
    pub(crate) ends_within_days: Option<u64>,
}

impl StatusReply {
    /// A connection that has nothing yet.
    pub(crate) fn empty(name: &Name, platform: &str) -> Self {
        Self {
            app: name.app.clone(),
            account: name.account.clone(),
            platform: platform.to_owned(),
            state: State::Empty.as_str().to_owned(),
            expires_at: None,
            refreshed_at: None,
            exchanges: 0,
            last_error: None,
            ends_within_days: None,
        }
    }
}

/// A session of a merchant's browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionReply {
    /// The session id.
    pub(crate) session: String,
    /// The employee who logged in, if Clover said so.
    pub(crate) employee_id: Option<String>,
    /// When it ends.
    pub(crate) expires_at: UnixTime,
}

/// The directory's object name. Names of vaults are JSON arrays and names of logins begin with `login:`.
pub(crate) const DIRECTORY: &str = "directory";

/// The name of the object that remembers whether a login's state was used.
pub(crate) fn login_object(state: &str) -> String {
    format!("login:{state}")
}

/// The name of the object that holds an app's breaker, for the credential of this fingerprint.
pub(crate) fn breaker_object(app: &str, credential: &Fingerprint) -> String {
    let (credential, _) = credential.split_at(8);
    format!("breaker:{app}:{}", hex(credential))
}

/// The question as it is sent.
pub(crate) fn ask(object: String, message: &Message) -> Ask {
    Ask {
        object,
        message: message.write(),
        repeatable: message.is_repeatable(),
    }
}
