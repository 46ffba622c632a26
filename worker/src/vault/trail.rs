//! The audit trail of a connection: who did what to it, when, and how that ended. It is appended to and read, and nothing
//! in here changes an entry.
//!
//! An entry is written in the turn that writes what it tells of. Only a refusal is written for itself, so of those few are
//! noted. Nothing secret is in an entry: a token appears as a fingerprint under the connection's own key, and with that key
//! the fingerprints lose their meaning.

use tillgate_core::{
    json::{self, Json, Object},
    time::UnixTime,
};

use super::{Call, directory::NAME, rows::Rows, store::Store};
use crate::{
    message::{Message, Name, Reply},
    problem::{Code, Problem},
};

/// Most entries of one kind, the oldest go first: a week of hourly exchanges. A kind is what was done and whether it
/// succeeded, so that no storm of one kind pushes out another.
const MOST_OF_A_KIND: u32 = 200;
/// Least seconds between two refusals of one kind that are noted: whoever asks 100 times a second for a token that there
/// is not causes six entries a minute.
const REFUSAL_PAUSE: u64 = 10;
/// Entries on one page.
const PAGE: u32 = 100;

/// What was done, or was to be done.
#[derive(Clone, Copy)]
pub(super) enum What {
    /// A merchant's login.
    Login,
    /// The end of a session.
    Logout,
    /// A token request that a call or an alarm needed.
    Exchange,
    /// A question to the platform whether the token is still good.
    Proof,
    /// An exchange or a proof that an administrator asked for.
    Refresh,
    /// Forgetting the connection.
    Forget,
    /// Being given the token; noted only if it was refused.
    Token,
}

impl What {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Logout => "logout",
            Self::Exchange => "exchange",
            Self::Proof => "proof",
            Self::Refresh => "refresh",
            Self::Forget => "forget",
            Self::Token => "token",
        }
    }
}

/// Who did it.
#[derive(Clone, Copy)]
pub(super) enum Who<'a> {
    /// A caller with a key or JWT, by its configured name.
    Caller(&'a str),
    /// A browser with a session, and who logged in there, if Clover said so.
    Session(Option<&'a str>),
    /// A browser that comes back from Clover, and who logged in there, if Clover said so.
    Login(Option<&'a str>),
    /// The vault itself, when a token in use was due.
    Alarm,
}

impl<'a> Who<'a> {
    /// Who sent this message.
    pub(super) fn of(message: &'a Message) -> Self {
        match message {
            Message::Token {
                caller: Some(caller),
                ..
            }
            | Message::Refresh { caller, .. }
            | Message::Forget { caller, .. } => Self::Caller(caller),
            Message::Token {
                session: Some(_), ..
            } => Self::Session(None),
            Message::Redeem { .. } => Self::Login(None),
            _ => Self::Alarm,
        }
    }

    /// The word for it, the caller's name and the employee's id.
    const fn told(self) -> (&'static str, Option<&'a str>, Option<&'a str>) {
        match self {
            Self::Caller(name) => ("caller", Some(name), None),
            Self::Session(employee_id) => ("session", None, employee_id),
            Self::Login(employee_id) => ("login", None, employee_id),
            Self::Alarm => ("alarm", None, None),
        }
    }
}

/// One entry.
pub(super) struct Entry<'a> {
    /// What was done.
    pub(super) what: What,
    /// Who did it.
    pub(super) who: Who<'a>,
    /// Why it failed; `None` if it succeeded.
    pub(super) problem: Option<Code>,
    /// The keyed fingerprint of the token concerned.
    pub(super) token: Option<String>,
}

impl Entry<'_> {
    /// Appends it.
    pub(super) fn append(&self, rows: &dyn Rows, now: UnixTime) {
        let outcome = self.problem.map_or("ok", Code::as_str);
        let what = self.what.as_str();
        let (by, caller, employee_id) = self.who.told();
        let entry = Object::new()
            .time("at", now)
            .text("what", what)
            .text("by", by)
            .optional_text("caller", caller)
            .optional_text("employee_id", employee_id)
            .text("outcome", outcome)
            .optional_text("token", self.token.as_deref())
            .finish();
        rows.append(what, self.problem.is_some(), &entry, MOST_OF_A_KIND);
    }
}

/// Notes a refusal, unless one of its kind was noted just before. Where nothing is stored none is noted, so that nobody has
/// made-up accounts stored.
pub(super) fn refused(rows: &dyn Rows, now: UnixTime, what: What, who: Who<'_>, code: Code) {
    let last = rows.last_failure(what.as_str());
    let at = last.and_then(|entry| Json::parse(entry.as_bytes())?.whole("at"));
    let recent = at.is_some_and(|at| at.abs_diff(now.as_seconds()) < REFUSAL_PAUSE);
    if recent || rows.get(NAME).is_none() {
        return;
    }
    let entry = Entry {
        what,
        who,
        problem: Some(code),
        token: None,
    };
    entry.append(rows, now);
}

/// Notes how a login ended.
pub(super) fn login(call: Call<'_>, name: &Name, result: &Result<Reply, Problem>, now: UnixTime) {
    let what = What::Login;
    match result {
        Err(problem) => refused(call.rows, now, what, Who::Login(None), problem.code),
        Ok(Reply::Session(session)) => Entry {
            what,
            who: Who::Login(session.employee_id.as_deref()),
            problem: None,
            token: held_token(call, name),
        }
        .append(call.rows, now),
        Ok(_) => {}
    }
}

/// The fingerprint of the token that is stored, if it can be read.
pub(super) fn held_token(call: Call<'_>, name: &Name) -> Option<String> {
    let store = Store::open(call, name).ok()?;
    let connection = store.load().ok()??;
    store.fingerprint(connection.held_token()?.access_token())
}

/// A page of the trail, the newest entry first.
pub(super) fn read(rows: &dyn Rows, before: u32) -> Reply {
    let entries = rows.trail(before, PAGE);
    let full = u32::try_from(entries.len()) == Ok(PAGE);
    let last = entries.last().filter(|_| full);
    Reply::Trail {
        next: last.and_then(|entry| Json::parse(entry.as_bytes())?.whole("sequence")),
        entries: json::list(&entries, String::clone),
    }
}
