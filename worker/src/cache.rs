//! An isolate's memory of tokens: read-only copies in front of the vaults, so that most calls need no round trip.
//!
//! A copy never outlives its token, and is asked for anew after [`MAX_AGE`] seconds at the latest: that is how long an
//! isolate may take to learn of a forced refresh, a `DELETE` or a logout that happened elsewhere.

use std::{cell::RefCell, rc::Rc};

use tillgate_core::{platform::TokenHeaders, secret::AccessToken, time::UnixTime};

use crate::lasting::Lasting;

/// Longest time in seconds that a copy is used without asking its vault again.
pub(crate) const MAX_AGE: u64 = 60;
/// Most copies that are kept: 10,000 of about 1 KiB are a tenth of an isolate's memory.
const MAX_ENTRIES: usize = 10_000;
/// Most sessions remembered with one copy.
const MAX_SESSIONS: usize = 64;

/// A token, ready to be used.
#[derive(Debug)]
pub(crate) struct Supply {
    /// The token.
    pub(crate) access_token: AccessToken,
    /// The headers it is sent in.
    pub(crate) headers: Lasting<TokenHeaders>,
    /// When it ends.
    pub(crate) expires_at: UnixTime,
    /// Its ticket.
    pub(crate) ticket: String,
    /// Until when this copy may be used.
    pub(crate) good_until: UnixTime,
    /// The answer of `/token`, which is the same for a whole second.
    pub(crate) answer: RefCell<Option<(UnixTime, Rc<Lasting<String>>)>>,
}

impl Supply {
    /// The answer of `/token` at this time, written by the first call of each second.
    pub(crate) fn answer(
        &self,
        now: UnixTime,
        write: impl FnOnce() -> String,
    ) -> Rc<Lasting<String>> {
        let mut kept = self.answer.borrow_mut();
        match kept.as_ref() {
            Some((at, answer)) if *at == now => Rc::clone(answer),
            _ => {
                let answer = Rc::new(Lasting::from(write()));
                *kept = Some((now, Rc::clone(&answer)));
                answer
            }
        }
    }
}

/// The copies of one isolate.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// In the order of their names.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    app: String,
    account: String,
    supply: Rc<Supply>,
    /// Sessions that the vault confirmed together with this copy.
    sessions: Vec<String>,
}

impl Cache {
    /// The copy for a connection, if it may be used now; with `session`, only if the vault has confirmed that session.
    pub(crate) fn get(
        &self,
        app: &str,
        account: &str,
        session: Option<&str>,
        now: UnixTime,
    ) -> Option<Rc<Supply>> {
        let entry = self.entries.get(self.place(app, account).ok()?)?;
        let confirmed =
            session.is_none_or(|session| entry.sessions.iter().any(|known| known == session));
        (confirmed && now < entry.supply.good_until).then(|| Rc::clone(&entry.supply))
    }

    /// Where the copy for a connection is, or else where it belongs.
    fn place(&self, app: &str, account: &str) -> Result<usize, usize> {
        self.entries
            .binary_search_by(|entry| (&*entry.app, &*entry.account).cmp(&(app, account)))
    }

    /// Keeps a copy, together with the session that asked for it. A copy of the same token that is still good stays as it
    /// is, so that no session is believed for longer than [`MAX_AGE`] after the vault confirmed it.
    pub(crate) fn put(
        &mut self,
        app: &str,
        account: &str,
        supply: &Rc<Supply>,
        session: Option<&str>,
        now: UnixTime,
    ) {
        self.make_room(now);
        let fresh = || Entry {
            app: app.to_owned(),
            account: account.to_owned(),
            supply: Rc::clone(supply),
            sessions: Vec::new(),
        };
        let place = self.place(app, account);
        if let Err(place) = place {
            self.entries.insert(place, fresh());
        }
        let (Ok(place) | Err(place)) = place;
        let Some(entry) = self.entries.get_mut(place) else {
            return;
        };
        if entry.supply.ticket != supply.ticket || now >= entry.supply.good_until {
            *entry = fresh();
        }
        entry.sessions.extend(session.map(str::to_owned));
        entry.sessions.truncate(MAX_SESSIONS);
    }

    /// Drops the copy for a connection.
    pub(crate) fn forget(&mut self, app: &str, account: &str) {
        if let Ok(place) = self.place(app, account) {
            self.entries.remove(place);
        }
    }

    fn make_room(&mut self, now: UnixTime) {
        if self.entries.len() < MAX_ENTRIES {
            return;
        }
        self.entries.retain(|entry| now < entry.supply.good_until);
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.clear();
        }
    }
}
