//! Who calls, and which connection a call may be about.

use std::borrow::Cow;

use tillgate_core::platform::Party;

use crate::{
    config::{Caller, Config, ConfiguredApp},
    handle::Context,
    problem::{Code, Problem},
    router::Place,
    session::Session,
};

#[cfg(test)]
mod tests;

/// How a session writes its own account.
const OWN_ACCOUNT: &str = "me";

/// Who calls.
#[derive(Debug)]
pub(crate) enum Principal<'a> {
    /// A program with a key, or a user with a JWT.
    Caller(&'a Caller),
    /// A merchant's browser.
    Session(Session),
}

/// What a caller may do, in the words of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Can {
    /// Call a platform's API.
    Api,
    /// Get tokens.
    Token,
    /// Look after connections.
    Admin,
}

impl<'a> Principal<'a> {
    /// The caller with a JWT, key or session.
    ///
    /// # Errors
    /// `unauthenticated` for none of them and for an unknown key; `forbidden` for a session's call that no page of ours
    /// meant.
    pub(crate) fn of(context: &'a Context<'_>) -> Result<Self, Problem> {
        let Context {
            config, incoming, ..
        } = context;
        if let Some(caller) = context.caller.get() {
            return Ok(Self::Caller(caller));
        }
        match incoming.headers.get("authorization") {
            Some(authorization) => Caller::known(&authorization, config).map(Self::Caller),
            None => Session::of(incoming, config).map(Self::Session),
        }
    }

    /// The caller with a key or JWT, who may do this.
    ///
    /// # Errors
    /// As [`Principal::of`], and `forbidden` for one that may not, and for every session.
    pub(crate) fn caller(context: &'a Context<'_>, can: Can) -> Result<&'a Caller, Problem> {
        match Self::of(context)? {
            Self::Caller(caller) => caller.check(can).map(|()| caller),
            Self::Session(_) => Err(Problem::new(
                Code::Forbidden,
                "A session may call /api, /session and /logout.",
            )),
        }
    }
}

/// What follows `Bearer `.
pub(crate) fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, credential) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(credential)
}

impl Caller {
    fn known<'a>(authorization: &str, config: &'a Config) -> Result<&'a Self, Problem> {
        let caller = bearer(authorization).and_then(|key| config.callers.find(key));
        caller.ok_or_else(|| {
            Problem::new(
                Code::Unauthenticated,
                "The key is not known. Send Authorization: Bearer with a key.",
            )
        })
    }

    /// Checks what the caller may do.
    ///
    /// # Errors
    /// `forbidden` with the word that is missing in `can`.
    pub(crate) fn check(&self, can: Can) -> Result<(), Problem> {
        let (granted, word) = match can {
            Can::Api => (self.can.api, "api"),
            Can::Token => (self.can.token, "token"),
            Can::Admin => (self.can.admin, "admin"),
        };
        let refusal = || {
            Problem::new(
                Code::Forbidden,
                format!("This caller's list \"can\" does not hold \"{word}\"."),
            )
        };
        granted.then_some(()).ok_or_else(refusal)
    }
}

/// A connection that exists and that the caller may know of: an app with one of its accounts.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    /// The app.
    pub(crate) app: &'a ConfiguredApp,
    /// The account.
    pub(crate) account: Cow<'a, str>,
    /// Both, as the platform sees them.
    pub(crate) party: Party<'a>,
    /// The caller with a key or JWT who asks, by its configured name.
    pub(crate) caller: Option<&'a str>,
}

impl<'a> Subject<'a> {
    /// The connection for a caller with a key or JWT.
    ///
    /// # Errors
    /// `not_found` for one that does not exist, and just the same for one that the caller may not know of.
    pub(crate) fn of_caller(
        config: &'a Config,
        caller: &'a Caller,
        place: Place<'a>,
    ) -> Result<Self, Problem> {
        let visible = caller.may(place.app, place.account);
        let found = Self::find(config, place.app, Cow::Borrowed(place.account));
        found
            .filter(|_| visible)
            .map(|subject| Self {
                caller: Some(&caller.name),
                ..subject
            })
            .ok_or_else(not_found)
    }

    /// The connection for a session, which has one only.
    ///
    /// # Errors
    /// `not_found` for every other.
    pub(crate) fn of_session(
        config: &'a Config,
        session: &Session,
        place: Place<'a>,
    ) -> Result<Self, Problem> {
        let own = place.app == session.app
            && (place.account == OWN_ACCOUNT || place.account == session.account);
        let account = Cow::Owned(session.account.clone());
        Self::find(config, place.app, account)
            .filter(|_| own)
            .ok_or_else(not_found)
    }

    /// The connection by its names, whoever asks.
    pub(crate) fn find(config: &'a Config, app: &str, account: Cow<'a, str>) -> Option<Self> {
        let app = config.apps.get(app)?;
        let party = app
            .app
            .account(&account)
            .filter(|_| app.accounts.contains(&account))?;
        Some(Self {
            app,
            account,
            party,
            caller: None,
        })
    }

    /// The name of the connection's vault.
    pub(crate) fn key(&self) -> String {
        self.party.key(&self.app.name, &self.account)
    }
}

fn not_found() -> Problem {
    Problem::new(
        Code::NotFound,
        "There is no such app or account for this caller.",
    )
}
