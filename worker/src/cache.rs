//! An isolate's memory of tokens: read-only copies in front of the vaults, so that most calls need no round trip.
//!
//! A copy never outlives its token, and is asked for anew after [`MAX_AGE`] seconds at the latest: that is how long an
//! isolate may take to learn of a forced refresh, a `DELETE` or a logout that happened elsewhere.

use std::{cell::RefCell, rc::Rc};

use tillgate_core::{platform::TokenHeaders, secret::AccessToken, time::UnixTime};

use crate::{lasting::Lasting, step::Body};

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
    /// The last answer of `/token` with it.
    pub(crate) answer: RefCell<Option<Answered>>,
}

/// An answer of `/token`.
#[derive(Debug)]
pub(crate) struct Answered {
    at: UnixTime,
    /// Its body, if there was more than one call in that second.
    body: Option<Rc<Lasting<String>>>,
}

impl Supply {
    /// The body of `/token` at this time, which is the same for a whole second. It is kept from the second call of a second
    /// on: one for each of thousands of connections that are asked for now and then would fill the isolate for nothing.
    pub(crate) fn answer(&self, now: UnixTime, write: impl FnOnce() -> String) -> Body {
        let mut last = self.answer.borrow_mut();
        match &mut *last {
            Some(answered) if answered.at == now => {
                let body = answered.body.get_or_insert_with(|| Rc::new(write().into()));
                Body::Lasting(Rc::clone(body))
            }
            _ => {
                *last = Some(Answered {
                    at: now,
                    body: None,
                });
                Body::Text(write())
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
        let fresh = || Entry {
            app: app.to_owned(),
            account: account.to_owned(),
            supply: Rc::clone(supply),
            sessions: Vec::new(),
        };
        if self.place(app, account).is_err() {
            self.make_room(now);
        }
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

    /// Where there are too many copies, drops those that may no longer be used; if that is not enough, those with less than
    /// half of their time left; and if that is not enough, all.
    fn make_room(&mut self, now: UnixTime) {
        for left in [0, MAX_AGE / 2, MAX_AGE] {
            if self.entries.len() >= MAX_ENTRIES {
                let until = now.plus(left);
                self.entries.retain(|entry| until < entry.supply.good_until);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tillgate_core::{
        clearline::{App, BasicEncoding},
        endpoint::{ApiBase, Endpoint},
        platform::Party,
        secret::ClientSecret,
    };

    use super::*;
    use crate::example::NOW;

    fn headers(token: &AccessToken) -> TokenHeaders {
        let app = App {
            client_id: "pos".to_owned(),
            client_secret: ClientSecret::parse("wvP2zkQ9t4").unwrap(),
            token_endpoint: Endpoint::parse("https://pos.example/token").unwrap(),
            api: ApiBase::parse("https://pos.example").unwrap(),
            basic: BasicEncoding::Form,
        };
        Party::Clearline(&app).token_headers(token)
    }

    fn supply(good_until: UnixTime) -> Rc<Supply> {
        let access_token = AccessToken::parse("t").unwrap();
        Rc::new(Supply {
            headers: headers(&access_token).into(),
            access_token,
            expires_at: good_until,
            ticket: String::new(),
            good_until,
            answer: RefCell::default(),
        })
    }

    /// A full memory of accounts `0` and so on, each a copy that the function makes of its number.
    fn full(good_until: impl Fn(usize) -> UnixTime) -> Cache {
        let mut cache = Cache::default();
        for number in 0..MAX_ENTRIES {
            let copy = supply(good_until(number));
            cache.put("cafe", &number.to_string(), &copy, None, NOW);
        }
        cache
    }

    fn has(cache: &Cache, account: &str) -> bool {
        cache.get("cafe", account, None, NOW).is_some()
    }

    #[test]
    fn a_full_memory_first_drops_the_copies_whose_time_is_over() {
        let over = |number| if number == 7 { NOW } else { NOW.plus(1) };
        let mut cache = full(over);
        cache.put("cafe", "new", &supply(NOW.plus(MAX_AGE)), None, NOW);
        assert_eq!(cache.entries.len(), MAX_ENTRIES);
        assert!(has(&cache, "new") && !has(&cache, "7") && has(&cache, "8"));
    }

    #[test]
    fn a_full_memory_then_drops_the_older_copies() {
        let half = |number| NOW.plus(if number % 2 == 0 { 10 } else { MAX_AGE });
        let mut cache = full(half);
        cache.put("cafe", "new", &supply(NOW.plus(MAX_AGE)), None, NOW);
        assert!(has(&cache, "new") && !has(&cache, "8") && has(&cache, "9"));
    }

    #[test]
    fn a_memory_full_of_new_copies_begins_anew() {
        let mut cache = full(|_| NOW.plus(MAX_AGE));
        cache.put("cafe", "new", &supply(NOW.plus(MAX_AGE)), None, NOW);
        assert!(has(&cache, "new") && cache.entries.len() == 1);
    }

    #[test]
    fn a_copy_that_is_renewed_takes_the_place_of_no_other() {
        let mut cache = full(|_| NOW.plus(MAX_AGE));
        cache.put("cafe", "7", &supply(NOW.plus(MAX_AGE)), None, NOW);
        assert_eq!(cache.entries.len(), MAX_ENTRIES);
    }
}
